"""What was acknowledged to programs but not yet by the service, on local disk: an append-only log.

A record has a head of JSON and, for small files, the contents behind it; large files lie in the spool,
synced, and the record names them. Three kinds: `put` (new contents), `meta` (another path, base or time
stamp for them) and `done` (the service has them, or they are not wanted any more). Of records with the same
number the last counts. A record that is cut short, or damaged, ends its segment: what it told was never
acknowledged.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import queue
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

log = logging.getLogger(__name__)

_FRAME = struct.Struct(">4sIII")  # mark, checksum of all behind it, bytes of the head, bytes of the contents
_MARK = b"CyJ1"
_SEGMENT = 32 << 20
_KEPT = 1 << 20  # a segment with nothing alive in it is emptied when it has grown beyond this

Kind = Literal["put", "meta", "done"]


@dataclass(frozen=True)
class Pending:
    """Contents that the service has to get.

    Args:
        path: where, in the person's tree.
        base: etag which the target must still have, None if there must be nothing yet.
        mtime_ns: time stamp.
        contents: the bytes, or the name of a file in the spool.
    """

    path: str
    base: str | None
    mtime_ns: int
    contents: bytes | str = b""

    def head(self) -> dict[str, Any]:
        """Return what the head of a record tells of it."""
        told: dict[str, Any] = {"path": self.path, "base": self.base, "mtime_ns": self.mtime_ns}
        return told | ({"file": self.contents} if isinstance(self.contents, str) else {})


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
    if head["kind"] == "put":
        found[number] = Pending(head["path"], head["base"], head["mtime_ns"], head.get("file", contents))
    elif head["kind"] == "meta" and known is not None:
        found[number] = replace(known, path=head["path"], base=head["base"], mtime_ns=head["mtime_ns"])


@dataclass(frozen=True)
class _Order:
    """A record to write; `durable` is resolved once it is on the disk."""

    kind: Kind
    number: int
    data: bytes
    durable: asyncio.Future[None] | None = None


class Journal:
    """The log of one mount, written by a thread of its own; what comes at the same time shares one sync.

    Args:
        folder: holds the segments; made.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, mode=0o700)
        self._folder = folder
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1)
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._writer = _Writer(folder)
        self._thread = threading.Thread(target=self._run, name="mount journal", daemon=True)
        self._thread.start()

    def number(self) -> int:
        """Return a number for new contents."""
        return next(self._numbers)

    async def put(self, number: int, pending: Pending) -> None:
        """Write contents down and return when they are on the disk; raise OSError when they cannot be."""
        contents = pending.contents if isinstance(pending.contents, bytes) else b""
        await self._durably("put", number, encode("put", number, pending.head(), contents))

    async def meta(self, number: int, pending: Pending) -> None:
        """Write down another path, base or time stamp of contents; their bytes are not repeated."""
        await self._durably("meta", number, encode("meta", number, replace(pending, contents=b"").head()))

    async def drop(self, number: int) -> None:
        """Write down that contents are not wanted any more, and return when that is on the disk."""
        await self._durably("done", number, encode("done", number, {}))

    def done(self, number: int) -> None:
        """Write down, without waiting, that nothing is to be done; should that be lost, it is found out."""
        self._orders.put(_Order("done", number, encode("done", number, {})))

    async def _durably(self, kind: Kind, number: int, data: bytes) -> None:
        durable: asyncio.Future[None] = self._loop.create_future()
        self._orders.put(_Order(kind, number, data, durable))
        await durable

    async def close(self) -> None:
        """Write what waits and end the thread."""
        self._orders.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        orders: list[_Order | None] = []
        while None not in orders:
            orders = self._next()
            self._carry_out([order for order in orders if order is not None])
        self._writer.close()

    def _next(self) -> list[_Order | None]:
        """Wait for an order, and take what else there is."""
        orders = [self._orders.get()]
        with contextlib.suppress(queue.Empty):
            while orders[-1] is not None:
                orders.append(self._orders.get_nowait())
        return orders

    def _carry_out(self, orders: list[_Order]) -> None:
        error: OSError | None = None
        if not orders:
            return
        try:
            self._writer.write(orders)
        except OSError as failed:
            log.warning("the journal cannot be written: %s", failed)
            error = failed
        waiting = [order.durable for order in orders if order.durable is not None]
        if waiting:
            self._loop.call_soon_threadsafe(_tell, waiting, error)


def _tell(waiting: list[asyncio.Future[None]], error: OSError | None) -> None:
    for future in waiting:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(OSError(error.errno, error.strerror))


class _Writer:
    """The segments. The oldest go first, so that a `done` never goes before what it is about."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._alive: dict[int, Path] = {}  # where the contents with a number were last written
        self._old: list[Path] = []
        self._begin()

    def _begin(self) -> None:
        self._path = self._folder / f"{next(self._numbers)}.log"
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._size = 0
        sync_folder(self._folder)

    def write(self, orders: list[_Order]) -> None:
        """Append records, all or none of them, and sync if somebody waits for it."""
        if self._size > _SEGMENT:
            os.close(self._fd)
            self._old.append(self._path)
            self._begin()
        data = b"".join(order.data for order in orders)
        try:
            self._append(data)
            if any(order.durable is not None for order in orders):
                os.fdatasync(self._fd)
        except OSError:
            os.ftruncate(self._fd, self._size)
            raise
        self._size += len(data)
        self._note(orders)

    def _append(self, data: bytes) -> None:
        written = 0
        while written < len(data):
            written += os.write(self._fd, memoryview(data)[written:])

    def _note(self, orders: list[_Order]) -> None:
        for order in orders:
            if order.kind == "put":
                self._alive[order.number] = self._path
            elif order.kind == "done":
                self._alive.pop(order.number, None)
        while self._old and self._old[0] not in self._alive.values():
            self._old.pop(0).unlink()
        if self._size > _KEPT and not self._alive:
            os.ftruncate(self._fd, 0)
            self._size = 0

    def close(self) -> None:
        os.close(self._fd)


def sync_folder(folder: Path) -> None:
    """Make the names in a local folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
