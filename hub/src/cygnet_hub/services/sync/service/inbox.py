"""The inbox: what a person should know, read and unread, and word at once when there is something new.

Like the changes feed, one task asks the database for all listeners after every commit of any process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from ..model.errors import BadRequest
from ..model.notices import MAX_AGE, MAX_WORDS, Facts, InboxState, News, Notice
from ..model.principal import Principal
from ..store import notices as store
from ..store.database import Database
from .access import require_scope
from .waiters import Waiters, Written

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
        self._waiters = Waiters(database, "inbox-feed", self._ask, PAUSE_SECONDS)

    @property
    def stopped(self) -> bool:
        """Whether every listener was told to go."""
        return self._waiters.stopped

    @property
    def listeners(self) -> int:
        """How many wait for news."""
        return len(self._waiters)

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
        with self._waiters.enter(frozenset({principal.user})) as waiter:
            found = await self.state(principal)
            if found.version != version:
                return found
            await waiter.sleep(seconds)
        return await self.state(principal)

    async def forget_old(self) -> None:
        """Forget what was said long ago."""
        before = self._clock() - MAX_AGE
        await self._database.write(lambda c: store.forget_before(c, before))

    async def stop(self) -> None:
        """Send every listener away, and end the task that asks for news."""
        await self._waiters.stop()

    async def _ask(self, last: int | None) -> Written[str]:
        """The people whose inbox changed since version `last`."""
        if last is None:
            return Written(await self._database.read(store.last_change))
        changed = await self._database.read(partial(store.changed_since, version=last))
        return Written(max(changed.values(), default=last), frozenset(changed))
