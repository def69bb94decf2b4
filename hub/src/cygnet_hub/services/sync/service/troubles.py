"""What people should be told before it is too late: deadlines, room that is used up, credentials that end."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial

from sqlalchemy import Connection

from ..model.notices import Facts, News
from ..store import groups as groups_store
from ..store import handouts, notices, troubles
from ..store.database import Database
from ..store.troubles import Due, Ending, Fullness
from . import news

#: How long before a deadline students are reminded.
REMIND_SECONDS = 24 * 3600.0
#: How long before it ends an access key is told of, of those that are good for twice as long.
KEY_SECONDS = 3 * 24 * 3600.0
#: Use is noted to about an hour: one that was used so long before its end was in use.
IN_USE_SECONDS = 2 * 3600.0
#: Shares of the quota: told of, told of again, and good again.
NEARLY, FULL, GOOD = 0.90, 0.99, 0.85

_QUOTA = "quota"

_Write = Callable[[Connection], None]


class Troubles:
    """Looks after everybody.

    Args:
        database: where it all lies.
        clock: seconds since 1970.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def tell(self) -> None:
        """Tell whoever should know and was not told; nothing is written when there is nothing to tell."""
        now = self._clock()
        for write in await self._database.read(partial(_found, now=now)):
            await self._database.write(write)


def _found(connection: Connection, now: float) -> list[_Write]:
    return [*_deadlines(connection, now), *_rooms(connection, now), *_credentials(connection, now)]


def _deadlines(connection: Connection, now: float) -> list[_Write]:
    by_handout: dict[int, list[Due]] = defaultdict(list)
    for one in troubles.due(connection, now, now + REMIND_SECONDS):
        by_handout[one.handout].append(one)
    found: list[_Write] = []
    for handout_id, waiting in by_handout.items():
        told = notices.on_subject(connection, f"due:{handout_id}")
        new = [one for one in waiting if one.user not in told or told[one.user].facts.moment != one.moment]
        if new:
            found.append(partial(_remind, handout_id=handout_id, waiting=new, now=now))
    return found


def _remind(connection: Connection, *, handout_id: int, waiting: Iterable[Due], now: float) -> None:
    handout = handouts.get(connection, handout_id)
    group = groups_store.get(connection, handout.group) if handout else None
    if handout is None or group is None:
        return
    for one in waiting:
        news.of_handout(connection, [one.user], "due", group, handout, now=now, moment=one.moment)


def _rooms(connection: Connection, now: float) -> list[_Write]:
    told = notices.on_subject(connection, _QUOTA)
    tight = {one.user: one for one in troubles.full(connection, GOOD)}
    found: list[_Write] = []
    if over := sorted(set(told) - set(tight)):
        found.append(partial(notices.forget, subject=_QUOTA, users=over))
    for user, one in tight.items():
        level = _level(one)
        before = told[user].facts.words if user in told else ""
        if level and before not in (level, "full"):
            facts = Facts(words=level)
            found.append(partial(notices.put, users=[user], news=News("quota", _QUOTA, facts), now=now))
    return found


def _level(one: Fullness) -> str:
    if one.used >= one.total * FULL:
        return "full"
    return "nearly" if one.used >= one.total * NEARLY else ""


def _credentials(connection: Connection, now: float) -> list[_Write]:
    keys = troubles.ending_keys(connection, now + KEY_SECONDS, 2 * KEY_SECONDS)
    servers = troubles.ended_servers(connection, now, IN_USE_SECONDS)
    return [
        *_ends(connection, keys, "key", now),
        *_ends(connection, servers, "server", now),
    ]


def _ends(connection: Connection, ending: Iterable[Ending], sort: str, now: float) -> list[_Write]:
    """What to tell of credentials of one sort; which one is in `words`."""
    found: list[_Write] = []
    for one in ending:
        subject = f"{sort}:{one.id}"
        if one.user not in notices.on_subject(connection, subject):
            facts = Facts(item=one.label, moment=one.expires, words=sort)
            found.append(partial(notices.put, users=[one.user], news=News("token", subject, facts), now=now))
    return found
