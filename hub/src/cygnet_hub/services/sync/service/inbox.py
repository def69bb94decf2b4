"""The inbox: what a person should know, read and unread, and word at once when there is something new.

Like the changes feed, one task asks the database for all listeners after every commit of any process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy.exc import DBAPIError

from ..model.errors import BadRequest, CygnetError
from ..model.notices import MAX_AGE, MAX_WORDS, Facts, InboxState, News, Notice
from ..model.principal import Principal
from ..store import notices as store
from ..store.database import Database
from .access import require_scope

log = logging.getLogger(__name__)

#: How often inboxes are asked about where nobody says that something was written.
POLL_SECONDS = 1.0
#: Writes of files are many, and say nothing of inboxes: they are asked about this often at most.
PAUSE_SECONDS = 0.1


class Inbox:
    """Everybody's inbox.

    Args:
        database: where notices lie.
        clock: seconds since 1970.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._stopped = False
        self._waiting: dict[asyncio.Future[None], str] = {}
        self._pump: asyncio.Task[None] | None = None
        self._written: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        database.on_commit(self._committed)

    @property
    def stopped(self) -> bool:
        """Whether every listener was told to go."""
        return self._stopped

    @property
    def listeners(self) -> int:
        """How many wait for news."""
        return len(self._waiting)

    async def listing(self, principal: Principal) -> tuple[list[Notice], InboxState]:
        """The person's notices, the newest first, and how the inbox stands."""
        require_scope(principal, "shares")
        user = principal.user
        return await self._database.read(lambda c: (store.listing(c, user), store.state(c, user)))

    async def state(self, principal: Principal) -> InboxState:
        """How the person's inbox stands."""
        require_scope(principal, "shares")
        return await self._database.read(lambda c: store.state(c, principal.user))

    async def mark(self, principal: Principal, ids: Sequence[int] | None, *, read: bool) -> InboxState:
        """Mark some of the person's notices, or with None all, as read or as new."""
        require_scope(principal, "shares")
        await self._database.write(lambda c: store.mark(c, principal.user, ids, read=read))
        return await self.state(principal)

    async def report(self, principal: Principal, words: str) -> None:
        """A notebook server says what is wrong with its mount; empty words: nothing any more.

        Raises:
            BadRequest: the words are too long.
        """
        require_scope(principal, "files:read")
        if len(words) > MAX_WORDS:
            raise BadRequest("The words can have {most} characters at most.", most=MAX_WORDS)
        news = News("mount", "mount", Facts(words=words))
        user = principal.user
        if words:
            await self._database.write(lambda c: store.put(c, [user], news, self._clock()))
        else:
            await self._database.write(lambda c: store.forget(c, news.subject, [user]))

    async def wait(self, principal: Principal, version: int, seconds: float) -> InboxState:
        """How the inbox stands, as soon as that is another version, or after so many seconds."""
        woken = self._register(principal.user)
        try:
            found = await self.state(principal)
            if found.version == version and not self._stopped:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await woken
                found = await self.state(principal)
            return found
        finally:
            self._waiting.pop(woken, None)

    async def forget_old(self) -> None:
        """Forget what was said long ago."""
        before = self._clock() - MAX_AGE
        await self._database.write(lambda c: store.forget_before(c, before))

    async def stop(self) -> None:
        """Send every listener away, and end the task that asks for news."""
        self._stopped = True
        self._wake(list(self._waiting))
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pump

    def _register(self, user: str) -> asyncio.Future[None]:
        """A future that news completes; made before looking, so that none is missed."""
        loop = asyncio.get_running_loop()
        if self._pump is None or self._pump.done():
            self._loop, self._written = loop, asyncio.Event()
            self._pump = loop.create_task(self._watch(self._written), name="inbox-feed")
        woken: asyncio.Future[None] = loop.create_future()
        self._waiting[woken] = user
        return woken

    def _committed(self) -> None:
        """Called in the writer's thread, and in that which watches other processes."""
        loop, written = self._loop, self._written
        if loop is not None and written is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it all listeners
                loop.call_soon_threadsafe(written.set)

    async def _watch(self, written: asyncio.Event) -> None:
        last: int | None = None
        while True:
            written.clear()
            try:
                last = await self._wake_those_concerned(last)
            except (CygnetError, DBAPIError):
                log.warning("inboxes cannot be read; trying again", exc_info=True)
            await asyncio.sleep(PAUSE_SECONDS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await written.wait()

    async def _wake_those_concerned(self, last: int | None) -> int:
        if last is None:
            # Whoever waits may have looked before this: what came in between would be missed.
            newest = await self._database.read(store.last_change)
            self._wake(list(self._waiting))
            return newest
        changed = await self._database.read(partial(store.changed_since, version=last))
        self._wake([woken for woken, user in self._waiting.items() if user in changed])
        return max(changed.values(), default=last)

    @staticmethod
    def _wake(woken: Sequence[asyncio.Future[None]]) -> None:
        for one in woken:
            if not one.done():
                one.set_result(None)
