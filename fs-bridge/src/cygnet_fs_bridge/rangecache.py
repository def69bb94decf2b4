"""Ranges of remote files that were read, kept on local disk for every program of the person on this machine.

A version of a file has two files here: a sparse one with its bytes at the places that they have in the remote
file, and a log of which ranges are there, each with a checksum. So nothing more travels than was asked for,
processes need no lock (what two of them write is the same), and a range that a power cut damaged is not
believed. The versions that were not read for longest are thrown away first.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import os
import struct
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

Range = tuple[int, int]  # first byte, byte after the last

LARGEST = 10 << 20  # more than this is a copy, not a look into a file
_RECORD = struct.Struct("<QQI")  # start, end, checksum
_CHECK_EVERY = 5.0


class RangeCache:
    """A folder of ranges. Calls block on local disk.

    Args:
        folder: made if it is not there.
        limit: most bytes on disk, give or take what is read in some seconds.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._checked = 0.0

    def _paths(self, name: str, version: str) -> tuple[Path, Path]:
        path = self._folder / f"{_short(name)}-{_short(version)}"
        return path.with_suffix(".data"), path.with_suffix(".log")

    def knows(self, name: str) -> bool:
        """Whether there is anything of any version of a file."""
        return any(self._folder.glob(f"{_short(name)}-*.log"))

    def read(self, name: str, version: str, wanted: Sequence[Range]) -> list[bytes | None]:
        """Return what is here of a version, None for a range that is not.

        Args:
            name: address of a file.
            version: another one whenever its contents are others.
            wanted: the ranges.
        """
        data, log = self._paths(name, version)
        try:
            known = _known(log.read_bytes())
            with data.open("rb", buffering=0) as file:
                found = [_found(file.fileno(), known, span) for span in wanted]
            os.utime(log)
        except OSError:
            return [None] * len(wanted)
        return found

    def write(self, name: str, version: str, pieces: Iterable[tuple[int, bytes]]) -> None:
        """Keep bytes of a version; a full disk is no error.

        Args:
            name: address of a file.
            version: another one whenever its contents are others.
            pieces: where each begins in the file, and its bytes.
        """
        data, log = self._paths(name, version)
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(data, log, [(start, piece) for start, piece in pieces if piece])
            self._bound()

    def _write(self, data: Path, log: Path, pieces: list[tuple[int, bytes]]) -> None:
        records = b""
        descriptor = os.open(data, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            for start, piece in pieces:
                if os.pwrite(descriptor, piece, start) == len(piece):
                    records += _RECORD.pack(start, start + len(piece), zlib.crc32(piece))
        finally:
            os.close(descriptor)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, records)
        finally:
            os.close(descriptor)

    def _bound(self) -> None:
        now = time.monotonic()
        if now - self._checked < _CHECK_EVERY:
            return
        self._checked = now
        versions = sorted(_versions(self._folder))
        size = sum(blocks for _, blocks, _ in versions)
        for _, blocks, log in versions:
            if size <= self._limit:
                return
            log.unlink(missing_ok=True)
            log.with_suffix(".data").unlink(missing_ok=True)
            size -= blocks


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _versions(folder: Path) -> Iterable[tuple[float, int, Path]]:
    """Give of every version when it was last read, its bytes on disk, and its log."""
    for log in folder.glob("*.log"):
        with contextlib.suppress(FileNotFoundError):
            yield log.stat().st_mtime, log.with_suffix(".data").stat().st_blocks * 512, log


def _known(log: bytes) -> dict[Range, int]:
    whole = len(log) // _RECORD.size * _RECORD.size
    return {(start, end): checksum for start, end, checksum in _RECORD.iter_unpack(log[:whole])}


def _found(descriptor: int, known: dict[Range, int], wanted: Range) -> bytes | None:
    start, end = wanted
    span = (
        wanted if wanted in known else next((one for one in known if one[0] <= start and end <= one[1]), None)
    )
    if span is None:
        return None
    data = os.pread(descriptor, span[1] - span[0], span[0])
    if zlib.crc32(data) != known[span]:
        return None
    return data[start - span[0] : end - span[0]]


@functools.cache
def _at(folder: Path, limit: int) -> RangeCache:
    return RangeCache(folder, limit)


def shared() -> RangeCache | None:
    """Return the cache of this person on this machine, None if `CYGNET_RANGE_CACHE_MB` is 0."""
    limit = int(os.environ.get("CYGNET_RANGE_CACHE_MB") or "1024") << 20
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return _at(Path(base) / "cygnet" / "ranges", limit) if limit > 0 else None


def small(wanted: Sequence[Range]) -> bool:
    """Whether ranges are such as are kept."""
    return all(end - start <= LARGEST for start, end in wanted)


async def through(
    name: str, version: str, wanted: Sequence[Range], fetch: Callable[[list[Range]], Awaitable[list[bytes]]]
) -> list[bytes]:
    """Return ranges, from the shared cache as far as they are there.

    Args:
        name: address of a file.
        version: another one whenever its contents are others.
        wanted: ranges inside the file.
        fetch: gets those that are missing; may raise what it likes.
    """
    cache = shared()
    if cache is None or not small(wanted):
        return await fetch(list(wanted))
    found = await asyncio.to_thread(cache.read, name, version, wanted)
    missing = [span for span, data in zip(wanted, found, strict=True) if data is None]
    if not missing:
        return [data for data in found if data is not None]
    parts = await fetch(missing)
    pieces = [(start, part) for (start, _), part in zip(missing, parts, strict=True)]
    await asyncio.to_thread(cache.write, name, version, pieces)
    fetched = iter(parts)
    return [next(fetched) if data is None else data for data in found]
