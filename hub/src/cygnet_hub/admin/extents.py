"""Copying the contents of files from one storage to another: what is there is not copied again.

An extent never changes, so one of the right size is the right one. Each appears whole or not at all, so a
copy that was broken off goes on where it was.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cygnet_hub.services.sync.store.contents import BLOCK, Contents
from cygnet_hub.services.sync.store.storage import DurableLocalFileSystem

#: S3 takes its time to answer, and answers many at once.
AT_ONCE = 8


@dataclass
class Progress:
    """How far a copy has come: extents and bytes.

    Args:
        tell: is given this object after each extent, by one thread at a time.
    """

    tell: Callable[[Progress], None]
    extents: int = 0
    size: int = 0
    all_extents: int = 0
    all_size: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def expect(self, sizes: Collection[int]) -> None:
        """So many more extents are to be copied."""
        self.all_extents += len(sizes)
        self.all_size += sum(sizes)

    def done(self, size: int) -> None:
        """One more was copied."""
        with self._lock:
            self.extents += 1
            self.size += size
            self.tell(self)


def bring(source: Contents, target: Contents, progress: Progress) -> None:
    """Copy to `target` what it lacks. Blocks.

    Raises:
        OSError: an extent could not be read or written.
    """
    have = dict(target.keys())
    missing = {key: size for key, size in dict(source.keys()).items() if have.get(key) != size}
    progress.expect(missing.values())

    def copy(key: str, size: int) -> None:
        with contextlib.suppress(FileNotFoundError):  # cleared away in this moment
            copy_one(source, target, key, size)
            progress.done(size)

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="copy") as pool:
        try:
            copies = [pool.submit(copy, key, size) for key, size in missing.items()]
            done, _ = wait(copies, return_when=FIRST_EXCEPTION)
            for one in done:
                one.result()
        finally:
            pool.shutdown(cancel_futures=True)


def copy_one(source: Contents, target: Contents, key: str, size: int) -> None:
    """Copy one extent, or link it where that is possible. Blocks.

    Raises:
        OSError: it could not be read or written; FileNotFoundError: it is not there.
    """
    old, new = source.path(key), target.path(key)
    if _is_here(source) and _is_here(target) and _link(old, new):
        return
    file: Any = target.filesystem.open(new, "wb")
    try:
        for data in _pieces(source, old, size):
            file.write(data)
    except BaseException:
        file.discard()
        if not file.closed:
            file.closed = True  # or it would store what it has once it is collected
        raise
    file.close()


def _is_here(contents: Contents) -> bool:
    return isinstance(contents.filesystem, DurableLocalFileSystem)


def _pieces(source: Contents, path: str, size: int) -> Iterator[bytes]:
    if size <= BLOCK:
        yield source.filesystem.cat_file(path)
        return
    with source.filesystem.open(path, "rb", block_size=8 * BLOCK) as file:
        while data := file.read(8 * BLOCK):
            yield data


def _link(old: str, new: str) -> bool:
    Path(new).unlink(missing_ok=True)  # of another size
    try:
        os.link(old, new)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without links
        return False
    return True
