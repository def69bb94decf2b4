"""Blocks of bodies: memory that is used again, and the way to the thread that stores them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from functools import partial

from ..store.contents import BLOCK

#: Blocks that wait for the thread; with them one is being stored and one is on its way in.
AHEAD = 2
#: Blocks that are stored before others have a turn at the thread.
TURN = 16
#: Free blocks that are kept.
KEPT = 16


class Block(bytearray):
    """Memory for a block of a body. New memory costs as much as receiving what comes into it."""


_FREE: deque[Block] = deque()


def take(size: int) -> bytearray:
    """Memory for a block of this size, with anything in it."""
    if size != BLOCK:
        return bytearray(size)
    try:
        return _FREE.pop()
    except IndexError:
        return Block(BLOCK)


def give_back(block: object) -> None:
    """Nobody looks at `block` any more; what `take` did not give is let alone."""
    if isinstance(block, Block) and len(_FREE) < KEPT:
        _FREE.append(block)


class Passage:
    """Hands blocks to a thread that stores them in their order, while more come.

    To hand each to a thread, and to hear when it is done, takes as long as to receive it. So the thread goes
    on with the next one if it is there, and only after some of them lets others have a turn.

    Args:
        store: takes a block, in a thread.
        submit: has a thread call something.
    """

    def __init__(
        self, store: Callable[[bytes], None], submit: Callable[[Callable[[], None]], object]
    ) -> None:
        self._store, self._submit = store, submit
        self._blocks: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._is_busy = self._is_awaited = False
        self._room = asyncio.Event()
        self._done: asyncio.Future[None] | None = None
        self._failure: BaseException | None = None

    async def put(self, block: bytes) -> None:
        """Hand on a block as soon as there is room for it.

        Raises:
            what `store` raised for one before; those after it are left out.
        """
        await self._make_room()
        with self._lock:
            self._blocks.append(block)
            idle, self._is_busy = not self._is_busy, True
        if idle:
            await self.stored()
            loop = asyncio.get_running_loop()
            self._done = loop.create_future()
            self._submit(partial(self._store_some, loop, self._done))

    async def stored(self) -> None:
        """Wait until the thread has nothing left to do.

        Raises:
            what `store` raised.
        """
        if self._done is not None:
            await asyncio.wait([self._done])
        if self._failure is not None:
            raise self._failure

    async def _make_room(self) -> None:
        """Wait until few enough blocks wait; the thread tells only those who said that they do."""
        while self._failure is None and len(self._blocks) >= AHEAD:
            self._room.clear()
            self._is_awaited = True
            if len(self._blocks) >= AHEAD:
                await self._room.wait()
            self._is_awaited = False
        if self._failure is not None:
            raise self._failure

    def _store_some(self, loop: asyncio.AbstractEventLoop, done: asyncio.Future[None]) -> None:
        try:
            for _ in range(TURN):
                block = self._next(loop)
                if block is None:
                    _tell(loop, partial(done.set_result, None))
                    return
                self._store(block)
                give_back(block)
            self._submit(partial(self._store_some, loop, done))
        except BaseException as error:  # noqa: BLE001 - told to whoever hands on the next block, or has none left
            self._failure = error
            _tell(loop, partial(done.set_result, None))
            _tell(loop, self._room.set)

    def _next(self, loop: asyncio.AbstractEventLoop) -> bytes | None:
        """The next block; None: there is none, and who brings one has to call a thread."""
        with self._lock:
            block = self._blocks.popleft() if self._blocks else None
            self._is_busy = block is not None
        if self._is_awaited:
            _tell(loop, self._room.set)
        return block


def _tell(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended, and with it those who waited
        loop.call_soon_threadsafe(call)
