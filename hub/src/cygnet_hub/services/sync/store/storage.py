"""Where file contents lie: any fsspec file system; for a directory, one whose writes are durable.

The seam is fsspec itself. `DurableLocalFileSystem` only changes what closing a written file means: the bytes
and the name are on disk, or nothing is there.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
from pathlib import Path
from typing import Any

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from .folders import make_folder, sync_folder

#: Bytes that wait in memory before the disk is asked to begin with them.
AHEAD = 8 << 20


def open_storage(url: str) -> tuple[AbstractFileSystem, str]:
    """The file system that `url` names, and the folder in it; the folder is made if it is missing. Blocks.

    Args:
        url: `file:///dir`, `s3://bucket/prefix`, or any other that fsspec knows.
    """
    if url.startswith("file://"):
        root = url.removeprefix("file://")
        make_folder(Path(root))
        return DurableLocalFileSystem(), root
    # Listings are never remembered: other processes write too.
    filesystem, root = url_to_fs(url, use_listings_cache=False)
    filesystem.makedirs(root, exist_ok=True)
    return filesystem, root


class DurableLocalFileSystem(LocalFileSystem):
    """Local files; one opened with "wb" appears under its name, whole and on disk, when it is closed."""

    cachable = False
    #: Whether the system can say that bytes are not in memory; None: it was never asked.
    tells_what_is_at_hand: bool | None = None

    def _open(self, path: str, mode: str = "rb", block_size: int | None = None, **kwargs: Any) -> Any:
        if mode != "wb":
            return super()._open(path, mode, block_size, **kwargs)
        return DurableFile(path)

    def at_hand(self, path: str, start: int, end: int) -> bytes | memoryview:
        """The bytes from `start` to `end`, as many as there are, if no disk has to be waited for.

        Raises:
            BlockingIOError: some of them are not in memory.
        """
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            found = bytearray(max(min(end, os.fstat(file).st_size) - start, 0))
            came = os.preadv(file, [found], start, os.RWF_NOWAIT)
        except OSError as error:
            if error.errno != errno.EOPNOTSUPP:
                raise
            # Of a file system that cannot tell, it is found out by reading.
            self.tells_what_is_at_hand = False
            return os.pread(file, end - start, start)
        finally:
            os.close(file)
        self.tells_what_is_at_hand = True
        if came < len(found):
            raise BlockingIOError
        return memoryview(found)  # parts of it are taken without a copy

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """The bytes from `start` to `end`, as many as there are: three calls to the system."""
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            last = os.fstat(file).st_size if end is None else end
            return os.pread(file, last - (start or 0), start or 0)
        finally:
            os.close(file)


class DurableFile(io.FileIO):
    """A file written beside its final place; `close` makes it durable and visible, `discard` forgets it."""

    def __init__(self, path: str) -> None:
        self._target = path
        self._draft = f"{path}.{secrets.token_hex(4)}.part"
        self._settled = False
        self._size = self._on_its_way = 0
        super().__init__(self._draft, "xb")

    def write(self, data: Any) -> int:
        """Write all of `data`: a raw file may take only a part at a time."""
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            done += super().write(view[done:]) or 0
        self._size += done
        if self._size - self._on_its_way >= AHEAD:
            self._begin_to_flush()
        return done

    def _begin_to_flush(self) -> None:
        """Have what was written brought to the disk while more comes: `close` waits for the rest only."""
        length, begin = self._size - self._on_its_way, self._on_its_way
        os.posix_fadvise(self.fileno(), begin, length, os.POSIX_FADV_DONTNEED)
        self._on_its_way = self._size

    def close(self) -> None:
        """fdatasync, rename, fsync of the directory. Blocks.

        Raises:
            ValueError: it was discarded.
        """
        if self._settled:
            if not Path(self._target).exists():
                raise ValueError("what was discarded cannot be kept")
            return
        self._settled = True
        try:
            os.fdatasync(self.fileno())
            super().close()
            Path(self._draft).rename(self._target)
        except BaseException:
            super().close()
            Path(self._draft).unlink(missing_ok=True)
            raise
        sync_folder(Path(self._target).parent)

    def discard(self) -> None:
        """Close, and leave nothing; once it is closed, this does nothing."""
        if self._settled:
            return
        self._settled = True
        super().close()
        Path(self._draft).unlink(missing_ok=True)

    def __exit__(self, kind: object, *_rest: object) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def __del__(self) -> None:
        self.discard()
