"""Statements on accounts, spaces and facts about the installation."""

from __future__ import annotations

import secrets
import time
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import NoResultFound

from . import nodes
from .prepared import Prepared
from .schema import account, instance, space


class SpaceRow(NamedTuple):
    """A row of the space table."""

    id: int
    kind: str
    owner: str
    root: int
    seq: int
    quota: int | None
    stored: int


_SPACE = select(
    space.c.id, space.c.kind, space.c.owner, space.c.root, space.c.seq, space.c.quota, space.c.stored
)
_GET = Prepared(_SPACE.where(space.c.id == bindparam("id")))
_HOME = Prepared(
    _SPACE.join(account, account.c.home_space == space.c.id).where(account.c.name == bindparam("name"))
)
_NEXT = Prepared(
    update(space)
    .where(space.c.id == bindparam("space_id"))
    .values(seq=space.c.seq + bindparam("count"), stored=space.c.stored + bindparam("growth"))
    .returning(space.c.seq)
)


def get(connection: Connection, space_id: int) -> SpaceRow:
    """The space of this id."""
    row = _GET.first(connection, id=space_id)
    if row is None:
        raise NoResultFound(f"there is no space {space_id}")
    return SpaceRow._make(row)


def home(connection: Connection, user: str) -> SpaceRow | None:
    """The home space of an account; None before the account's first use."""
    row = _HOME.first(connection, name=user)
    return SpaceRow._make(row) if row else None


def open_account(
    connection: Connection, user: str, display_name: str = "", quota: int | None = None
) -> SpaceRow:
    """The home space of `user`, made when it is not there yet."""
    known = home(connection, user)
    if known is not None:
        return known
    space_id = add(connection, "home", user, quota)
    values = {
        "name": user,
        "display_name": display_name or user,
        "home_space": space_id,
        "created": time.time(),
    }
    connection.execute(insert(account).values(values))
    return get(connection, space_id)


def add(connection: Connection, kind: str, owner: str, quota: int | None = None) -> int:
    """Insert an empty space and return its id."""
    new = connection.execute(insert(space).values(kind=kind, owner=owner, quota=quota).returning(space.c.id))
    space_id = int(new.scalar_one())
    root = nodes.add_root(connection, space_id, time.time())
    connection.execute(update(space).where(space.c.id == space_id).values(root=root))
    return space_id


def next_seq(connection: Connection, space_id: int, growth: int = 0, count: int = 1) -> int:
    """The next number in the sequence of a space, or the last of the next `count`.

    Args:
        growth: bytes that it stores more from now on.
    """
    return int(_NEXT.value(connection, space_id=space_id, growth=growth, count=count))


def set_quota(connection: Connection, space_id: int, quota: int | None) -> None:
    """Limit a space to `quota` bytes; None: no limit."""
    connection.execute(update(space).where(space.c.id == space_id).values(quota=quota))


def fact(connection: Connection, key: str) -> str | None:
    """A fact about this installation."""
    return connection.execute(select(instance.c.value).where(instance.c.key == key)).scalar()


def set_fact(connection: Connection, key: str, value: str) -> None:
    """Remember a fact about this installation."""
    changed = connection.execute(update(instance).where(instance.c.key == key).values(value=value))
    if changed.rowcount == 0:
        connection.execute(insert(instance).values(key=key, value=value))


def facts(connection: Connection, prefix: str) -> list[str]:
    """The keys of the facts that begin with `prefix`."""
    wanted = select(instance.c.key).where(instance.c.key.startswith(prefix, autoescape=True))
    return list(connection.execute(wanted).scalars())


def drop_fact(connection: Connection, key: str) -> None:
    """Forget a fact."""
    connection.execute(delete(instance).where(instance.c.key == key))


def instance_id(connection: Connection) -> str:
    """The random name of this installation, made at first use; it is part of every etag and oc:id."""
    known = fact(connection, "instance")
    if known is None:
        known = "oc" + secrets.token_hex(5)
        set_fact(connection, "instance", known)
    return known
