"""Telling the kernel what to forget, from a thread of its own, and removing mounts that nobody serves."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import queue
import re
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ..fuse.device import Device

log = logging.getLogger(__name__)


class Invalidator(Protocol):
    """Makes the kernel forget what it keeps without a time limit."""

    def inode(self, ino: int, attributes_only: bool = False) -> None:
        """Forget attributes and, unless told otherwise, pages of an inode."""

    def entry(self, parent: int, name: str) -> None:
        """Forget what a name in a folder means, also that it does not exist."""

    def listing(self, ino: int) -> None:
        """Forget attributes of a folder, and which names are in it."""

    def contents(self, ino: int, data: bytes) -> None:
        """Keep the contents of a file that nobody has open yet, instead of asking for them."""


# No name, so nothing is forgotten; but the kernel takes it only after readers of the folder, who may just be
# keeping a listing of before, are through.
_AFTER_READERS = b"."


class KernelInvalidator:
    """Sends the notifications in a thread: the kernel may let them wait for a request that we serve.

    Attributes:
        device: the kernel's side, None as long as nothing is mounted, so that there is nothing to forget.
    """

    def __init__(self) -> None:
        self.device: Device | None = None
        self._queue: queue.SimpleQueue[Callable[[Device], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="mount invalidation", daemon=True)
        self._thread.start()

    def inode(self, ino: int, attributes_only: bool = False) -> None:
        """Forget attributes and, unless told otherwise, pages of an inode."""
        self._queue.put(lambda device: device.forget_inode(ino, pages=not attributes_only))

    def entry(self, parent: int, name: str) -> None:
        """Forget what a name in a folder means."""
        self._queue.put(lambda device: device.forget_entry(parent, os.fsencode(name)))

    def listing(self, ino: int) -> None:
        """Forget attributes of a folder, and which names are in it."""
        self._queue.put(lambda device: device.forget_entry(ino, _AFTER_READERS))
        self.inode(ino)

    def contents(self, ino: int, data: bytes) -> None:
        """Give it the contents of a file that nobody has open yet: so none of its pages waits for us."""
        if self.device is not None:
            with contextlib.suppress(OSError):  # it has forgotten the file or has no memory: it will ask
                self.device.store(ino, data)

    def stop(self) -> None:
        """End the thread; what the kernel lets wait is given up after a second: the mount ends anyway."""
        self._queue.put(None)
        self._thread.join(1.0)

    def _run(self) -> None:
        while (notification := self._queue.get()) is not None:
            if self.device is None:
                continue
            try:
                notification(self.device)
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
