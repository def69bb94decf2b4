"""A body on its way in: buffered to whole blocks, hashed and written by threads, durable when finished."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..model.errors import BadRequest, ChecksumMismatch
from ..model.node import Checksums, Content
from ..store.contents import BLOCK, Contents, ExtentWriter
from ..store.digests import Digests
from ..store.faults import in_our_words

T = TypeVar("T")

WORKERS = 8


class Disk:
    """The threads that read, write and hash file contents.

    Args:
        contents: where those are.
    """

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="sync-disk")

    async def run(self, call: Callable[[], T]) -> T:
        """The result of `call`, made in a thread.

        Raises:
            QuotaExceeded: the disk is full. Unavailable: too many files are open.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._workers, call)
        except OSError as error:
            raise in_our_words(error) from error

    def close(self) -> None:
        """Wait for what is being done. Blocks."""
        self._workers.shutdown()


class Incoming:
    """One body. Nothing exists before `finish` has returned, and nothing after it failed or after `abort`.

    Args:
        disk: where it goes.
        digests: of this body; they must have every kind that `finish` is to compare.
        also: digests that go on over this body, for uploads in parts.
    """

    def __init__(self, disk: Disk, digests: Digests, also: Digests | None = None) -> None:
        self._disk = disk
        self._writer: ExtentWriter = disk.contents.create(digests)
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._also = also
        # The connection may close while a block is being written: one thing after the other.
        self._turn = asyncio.Lock()
        self._over = False
        self._storing: asyncio.Future[None] | None = None
        self.size = 0

    async def write(self, data: bytes) -> None:
        """Append; returns when there is room for more, so that a slow disk slows the sender.

        While one block is hashed and written the next may come. What went wrong with it is raised next time.
        """
        self.size += len(data)
        self._waiting.append(data)
        self._waiting_size += len(data)
        if self._waiting_size >= BLOCK:
            async with self._turn:
                block = self._take()
                await self._stored()
                if not self._over:
                    self._storing = asyncio.ensure_future(self._disk.run(lambda: self._store(block)))

    async def finish(self, size: int | None = None, checksums: Mapping[str, str] | None = None) -> Content:
        """Check what came, and make it durable.

        Args:
            size: how many bytes were announced.
            checksums: what was announced, e.g. {"SHA1": "hex"}.

        Raises:
            BadRequest: more or fewer bytes than announced, or the sender went away.
            ChecksumMismatch: other bytes than announced.
        """
        async with self._turn:
            if self._over:
                raise BadRequest("The upload was interrupted.")
            self._over = True
            block = self._take()
            try:
                await self._stored()
            except BaseException:
                await self._disk.run(self._writer.discard)
                raise
            return await self._disk.run(lambda: self._settle(block, size, checksums or {}))

    async def abort(self) -> None:
        """Forget it all; once it is finished, this does nothing."""
        async with self._turn:
            if not self._over:
                self._over = True
                if self._storing is not None:
                    await asyncio.wait([self._storing])
                await self._disk.run(self._writer.discard)

    async def _stored(self) -> None:
        """Wait for the block that is being stored."""
        storing, self._storing = self._storing, None
        if storing is not None:
            await storing

    def _take(self) -> bytes:
        block = self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)
        self._waiting, self._waiting_size = [], 0
        return block

    def _store(self, block: bytes) -> None:
        if not block:
            return
        self._writer.write(block)
        if self._also is not None:
            self._also.update(block)

    def _settle(self, block: bytes, size: int | None, checksums: Mapping[str, str]) -> Content:
        try:
            self._store(block)
            if size is not None and size != self.size:
                raise BadRequest("{size} bytes were announced and {came} came.", size=size, came=self.size)
            compare(self._writer.digests.checksums(), checksums)
        except BaseException:
            self._writer.discard()
            raise
        return self._writer.finish()


def compare(actual: Checksums, announced: Mapping[str, str]) -> None:
    """Compare checksums with those that the sender announced.

    Raises:
        ChecksumMismatch: in the words that ownCloud's clients look for.
    """
    known = {"SHA256": actual.sha256, "SHA1": actual.sha1, "MD5": actual.md5, "ADLER32": actual.adler32}
    for kind, value in announced.items():
        if kind in known and known[kind] != value.lower():
            raise ChecksumMismatch(
                "The computed checksum does not match the one received from the client: "
                "{kind}:{known} instead of {kind}:{value}.",
                kind=kind,
                known=known[kind],
                value=value,
            )
