"""Contents that are being written, in memory while they are small; sent when they are closed or synced."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

_HELD = 256 << 10  # contents up to this size stay in memory: they are in the journal once they are closed
_ALL_HELD = 64 << 20


@dataclass
class Memory:
    """How many bytes of contents are held in memory, and may be."""

    limit: int = _ALL_HELD
    used: int = 0


class LocalFile:
    """The contents of one file here, from the first write until the service has them.

    Calls on the descriptor stay in the event loop's thread: they meet the page cache of a local disk, and a
    thread switch would cost more than they do.

    Args:
        path: where it lies when it is too large for memory; there is nothing yet.
        base: etag of the version that it began from, None for a new file.
        memory: shared by all.
    """

    def __init__(self, path: Path, base: str | None, memory: Memory) -> None:
        self.path, self.base, self._memory = path, base, memory
        self._held: bytearray | None = bytearray()
        self._fd = -1
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

    @property
    def source(self) -> bytes | Path:
        """The contents, or the file that holds them."""
        return self.path if self._held is None else bytes(self._held)

    @property
    def fd(self) -> int:
        """Descriptor of the file that holds the contents, which is made if they were in memory."""
        if self._held is not None:
            self._fd = _file_of(self.path, self._held)
            self._memory.used -= len(self._held)
            self._held = None
        return self._fd

    def clean(self) -> None:
        """Note that nothing of it is to be sent any more."""
        self.acknowledged = self.generation

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes."""
        if self._held is not None:
            return bytes(memoryview(self._held)[offset : offset + size])
        return os.pread(self._fd, size, offset)

    def put(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Put bytes in their place, which is no change of the file by itself."""
        held = self._held
        if held is not None and self._fits(offset + len(data)):
            self._resize(held, max(len(held), offset + len(data)))
            held[offset : offset + len(data)] = data
        else:
            _write_all(self.fd, offset, data)

    def _fits(self, size: int) -> bool:
        held = self._held
        if held is None or size > _HELD:
            return False
        return self._memory.used + size - len(held) <= self._memory.limit

    def _resize(self, held: bytearray, size: int) -> None:
        self._memory.used += size - len(held)
        if size < len(held):
            del held[size:]
        else:
            held.extend(bytes(size - len(held)))

    def write(self, offset: int, data: bytes | memoryview) -> int:
        """Write and return the number of bytes."""
        self.put(offset, data)
        self.size = max(self.size, offset + len(data))
        self.touch()
        return len(data)

    def truncate(self, size: int) -> None:
        """Cut or extend to `size` bytes."""
        if self._held is not None and self._fits(size):
            self._resize(self._held, size)
        else:
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
        os.link(path, self.path)
        self._fd, self._held = os.open(self.path, os.O_RDWR), None
        self.size = os.fstat(self._fd).st_size

    def close(self) -> None:
        """Give up the memory, or close and delete the file."""
        if self._held is not None:
            self._memory.used -= len(self._held)
            self._held = bytearray()
        else:
            os.close(self._fd)
            self.path.unlink(missing_ok=True)


def _file_of(path: Path, data: bytearray) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write_all(descriptor, 0, data)
    except OSError:
        os.close(descriptor)
        path.unlink()
        raise
    return descriptor


def _write_all(descriptor: int, offset: int, data: bytes | bytearray | memoryview) -> None:
    written = 0
    while written < len(data):
        written += os.pwrite(descriptor, memoryview(data)[written:], offset + written)


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
        self._memory = Memory()

    def create(self, base: str | None) -> LocalFile:
        """Return a new local file."""
        return LocalFile(self.folder / str(next(self._numbers)), base, self._memory)

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
