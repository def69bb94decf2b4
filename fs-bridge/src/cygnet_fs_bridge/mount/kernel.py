"""Telling the kernel what to forget, from a thread of its own, and removing mounts that nobody serves."""

from __future__ import annotations

import errno
import logging
import os
import queue
import re
import subprocess
import threading
from pathlib import Path
from typing import Protocol

import pyfuse3

log = logging.getLogger(__name__)


class Invalidator(Protocol):
    """Makes the kernel forget what it keeps without a time limit."""

    def inode(self, ino: int, attributes_only: bool = False) -> None:
        """Forget attributes and, unless told otherwise, pages of an inode."""

    def entry(self, parent: int, name: str) -> None:
        """Forget what a name in a folder means, also that it does not exist."""


class KernelInvalidator:
    """Sends the notifications in a thread: the kernel may let them wait for a request that we serve."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[int, bytes | None, bool] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="mount invalidation", daemon=True)
        self._thread.start()

    def inode(self, ino: int, attributes_only: bool = False) -> None:
        """Forget attributes and, unless told otherwise, pages of an inode."""
        self._queue.put((ino, None, attributes_only))

    def entry(self, parent: int, name: str) -> None:
        """Forget what a name in a folder means."""
        self._queue.put((parent, os.fsencode(name), False))

    def stop(self) -> None:
        """End the thread; what the kernel lets wait is given up after a second: the mount ends anyway."""
        self._queue.put(None)
        self._thread.join(1.0)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            ino, name, attributes_only = item
            try:
                if name is None:
                    pyfuse3.invalidate_inode(ino, attributes_only)
                else:
                    pyfuse3.invalidate_entry(ino, name)
            except OSError as error:
                # ENOENT: the kernel does not know it. ENOTCONN and the like: the mount is gone.
                if error.errno != errno.ENOENT:
                    log.warning("the kernel did not take an invalidation: %s", error)


def is_stale(folder: Path) -> bool:
    """Whether a mount lies on `folder` whose process is gone."""
    try:
        os.statvfs(folder)  # the kernel still answers `stat` of a dead mount from what it remembers
    except OSError as error:
        return error.errno == errno.ENOTCONN
    return False


def is_ours(folder: Path) -> bool:
    """Whether a mount of this kind lies on `folder`."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return any(kind == "fuse.cygnet" and _plain(place) == str(folder) for _, place, kind, *_ in mounts)


def _plain(place: str) -> str:
    """Return a path of the kernel's table of mounts, where blanks and the like are octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), place)


def unmount(folder: Path, timeout: float = 10.0) -> None:
    """Take a mount away even if somebody uses it; raise OSError when that fails."""
    done = subprocess.run(
        ["fusermount3", "-u", "-z", "--", str(folder)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        raise OSError(errno.EBUSY, f"cannot unmount: {done.stderr.strip()}", str(folder))
