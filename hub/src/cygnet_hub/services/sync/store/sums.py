"""Checksums of the blocks of an extent: a read of any stretch gives the bytes that were stored, or fails.

A whole-file digest can only be checked after everything was sent. So each extent also has the CRC-32C of
every 64 KiB, in the database, apart from the bytes that they guard: 64 KiB for each GiB. A read is widened to
whole blocks, checked block by block, and cut again.

Behind the checksums stands one byte that says of which kind they are. Those of extents from before have no
such byte and are CRC-32, which processors have no instruction for: it takes ten times as long.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from awscrt.checksums import crc32c

SUMMED = 64 << 10
WIDTH = 4
CRC32C = b"C"


class Summer:
    """Makes the checksums of bytes as they pass."""

    def __init__(self) -> None:
        self._done = bytearray()
        self._crc = 0
        self._filled = 0

    def update(self, data: bytes | memoryview) -> None:
        """Go on with `data`."""
        view = memoryview(data)
        while len(view):
            part = view[: SUMMED - self._filled]
            self._crc = crc32c(part, self._crc)
            self._filled += len(part)
            view = view[len(part) :]
            if self._filled == SUMMED:
                self._close()

    def sums(self) -> bytes:
        """The checksums of all blocks; the last one may be short. Nothing may follow."""
        if self._filled:
            self._close()
        return bytes(self._done) + CRC32C if self._done else b""

    def _close(self) -> None:
        self._done += self._crc.to_bytes(WIDTH, "big")
        self._crc = self._filled = 0


def widened(offset: int, length: int) -> tuple[int, int]:
    """The stretch of whole blocks around another: (offset, length); perhaps beyond the end of the extent."""
    first = offset - offset % SUMMED
    return first, -(-(offset + length - first) // SUMMED) * SUMMED


def verified(blocks: Iterable[bytes], sums: bytes, offset: int) -> Iterator[bytes]:
    """The same runs of whole blocks, each checked before it is handed on.

    Args:
        blocks: bytes from `offset` on, in runs of whole blocks; only the last block of the extent is short.
        offset: a multiple of SUMMED.

    Raises:
        ValueError: they are not the bytes that were stored.
    """
    compute = crc32c if len(sums) % WIDTH else zlib.crc32
    for run in blocks:
        view, first = memoryview(run), offset // SUMMED
        for number in range(-(-len(run) // SUMMED)):
            crc = compute(view[number * SUMMED : (number + 1) * SUMMED])
            at = (first + number) * WIDTH
            if crc.to_bytes(WIDTH, "big") != sums[at : at + WIDTH]:
                raise ValueError(f"block {first + number} is not what was stored")
        offset += len(run)
        yield run
