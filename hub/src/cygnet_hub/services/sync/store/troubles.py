"""Statements that find what people should be told before it is too late."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from .class_schema import handout, handout_copy, submission
from .schema import access_key, account, credential, node, space


class Due(NamedTuple):
    """A student who has not handed in yet, and by when they must."""

    handout: int
    user: str
    moment: float


class Fullness(NamedTuple):
    """How full somebody's files are; bytes."""

    user: str
    used: int
    total: int


class Ending(NamedTuple):
    """A credential that has ended, or will."""

    id: str
    user: str
    label: str
    expires: float


def due(connection: Connection, after: float, until: float) -> list[Due]:
    """Whose deadline lies between two times and who has handed nothing in."""
    moment = func.coalesce(handout_copy.c.due, handout.c.deadline)
    handed_in = select(submission.c.id).where(
        submission.c.handout == handout_copy.c.handout, submission.c.user == handout_copy.c.user
    )
    wanted = (
        select(handout_copy.c.handout, handout_copy.c.user, moment)
        .join(handout, handout.c.id == handout_copy.c.handout)
        .where(moment > after, moment <= until, ~handed_in.exists())
    )
    return [Due._make(row) for row in connection.execute(wanted)]


def full(connection: Connection, share: float) -> list[Fullness]:
    """The people whose files take more than this share of their quota."""
    wanted = (
        select(account.c.name, node.c.size, space.c.quota)
        .join(space, space.c.id == account.c.home_space)
        .join(node, node.c.id == space.c.root)
        .where(space.c.quota.is_not(None), node.c.size >= space.c.quota * share)
    )
    return [Fullness._make(row) for row in connection.execute(wanted)]


def ending_keys(connection: Connection, until: float, shortest: float) -> list[Ending]:
    """Access keys that end before a time, of those that were made for longer than `shortest` seconds."""
    lasting = access_key.c.expires - access_key.c.created > shortest
    wanted = select(access_key.c.id, access_key.c.user, access_key.c.label, access_key.c.expires)
    rows = connection.execute(wanted.where(access_key.c.expires <= until, lasting))
    return [Ending._make(row) for row in rows]


def ended_servers(connection: Connection, now: float, lately: float) -> list[Ending]:
    """Credentials of notebook servers that nobody renewed, though they were used until their end."""
    c = credential.c
    wanted = select(c.id, c.user, c.server, c.expires).where(
        c.kind == "server", c.expires <= now, c.used.is_not(None), c.used > c.expires - lately
    )
    return [Ending._make(row) for row in connection.execute(wanted)]
