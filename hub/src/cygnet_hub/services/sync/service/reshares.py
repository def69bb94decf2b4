"""Shares that were passed on count as long as whoever passed them on may do so.

A share ends with the one that it came from, where somebody ends that. But a person may also leave a group,
and nobody tells us of groups of the hub: so it is looked at whenever such a share is used.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, and_, or_, select

from ..model.node import Permission
from ..store import nodes
from ..store.groups import in_group
from ..store.schema import share

#: The groups of the hub that a person is in, as they were at most a moment ago.
GroupsOf = Callable[[str], frozenset[str]]


def still_passed_on(
    connection: Connection, node: int, owner: str, initiator: str, groups_of: GroupsOf, now: float
) -> bool:
    """Whether `initiator` owns a node, or may share it because of a share that counts now.

    Args:
        node: its id.
        owner: whose it is.
        initiator: who shared it.
        groups_of: says who is in which groups.
        now: seconds since 1970.
    """
    seen: set[str] = set()
    waiting = [initiator]
    while waiting:
        person = waiting.pop()
        if person == owner:
            return True
        if person not in seen:
            seen.add(person)
            waiting += _givers(connection, node, person, groups_of, now)
    return False


def _givers(connection: Connection, node: int, person: str, groups_of: GroupsOf, now: float) -> list[str]:
    """Who let a person share a node, or a folder above it."""
    above = [row.id for row in nodes.lineages(connection, [node]).get(node, [])]
    groups = in_group(share.c.grantee, person, groups_of(person))
    wanted = select(share.c.initiator).where(
        share.c.node.in_(above),
        or_(
            and_(share.c.kind == "user", share.c.grantee == person),
            and_(share.c.kind == "group", groups),
        ),
        share.c.permissions.bitwise_and(int(Permission.SHARE)) != 0,
        or_(share.c.expires.is_(None), share.c.expires > now),
    )
    return list(connection.execute(wanted).scalars())
