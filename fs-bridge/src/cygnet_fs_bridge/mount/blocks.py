"""A bounded cache of file contents on local disk: one file, cut into slots of one block each."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path

BLOCK = 128 << 10

# A version of a file and the number of a block in it.
Key = tuple[str, str, int]


class BlockCache:
    """Blocks of file versions, the least recently used thrown away first.

    A version never changes, so a block is right for ever or not there. Calls stay in the event loop's thread
    for the reason given in `LocalFile`.

    Args:
        path: file that holds the blocks; it loses its name at once, so a crash leaves nothing.
        limit: most bytes on disk.
    """

    def __init__(self, path: Path, limit: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        path.unlink()
        self._slots = max(64, limit // BLOCK)
        self._used: OrderedDict[Key, tuple[int, int]] = OrderedDict()
        self._free: list[int] = []
        self._next = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._used

    def get(self, key: Key, start: int = 0, end: int = BLOCK) -> bytes | None:
        """Return the bytes from `start` up to `end` of a block, None if it is not here."""
        found = self._used.get(key)
        if found is None:
            return None
        self._used.move_to_end(key)
        slot, length = found
        return os.pread(self._fd, max(0, min(end, length) - start), slot * BLOCK + start)

    def put(self, key: Key, data: bytes | bytearray | memoryview) -> None:
        """Keep a block of at most BLOCK bytes."""
        if key in self._used:
            return
        slot = self._slot()
        if self._write(slot, data):
            self._used[key] = (slot, len(data))
        else:
            self._free.append(slot)

    def _write(self, slot: int, data: bytes | bytearray | memoryview) -> bool:
        try:
            return os.pwrite(self._fd, data, slot * BLOCK) == len(data)
        except OSError:
            # The disk is full: a cache that cannot grow is no reason to fail a read.
            return False

    def _slot(self) -> int:
        if self._free:
            return self._free.pop()
        if self._next < self._slots:
            self._next += 1
            return self._next - 1
        _, (slot, _) = self._used.popitem(last=False)
        return slot

    def close(self) -> None:
        """Give the disk space back."""
        os.close(self._fd)
