"""Local files to the service, large ones so that a break costs one part only."""

from __future__ import annotations

import asyncio
import hashlib
import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .. import errors
from ..models import Node
from .api import ApiClient, upload_headers
from .batch import BatchClient, SmallFile
from .parts import PartClient
from .resume import Ledger, Record
from .uploads import Conditions

#: Files up to this size go in one request, with their checksum ahead.
WHOLE = 8 << 20

Moved = Callable[[int], None]  # told how many bytes have come further; less than nothing after a new start


@dataclass(frozen=True)
class Sent:
    """What came of a transfer: `moved` bytes of the file travelled in this run; `sha1` is of the whole."""

    size: int
    moved: int
    sha1: str


@dataclass(frozen=True)
class _Source:
    """A local file as it is now; `identity` tells it from what it is after a change."""

    path: Path
    size: int
    mtime: float
    identity: tuple[int, ...]

    @classmethod
    def of(cls, path: Path) -> _Source:
        stat = path.stat()
        return cls(path, stat.st_size, stat.st_mtime, (stat.st_size, stat.st_mtime_ns, stat.st_ino))

    def check(self) -> None:
        if _Source.of(self.path).identity != self.identity:
            raise errors.Changed("The file changed while it was being sent; run this again", str(self.path))


@dataclass
class _Part:
    data: bytes
    adler32: str


class _Reader:
    """Reads a file part by part, and has its checksum at the end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._whole = file, hashlib.sha1(usedforsecurity=False)

    def skip(self, size: int) -> None:
        """Pass over what the service has; it counts in the checksum."""
        while size > 0 and (data := self._file.read(min(size, WHOLE))):
            self._whole.update(data)
            size -= len(data)

    def next(self, size: int) -> _Part:
        data = self._file.read(size)
        self._whole.update(data)
        return _Part(data, f"{zlib.adler32(data):08x}")

    def sha1(self) -> str:
        return self._whole.hexdigest()


class Sender:
    """Sends local files.

    Args:
        api: client of the tree they go into.
        ledger: remembers those that are under way.
        base: address of the service, which tells transfers to several apart.
    """

    def __init__(self, api: ApiClient, ledger: Ledger, base: str) -> None:
        self._api, self._parts, self._batches = api, PartClient(api.caller), BatchClient(api.caller)
        self._ledger, self._base = ledger, base

    async def send(self, source: Path, path: str, conditions: Conditions, moved: Moved) -> Sent:
        """Make `path` a copy of a local file, whose time stamp it keeps; the service checks the checksum.

        Args:
            source: the file.
            path: where it goes; the folder has to exist.
            conditions: as in `upload_headers`.
            moved: told of the progress; what an earlier run sent counts at once.

        Raises:
            Changed: the local file changed meanwhile, or what lies at `path` did.
        """
        known = _Source.of(source)
        wanted: Conditions = {"mtime": known.mtime, **conditions}
        if known.size <= WHOLE:
            return await self._send_whole(known, path, wanted, moved)
        key = self._ledger.key("put", self._base, path, os.path.realpath(source))
        with self._ledger.held(key) as record:
            return await self._send_parts(known, path, wanted, moved, record)

    async def send_small(self, files: Sequence[tuple[Path, str, Conditions]]) -> list[Sent | OSError]:
        """Do what `send` does for several files that are small, in one request; return what came of each."""
        read = [await asyncio.to_thread(_small, *one) for one in files]
        batch = [one for one in read if isinstance(one, SmallFile)]
        answers = dict(zip((one.path for one in batch), await self._batches.store(batch), strict=True))
        return [_outcome(one, answers) if isinstance(one, SmallFile) else one for one in read]

    async def _send_whole(self, source: _Source, path: str, conditions: Conditions, moved: Moved) -> Sent:
        data = await asyncio.to_thread(source.path.read_bytes)
        source.check()
        sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        await self._api.put(path, data, upload_headers(len(data), **conditions, sha1=sha1))
        moved(len(data))
        return Sent(len(data), len(data), sha1)

    async def _send_parts(
        self, source: _Source, path: str, conditions: Conditions, moved: Moved, record: Record
    ) -> Sent:
        upload, start, part_size = await self._take_up(source, path, conditions, record)
        moved(start)
        with await asyncio.to_thread(source.path.open, "rb") as file:
            reader = _Reader(file)
            await asyncio.to_thread(reader.skip, start)
            await self._pour(reader, upload, (start, source.size, part_size), moved)
        source.check()
        sha1 = reader.sha1()
        try:
            await self._parts.finish(upload, path, source.size, sha1, conditions)
        except errors.ChecksumMismatch:
            record.forget()
            await self._parts.cancel(upload)
            raise
        record.forget()
        return Sent(source.size, source.size - start, sha1)

    async def _pour(self, reader: _Reader, upload: str, span: tuple[int, int, int], moved: Moved) -> None:
        """Send part after part; the next is read and summed while one is under way."""
        at, size, part_size = span
        ahead = asyncio.create_task(asyncio.to_thread(reader.next, part_size))
        try:
            while at < size:
                part = await ahead
                if not part.data:
                    raise errors.Changed("The file became shorter while it was being sent")
                ahead = asyncio.create_task(asyncio.to_thread(reader.next, part_size))
                await self._parts.send(upload, at, part.data, part.adler32)
                at += len(part.data)
                moved(len(part.data))
        finally:
            await asyncio.wait([ahead])

    async def _take_up(
        self, source: _Source, path: str, conditions: Conditions, record: Record
    ) -> tuple[str, int, int]:
        """Return an upload that is open, how much of it the service has, and the bytes of a part."""
        before = record.load()
        if before.get("identity") == list(source.identity):
            try:
                received = await self._parts.received(before["upload"])
                return before["upload"], received, before["part_size"]
            except errors.NotFound:
                pass  # the service has given it up
        elif before:
            await self._parts.cancel(before["upload"])
        upload, part_size = await self._parts.begin(path, source.size, conditions)
        record.save(upload=upload, part_size=part_size, identity=source.identity)
        return upload, 0, part_size


def _small(source: Path, path: str, conditions: Conditions) -> SmallFile | OSError:
    """Read a small file; when it cannot be read, return why."""
    try:
        known = _Source.of(source)
        data = source.read_bytes()
        known.check()
    except OSError as error:
        return error
    wanted: Conditions = {"mtime": known.mtime, **conditions}
    return SmallFile(path, data, wanted)


def _outcome(file: SmallFile, answers: Mapping[str, Node | errors.ServiceError]) -> Sent | OSError:
    answer = answers[file.path]
    if isinstance(answer, errors.ServiceError):
        return answer
    return Sent(len(file.data), len(file.data), hashlib.sha1(file.data, usedforsecurity=False).hexdigest())
