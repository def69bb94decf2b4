"""Those who wait in this process until something is written, and the one task that asks for all of them.

The task asks the database after every commit of any process, and wakes those whose business it is. Where
nobody says that something was written it asks by itself, once a second; where nobody waits it does not ask.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError

from ..model.errors import CygnetError
from ..store.database import Database

log = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)

POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Written(Generic[K]):
    """What was written: the number of the newest change, and whose business it is; None: everybody's."""

    newest: int
    concerned: frozenset[K] | None = None


class Waiter(Generic[K]):
    """One who waits.

    Args:
        business: what it must be woken for; empty while it does not know yet: for anything.
    """

    def __init__(self, business: frozenset[K]) -> None:
        self._business = business
        self._woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def sleep(self, seconds: float, business: frozenset[K] | None = None) -> None:
        """Wait up to `seconds` until something was written, of late only what is of this `business`."""
        self._business = self._business if business is None else business
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken

    def hear(self, concerned: frozenset[K] | None) -> None:
        """Wake up, if this is its business; None always is."""
        mine = concerned is None or (concerned and (not self._business or self._business & concerned))
        if mine and not self._woken.done():
            self._woken.set_result(None)


class Waiters(Generic[K]):
    """All who wait for one kind of news.

    Args:
        database: where it is written.
        name: of the task.
        ask: for what was written since a number; for None only the newest number.
        pause: seconds from one question to the next, where most of what is written is no such news.
    """

    def __init__(
        self,
        database: Database,
        name: str,
        ask: Callable[[int | None], Awaitable[Written[K]]],
        pause: float = 0.0,
    ) -> None:
        self._name, self._ask, self._pause = name, ask, pause
        self._waiting: set[Waiter[K]] = set()
        self._stopped = False
        self._task: asyncio.Task[None] | None = None
        self._written: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        database.on_commit(self._committed)

    @property
    def stopped(self) -> bool:
        """Whether everybody was sent away."""
        return self._stopped

    def __len__(self) -> int:
        return len(self._waiting)

    @contextlib.contextmanager
    def enter(self, business: frozenset[K] = frozenset()) -> Iterator[Waiter[K]]:
        """Be one of them for a while. What is written from now on wakes: look first, then sleep."""
        waiter = Waiter(business)
        self._waiting.add(waiter)
        try:
            if self._stopped:
                waiter.hear(None)
            else:
                self._keep_watch()
            yield waiter
        finally:
            self._waiting.discard(waiter)

    async def stop(self) -> None:
        """Send everybody away, and end the task. Whoever comes later does not wait."""
        self._stopped = True
        self._tell(None)
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _keep_watch(self) -> None:
        if self._task is None or self._task.done():
            self._loop, self._written = asyncio.get_running_loop(), asyncio.Event()
            self._task = self._loop.create_task(self._watch(self._written), name=self._name)

    def _committed(self) -> None:
        """Called in the writer's thread, and in that which watches other processes."""
        loop, written = self._loop, self._written
        if loop is not None and written is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it all who waited
                loop.call_soon_threadsafe(written.set)

    async def _watch(self, written: asyncio.Event) -> None:
        last: int | None = None
        while True:
            written.clear()
            pause = self._pause
            try:
                last = await self._tell_news(last)
            except (CygnetError, DBAPIError):
                log.warning("%s: the database cannot be read; trying again", self._name, exc_info=True)
                pause = POLL_SECONDS
            await asyncio.sleep(pause)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await written.wait()

    async def _tell_news(self, last: int | None) -> int | None:
        if not self._waiting:
            return None
        news = await self._ask(last)
        # Whoever waits may have looked before the first question: what came in between would be missed.
        self._tell(None if last is None else news.concerned)
        return news.newest

    def _tell(self, concerned: frozenset[K] | None) -> None:
        for waiter in list(self._waiting):
            waiter.hear(concerned)
