"""Contents that are being written: local files, sent when they are closed or synced."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import time
from pathlib import Path


class LocalFile:
    """The contents of one file on local disk, from the first write until the service has them.

    Calls on the descriptor stay in the event loop's thread: they meet the page cache of a local disk, and a
    thread switch would cost more than they do.

    Args:
        path: where it lies; made empty.
        base: etag of the version that it began from, None for a new file.
    """

    def __init__(self, path: Path, base: str | None) -> None:
        self.path = path
        self.base = base
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self.size = 0
        self.loaded = False  # the contents are here; until then they are still only at the service
        self.mtime_ns = 0
        self.generation = 0  # counts changes
        self.acknowledged = 0  # the generation that the service has
        self.journalled = 0  # the generation that is in the journal
        self.record: int | None = None  # its number in the journal
        self.uncertain = False  # a request about it got no answer: the service may or may not have it
        self.told = False  # its writer was told that it cannot be saved
        self.lock = asyncio.Lock()  # held while the contents are loaded, changed or read as a whole
        self.sending = asyncio.Lock()  # held while a request about it is under way

    @property
    def dirty(self) -> bool:
        """Whether it has something that the service has not acknowledged."""
        return self.generation != self.acknowledged

    @property
    def safe(self) -> bool:
        """Whether what it has survives the end of this process."""
        return not self.dirty or self.generation == self.journalled

    def clean(self) -> None:
        """Note that nothing of it is to be sent any more."""
        self.acknowledged = self.generation

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes."""
        return os.pread(self.fd, size, offset)

    def write(self, offset: int, data: bytes) -> int:
        """Write and return the number of bytes."""
        written = 0
        while written < len(data):
            written += os.pwrite(self.fd, data[written:] if written else data, offset + written)
        self.size = max(self.size, offset + written)
        self.touch()
        return written

    def truncate(self, size: int) -> None:
        """Cut or extend to `size` bytes."""
        os.ftruncate(self.fd, size)
        self.size, self.loaded = size, True
        self.touch()

    def touch(self, mtime_ns: int | None = None) -> None:
        """Note that the contents, or with an argument the time stamp alone, were changed."""
        # The service keeps microseconds; a finer stamp would seem to change by itself at the upload.
        self.mtime_ns = (time.time_ns() if mtime_ns is None else mtime_ns) // 1000 * 1000
        self.generation += 1
        self.told = False

    def take(self, path: Path) -> None:
        """Become another name of a file on the same disk; that one may then be deleted."""
        os.close(self.fd)
        self.path.unlink()
        os.link(path, self.path)
        self.fd = os.open(self.path, os.O_RDWR)
        self.size = os.fstat(self.fd).st_size

    def close(self) -> None:
        """Close and delete."""
        os.close(self.fd)
        self.path.unlink(missing_ok=True)


class Spool:
    """Makes local files in one folder, which belongs to one mount.

    Args:
        folder: made.
        unsaved: folder for contents that can never be saved; made when there are some.
    """

    def __init__(self, folder: Path, unsaved: Path) -> None:
        folder.mkdir(parents=True, mode=0o700)
        self.folder, self._unsaved = folder, unsaved
        self._numbers = itertools.count()

    def create(self, base: str | None) -> LocalFile:
        """Return a new local file."""
        return LocalFile(self.folder / str(next(self._numbers)), base)

    def adopt(self, contents: bytes | Path, base: str | None, mtime_ns: int) -> LocalFile:
        """Return a local file with these contents, which nobody has acknowledged."""
        local = self.create(base)
        if isinstance(contents, bytes):
            local.write(0, contents)
        else:
            local.take(contents)
        local.loaded = True
        local.touch(mtime_ns)
        return local

    def keep(self, contents: bytes | Path, name: str) -> Path:
        """Keep contents that cannot be saved where nothing deletes them; return where."""
        self._unsaved.mkdir(parents=True, mode=0o700, exist_ok=True)
        stamp = time.strftime("%Y%m%d-%H%M%S")
        for number in itertools.count(1):
            kept = self._unsaved / f"{stamp}-{number}-{name}".encode()[:250].decode(errors="ignore")
            if not kept.exists():
                break
        if isinstance(contents, bytes):
            kept.write_bytes(contents)
        else:
            shutil.copyfile(contents, kept)
        return kept
