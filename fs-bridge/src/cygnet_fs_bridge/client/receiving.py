"""Files of the service to local disk, so that a break costs nothing but what had not come."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from .. import errors
from ..models import Node
from .api import ApiClient
from .batch import BatchClient
from .checksums import Sums, digest
from .content import ContentReader
from .resume import Ledger, Record
from .sending import Moved, Sent

#: How a file is called while it is not complete: `.cygnet-KEY.part`, in the folder it goes to.
PARTIAL = re.compile(r"\.cygnet-[0-9a-f]{24}\.part")
_BLOCK = 1 << 20


@dataclass
class _Partial:
    """What has come of one version of a file."""

    path: Path
    etag: str
    sums: Sums = field(default_factory=Sums)
    size: int = 0
    told: str = ""  # the checksums that the service says the whole has

    @classmethod
    def found(cls, path: Path, known: dict[str, Any], node: Node) -> _Partial:
        """Return what an earlier run left, if it is of this version; always leaves a byte to ask for."""
        made = cls(path, node.etag)
        if known.get("etag") == node.etag and path.exists():
            made._keep(min(path.stat().st_size, node.size - 1))
        return made

    def _keep(self, size: int) -> None:
        with self.path.open("rb") as file:
            while self.size < size and (data := file.read(min(_BLOCK, size - self.size))):
                self._count(data)

    def _count(self, data: bytes) -> None:
        self.sums.update(data)
        self.size += len(data)

    def open(self) -> BinaryIO:
        """Return the file, cut to what is known to be good."""
        file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o666), "wb")
        file.truncate(self.size)
        file.seek(self.size)
        return file

    def append(self, file: BinaryIO, data: bytes) -> None:
        file.write(data)
        self._count(data)


class Receiver:
    """Fetches files.

    Args:
        api: client of the tree they come from.
        ledger: remembers those that are under way.
        base: address of the service, which tells transfers from several apart.
    """

    def __init__(self, api: ApiClient, ledger: Ledger, base: str) -> None:
        self._api, self._contents, self._batches = api, ContentReader(api.caller), BatchClient(api.caller)
        self._ledger, self._base = ledger, base

    async def fetch(self, node: Node, target: Path, moved: Moved) -> Sent:
        """Make a local file a copy of `node`, with its time stamp; it appears when it is whole and right.

        Args:
            node: the file; when it changes meanwhile its newer contents are fetched.
            target: the local file; its folder has to exist.
            moved: told of the progress; what an earlier run fetched counts at once.

        Raises:
            ChecksumMismatch: what came is not what the service has.
        """
        key = self._ledger.key("get", self._base, node.path, os.path.realpath(target))
        with self._ledger.held(key) as record:
            return await self._fetch(node, target.parent / f".cygnet-{key}.part", target, moved, record)

    async def fetch_small(self, files: Sequence[tuple[Node, Path]], largest: int) -> list[Sent | None]:
        """Do what `fetch` does for several files of at most `largest` bytes, in one request.

        Returns:
            What came of each; None for one that is to be fetched by itself, since it has changed meanwhile.

        Raises:
            NotFound: one of them is not there. ChecksumMismatch: what came is not what the service has.
        """
        found = await self._batches.fetch([node.path for node, _ in files], largest)
        came = {node.path: (node, data) for node, data in found}
        return await asyncio.to_thread(lambda: [_placed(*came.get(n.path, (n, None)), to) for n, to in files])

    async def _fetch(self, node: Node, beside: Path, target: Path, moved: Moved, record: Record) -> Sent:
        for last in (False, False, True):
            partial = await asyncio.to_thread(_Partial.found, beside, record.load(), node)
            before = partial.size
            moved(before)
            record.save(etag=node.etag)
            try:
                await self._receive(node, partial, moved)
            except (errors.Changed, errors.ChecksumMismatch) as error:
                # It is another version by now, or what an earlier run left was damaged.
                beside.unlink(missing_ok=True)
                moved(-partial.size)
                if last or (isinstance(error, errors.ChecksumMismatch) and before == 0):
                    raise
                node = await self._api.stat(node.path)
            else:
                break
        os.utime(beside, (node.mtime, node.mtime))
        beside.replace(target)
        record.forget()
        return Sent(partial.size, partial.size - before, partial.sums.sha1)

    async def _receive(self, node: Node, partial: _Partial, moved: Moved) -> None:
        """Fetch what is missing, going on after each break as long as something comes in between."""
        with await asyncio.to_thread(partial.open) as file:
            while True:
                had = partial.size
                try:
                    await self._stream(node, partial, file, moved)
                    break
                except errors.Unavailable:
                    if partial.size == had:
                        raise
        if partial.size != node.size:
            raise errors.ChecksumMismatch("What came is not what the service has", node.path)
        partial.sums.compare(partial.told, node.path)

    async def _stream(self, node: Node, partial: _Partial, file: BinaryIO, moved: Moved) -> None:
        if partial.size == node.size > 0:
            return  # the connection broke after the last byte
        wanted = [(partial.size, node.size)] if partial.size else []
        async with self._contents.open(node.path, wanted, node.etag) as response:
            partial.told = response.headers.get("OC-Checksum", "")
            async for data in response.chunks():
                await asyncio.to_thread(partial.append, file, data)
                moved(len(data))


def _placed(node: Node, data: bytes | None, target: Path) -> Sent | None:
    """Make a local file of bytes that came whole; it appears at once. Blocks."""
    if data is None or target.is_dir():
        return None
    beside = target.parent / f".cygnet-{secrets.token_hex(12)}.part"
    try:
        with beside.open("xb") as file:
            file.write(data)
        os.utime(beside, (node.mtime, node.mtime))
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return Sent(len(data), len(data), digest("SHA1", data).hexdigest())
