"""A body on its way in: buffered to whole blocks, hashed and written by threads, durable when finished."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..model.errors import BadRequest, ChecksumMismatch, CygnetError
from ..model.node import Checksums, Content
from ..store.contents import BLOCK, Contents, ExtentWriter
from ..store.digests import Digests
from ..store.faults import in_our_words
from .blocks import Passage

T = TypeVar("T")

WORKERS = 8
#: Seconds after which nothing more is expected to come.
LATELY = 1.0


class Disk:
    """The threads that read, write and hash file contents.

    Args:
        contents: where those are.
    """

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="sync-disk")
        self._stored = 0.0

    async def run(self, call: Callable[[], T]) -> T:
        """The result of `call`, made in a thread.

        Raises:
            QuotaExceeded: the disk is full. Unavailable: too many files are open.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._workers, call)
        except OSError as error:
            raise in_our_words(error) from error

    @property
    def is_receiving(self) -> bool:
        """Whether large bodies are on their way in, or were just now."""
        return time.monotonic() - self._stored < LATELY

    def stores(self) -> None:
        """Note that a block of a body is being stored."""
        self._stored = time.monotonic()

    def submit(self, call: Callable[[], None]) -> None:
        """Have a thread make `call`, which itself tells what came of it."""
        self._workers.submit(call)

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
        self._passage = Passage(self._store, disk.submit)
        self.size = 0

    async def write(self, data: bytes) -> None:
        """Append; returns when there is room for more, so that a slow disk slows the sender.

        While blocks are hashed and written the next may come. What went wrong with one is raised next time.
        """
        self.size += len(data)
        self._waiting.append(data)
        self._waiting_size += len(data)
        if self._waiting_size >= BLOCK:
            async with self._turn:
                block = self._take()
                if not self._over:
                    await _in_our_words(self._passage.put(block))

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
                await _in_our_words(self._passage.stored())
            except BaseException:
                await self._disk.run(self._writer.discard)
                raise
            return await self._disk.run(lambda: self._settle(block, size, checksums or {}))

    async def abort(self) -> None:
        """Forget it all; once it is finished, this does nothing."""
        async with self._turn:
            if not self._over:
                self._over = True
                with contextlib.suppress(CygnetError, OSError):  # whoever sent it was told, or is gone
                    await _in_our_words(self._passage.stored())
                await self._disk.run(self._writer.discard)

    def _take(self) -> bytes:
        parts, self._waiting, self._waiting_size = self._waiting, [], 0
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _store(self, block: bytes) -> None:
        if not block:
            return
        self._disk.stores()
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


async def _in_our_words(storing: Awaitable[None]) -> None:
    try:
        await storing
    except OSError as error:
        raise in_our_words(error) from error


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
