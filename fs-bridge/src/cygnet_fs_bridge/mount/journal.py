"""What was acknowledged to programs but not yet by the service, on local disk: an append-only log.

A record has a head of JSON and, for small files, the contents behind it; large files lie in the spool, and
the record names them with their size. Three kinds: `put` (new contents, a folder, or that something is to be
removed), `meta` (another path, base or time stamp for them) and `done` (the service has them, or they are not
wanted any more). Of records with the same number the last counts. A record that is cut short, or damaged,
ends its segment.

What was appended survives the end of this process at once, as what is written to a local disk does; the end
of the machine it survives a second later, when the log has been synced, if the service does not have it by
then.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from .tasks import Tasks

log = logging.getLogger(__name__)

_FRAME = struct.Struct(">4sIII")  # mark, checksum of all behind it, bytes of the head, bytes of the contents
_MARK = b"CyJ1"
_SEGMENT = 32 << 20
_SYNC_PAUSE = 1.0  # seconds until what was appended is synced; most of it is at the service before
_KEPT = 1 << 20  # a segment with nothing alive in it is emptied when it has grown beyond this

Kind = Literal["put", "meta", "done"]


@dataclass(frozen=True)
class Pending:
    """Contents that the service has to get.

    Args:
        path: where, in the person's tree.
        base: etag which the target must still have, None if there must be nothing yet.
        mtime_ns: time stamp.
        contents: the bytes, or the name of a file in the spool, None for a folder or a removal.
        size: bytes of that file.
        mode: mode bits.
        gone: whether what is there is to be removed: a file of the version `base`, or an empty folder.
    """

    path: str
    base: str | None
    mtime_ns: int
    contents: bytes | str | None = b""
    size: int = 0
    mode: int = 0o644
    gone: bool = False

    def head(self) -> dict[str, Any]:
        """Return what the head of a record tells of it."""
        told: dict[str, Any] = {
            "path": self.path, "base": self.base, "mtime_ns": self.mtime_ns, "mode": self.mode
        }  # fmt: skip
        if self.gone:
            return told | {"gone": True}
        if self.contents is None:
            return told | {"folder": True}
        return told | ({"file": self.contents, "size": self.size} if isinstance(self.contents, str) else {})


def encode(kind: Kind, number: int, head: dict[str, Any], contents: bytes = b"") -> bytes:
    """Return a record."""
    text = json.dumps({"kind": kind, "id": number, **head}, separators=(",", ":")).encode()
    behind = struct.pack(">II", len(text), len(contents)) + text + contents
    return _MARK + struct.pack(">I", zlib.crc32(behind)) + behind


def decode(data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Give head and contents of the records of a segment, up to the first that is not whole."""
    position = 0
    while position + _FRAME.size <= len(data):
        mark, checksum, head_size, size = _FRAME.unpack_from(data, position)
        end = position + _FRAME.size + head_size + size
        if mark != _MARK or end > len(data) or zlib.crc32(memoryview(data)[position + 8 : end]) != checksum:
            return
        start = position + _FRAME.size
        yield json.loads(data[start : start + head_size]), data[start + head_size : end]
        position = end


def read(folder: Path) -> list[Pending]:
    """Return what the log in `folder` says to be still pending, in the order in which it was written."""
    found: dict[int, Pending] = {}
    for segment in _segments(folder):
        for head, contents in decode(segment.read_bytes()):
            _apply(found, head, contents)
    return list(found.values())


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.log"), key=lambda path: int(path.stem))


def _apply(found: dict[int, Pending], head: dict[str, Any], contents: bytes) -> None:
    number = head["id"]
    known = found.pop(number, None)
    if head["kind"] == "done":
        return
    path, base, mtime_ns, mode = head["path"], head["base"], head["mtime_ns"], head.get("mode", 0o644)
    if head.get("gone"):
        found[number] = Pending(path, base, mtime_ns, None, gone=True)
    elif head["kind"] == "put":
        held = None if head.get("folder") else head.get("file", contents)
        found[number] = Pending(path, base, mtime_ns, held, head.get("size", 0), mode)
    elif known is not None:
        found[number] = replace(known, path=path, base=base, mtime_ns=mtime_ns, mode=mode)


class Journal:
    """The log of one mount. Appending meets the page cache; a thread syncs.

    Args:
        folder: holds the segments; made.
        tasks: owns the syncing.
    """

    def __init__(self, folder: Path, tasks: Tasks) -> None:
        folder.mkdir(parents=True, mode=0o700)
        self._numbers, self._tasks = itertools.count(1), tasks
        self._segments = _Segments(folder)
        self._contents: list[int] = []  # descriptors of large files to be synced before the log
        self._soon: asyncio.TimerHandle | None = None

    def number(self) -> int:
        """Return a number for new contents."""
        return next(self._numbers)

    def put(self, number: int, pending: Pending, descriptor: int | None = None) -> None:
        """Write contents down; raise OSError when they cannot be.

        Args:
            number: of the record.
            pending: what it is about.
            descriptor: of the file in the spool, if that holds the contents.
        """
        held = pending.contents if isinstance(pending.contents, bytes) else b""
        self._segments.append("put", number, encode("put", number, pending.head(), held))
        if descriptor is not None:
            self._contents.append(os.dup(descriptor))
        self._sync_soon()

    def meta(self, number: int, pending: Pending) -> None:
        """Write down another path, base or time stamp of contents; their bytes are not repeated."""
        head = replace(pending, contents=b"").head()
        self._segments.append("meta", number, encode("meta", number, head))
        self._sync_soon()

    def done(self, number: int) -> None:
        """Write down that nothing is to be done any more; should that be lost, it is found out."""
        try:
            self._segments.append("done", number, encode("done", number, {}))
        except OSError as failed:
            log.warning("the journal cannot be written: %s", failed)
            self._segments.forget(number)

    def _sync_soon(self) -> None:
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(_SYNC_PAUSE, self._begin_sync)

    def _begin_sync(self) -> None:
        self._soon = None
        if self._segments.alive:
            self._tasks.start(self.sync(), "mount journal")

    async def sync(self) -> None:
        """Return when everything that was appended is on the disk."""
        contents, self._contents = self._contents, []
        await asyncio.to_thread(_sync_all, contents + self._segments.descriptors())

    def close(self) -> None:
        """Sync what is left and close."""
        if self._soon is not None:
            self._soon.cancel()
        _sync_all(self._contents + self._segments.descriptors())
        self._segments.close()


def _sync_all(descriptors: list[int]) -> None:
    """Sync files in their order, and close the descriptors."""
    for descriptor in descriptors:
        try:
            os.fdatasync(descriptor)
        except OSError as failed:
            log.error("the journal cannot be synced: %s", failed)
        finally:
            os.close(descriptor)


class _Segments:
    """The files of the log. The oldest go first, so that a `done` never goes before what it is about."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self.alive: dict[int, Path] = {}  # where the contents with a number were last written
        self._old: list[Path] = []
        self._full: list[int] = []  # descriptors of segments that were not synced since they were full
        self._begin()

    def _begin(self) -> None:
        path = self._folder / f"{next(self._numbers)}.log"
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._path, self._size = path, 0
        sync_folder(self._folder)

    def descriptors(self) -> list[int]:
        """Return descriptors of what may not be synced, to be closed by the caller."""
        full, self._full = self._full, []
        return [*full, os.dup(self._fd)]

    def append(self, kind: Kind, number: int, data: bytes) -> None:
        """Append a record, all of it or nothing."""
        if self._size > _SEGMENT:
            full, old = self._fd, self._path
            self._begin()
            self._full.append(full)
            self._old.append(old)
        try:
            written = 0
            while written < len(data):
                written += os.write(self._fd, memoryview(data)[written:])
        except OSError:
            os.ftruncate(self._fd, self._size)
            raise
        self._size += len(data)
        if kind == "put":
            self.alive[number] = self._path
        elif kind == "done":
            self.forget(number)

    def forget(self, number: int) -> None:
        """Note that contents are not wanted any more; give back the disk space of what is not needed."""
        self.alive.pop(number, None)
        while self._old and self._old[0] not in self.alive.values():
            self._old.pop(0).unlink()
        if self._size > _KEPT and not self.alive:
            os.ftruncate(self._fd, 0)
            self._size = 0

    def close(self) -> None:
        """Close the last segment."""
        os.close(self._fd)


def sync_folder(folder: Path) -> None:
    """Make the names in a local folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
