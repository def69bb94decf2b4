"""Statements on WebDAV locks."""

from __future__ import annotations

import time
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from .prepared import ForMany, Prepared
from .schema import lock, node


class LockRow(NamedTuple):
    """A lock that somebody holds."""

    token: str
    node: int
    exclusive: bool
    deep: bool
    holder: str
    owner_xml: str
    timeout: int
    expires: float


_LOCKS = select(*lock.c).where(lock.c.expires > bindparam("now"))
_ON_NODES = ForMany(lambda those: _LOCKS.where(lock.c.node.in_(those)).order_by(lock.c.token))
#: As a join, SQLite would look at every node of the space; locks are few.
_SPACE_OF = select(node.c.space).where(node.c.id == lock.c.node).scalar_subquery()
_IN_SPACE = Prepared(_LOCKS.where(bindparam("space_id") == _SPACE_OF))


def on_nodes(connection: Connection, ids: list[int]) -> list[LockRow]:
    """Locks on these nodes that have not expired."""
    return [LockRow._make(row) for row in _ON_NODES.all(connection, ids, now=time.time())]


def in_space(connection: Connection, space_id: int) -> list[LockRow]:
    """Locks anywhere in a space that have not expired."""
    return [LockRow._make(row) for row in _IN_SPACE.all(connection, space_id=space_id, now=time.time())]


def count_held(connection: Connection, holder: str) -> int:
    """How many locks somebody holds."""
    wanted = select(func.count()).where(lock.c.holder == holder, lock.c.expires > time.time())
    return int(connection.execute(wanted.select_from(lock)).scalar_one())


def add(connection: Connection, row: LockRow) -> None:
    """Record a lock; expired ones are swept away."""
    connection.execute(delete(lock).where(lock.c.expires <= time.time()))
    connection.execute(insert(lock).values(row._asdict()))


def refresh(connection: Connection, token: str, timeout: int) -> None:
    """Let a lock last `timeout` seconds from now."""
    connection.execute(
        update(lock).where(lock.c.token == token).values(timeout=timeout, expires=time.time() + timeout)
    )


def remove(connection: Connection, tokens: list[str]) -> None:
    """End these locks."""
    connection.execute(delete(lock).where(lock.c.token.in_(tokens)))
