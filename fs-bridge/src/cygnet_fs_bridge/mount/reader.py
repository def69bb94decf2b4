"""Reading files of the store by large ranges, ahead of who reads them, through the block cache."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .. import errors
from .blocks import BLOCK, BlockCache, Key
from .store import Store
from .tasks import Tasks

_FIRST_WINDOW, _WIDEST_WINDOW = 512 << 10, 8 << 20
_SLACK = 256 << 10  # the kernel's own readahead sends requests a little out of order


class Readahead:
    """Decides how far to fetch, from the reads of one handle."""

    def __init__(self) -> None:
        self._expected = 0
        self._window = 0
        self._fetched = 0

    def until(self, offset: int, end: int) -> int:
        """Note a read from `offset` up to `end`; return the byte up to which to fetch."""
        if abs(offset - self._expected) > _SLACK:
            self._window, self._fetched = 0, end
        elif self._fetched < end + self._window // 2:
            self._window = min(max(2 * self._window, _FIRST_WINDOW), _WIDEST_WINDOW)
            self._fetched = end + self._window
        self._expected = end
        return max(end, self._fetched)


class Version:
    """One version of one file, read by ranges.

    Args:
        store: holds the file.
        cache: keeps blocks.
        tasks: owns the fetches.
        identity: node id and etag.
        size: bytes of the file.
        path: tells where the file lies when a fetch begins, since it may be renamed.
    """

    def __init__(
        self,
        store: Store,
        cache: BlockCache,
        tasks: Tasks,
        identity: tuple[str, str],
        size: int,
        path: Callable[[], str],
    ) -> None:
        self._store, self._cache, self._tasks = store, cache, tasks
        self.identity, self.size, self._path = identity, size, path
        self._coming: dict[int, asyncio.Future[bytes]] = {}
        self._shown = False  # the kernel has had the contents, and mostly keeps them

    @property
    def here(self) -> bool:
        """Whether the beginning is in the cache, or on its way."""
        return 0 in self._coming or self._key(0) in self._cache

    def to_show(self) -> bytes | None:
        """Return the contents if they are one block which is here and which the kernel has not had yet."""
        if self._shown or not 0 < self.size <= BLOCK or 0 in self._coming:
            return None
        data = self._cache.get(self._key(0))
        self._shown = data is not None
        return data

    def promise(self) -> None:
        """Note that the contents, which are one block, are being fetched by somebody else."""
        self._expect(0)

    def deliver(self, data: bytes | None) -> None:
        """Take promised contents; None if they did not come, to fetch them after all."""
        if data is None or len(data) != self.size:
            if 0 in self._coming:
                self._tasks.start(self._fetch(0, 0), "mount fetch")
            return
        self._cache.put(self._key(0), data)
        coming = self._coming.pop(0, None)
        if coming is not None:
            coming.set_result(data)

    def _expect(self, index: int) -> None:
        future = self._coming[index] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_looked_at)

    def _key(self, index: int) -> Key:
        return (*self.identity, index)

    def here_now(self, offset: int, size: int, until: int) -> bytes | None:
        """Return up to `size` bytes, or None if they have to be waited for; fetch up to the byte `until`."""
        end = min(offset + size, self.size)
        if offset >= end:
            return b""
        self._shown = True
        first, last = offset // BLOCK, (end - 1) // BLOCK
        self._want(first, (min(max(end, until), self.size) - 1) // BLOCK)
        parts: list[bytes] = []
        for index in range(first, last + 1):
            start, stop = max(0, offset - index * BLOCK), min(BLOCK, end - index * BLOCK)
            data = None if index in self._coming else self._cache.get(self._key(index), start, stop)
            if data is None:
                return None
            parts.append(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes."""
        end = min(offset + size, self.size)
        if offset >= end:
            return b""
        first, last = offset // BLOCK, (end - 1) // BLOCK
        self._want(first, last)
        parts = [await self._part(index, offset, end) for index in range(first, last + 1)]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _part(self, index: int, offset: int, end: int) -> bytes:
        start, stop = max(0, offset - index * BLOCK), min(BLOCK, end - index * BLOCK)
        coming = self._coming.get(index)
        if coming is not None:
            return (await asyncio.shield(coming))[start:stop]
        data = self._cache.get(self._key(index), start, stop)
        if data is None:
            # Thrown out of the cache since it was wanted, or never kept because the disk is full.
            self._want(index, index)
            return (await asyncio.shield(self._coming[index]))[start:stop]
        return data

    def _want(self, first: int, last: int) -> None:
        run: list[int] = []
        for index in range(first, last + 1):
            if index in self._coming or self._key(index) in self._cache:
                self._begin(run)
                run = []
            else:
                run.append(index)
        self._begin(run)

    def _begin(self, run: list[int]) -> None:
        if not run:
            return
        for index in run:
            self._expect(index)
        self._tasks.start(self._fetch(run[0], run[-1]), "mount fetch")

    async def _fetch(self, first: int, last: int) -> None:
        start, end = first * BLOCK, min((last + 1) * BLOCK, self.size)
        error: BaseException = errors.Unavailable("The service sent less than was asked for")
        try:
            async with self._store.read(self._path(), start, end, self.identity[1]) as pieces:
                buffer, index = bytearray(), first
                async for piece in pieces:
                    buffer += piece
                    index = self._take(buffer, index, end)
        except (OSError, asyncio.CancelledError) as failed:
            error = (
                failed if isinstance(failed, OSError) else errors.Unavailable("The mount is being stopped")
            )
            if isinstance(failed, asyncio.CancelledError):
                raise
        finally:
            self._fail(first, last, error)

    def _take(self, buffer: bytearray, index: int, end: int) -> int:
        position = 0
        while position < len(buffer):
            length = min(BLOCK, end - index * BLOCK)
            if length <= 0 or len(buffer) - position < length:
                break
            data = bytes(memoryview(buffer)[position : position + length])
            self._cache.put(self._key(index), data)
            self._coming.pop(index).set_result(data)
            position, index = position + length, index + 1
        del buffer[:position]
        return index

    def _fail(self, first: int, last: int, error: BaseException) -> None:
        for index in range(first, last + 1):
            future = self._coming.pop(index, None)
            if future is not None:
                future.set_exception(error)


def _looked_at(future: asyncio.Future[bytes]) -> None:
    # Nobody may wait for a block that was fetched ahead; its error is then no defect to report.
    if not future.cancelled():
        future.exception()
