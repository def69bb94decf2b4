"""Statements on shares and on what people answered to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, insert, or_, select, update

from .groups import in_group
from .schema import share, share_answer


class ShareRow(NamedTuple):
    """A share, with the answer of the person that was asked about (None: not asked for, or none yet).

    `expires` is the moment from which it counts no more, seconds since 1970. `token` is sealed.
    """

    id: int
    kind: str
    node: int
    owner: str
    initiator: str
    grantee: str
    permissions: int
    token: str | None
    password_hash: str | None
    expires: float | None
    label: str
    note: str
    revision: int
    created: float
    state: str | None
    mount_name: str | None


_COLUMNS = (
    share.c.id,
    share.c.kind,
    share.c.node,
    share.c.owner,
    share.c.initiator,
    share.c.grantee,
    share.c.permissions,
    share.c.token,
    share.c.password_hash,
    share.c.expires,
    share.c.label,
    share.c.note,
    share.c.revision,
    share.c.created,
)


def _rows(user: str = "") -> Select[Any]:
    """Every share, with the answer of `user`, or else of whom it was made for."""
    who = share_answer.c.user == (user or share.c.grantee)
    answered = and_(share_answer.c.share == share.c.id, who)
    columns = (*_COLUMNS, share_answer.c.state, share_answer.c.mount_name)
    return select(*columns).select_from(share.outerjoin(share_answer, answered)).order_by(share.c.id)


def _alive(now: float) -> ColumnElement[bool]:
    return or_(share.c.expires.is_(None), share.c.expires > now)


def _granted(user: str, groups: Iterable[str]) -> ColumnElement[bool]:
    to_user = and_(share.c.kind == "user", share.c.grantee == user)
    to_group = and_(share.c.kind == "group", in_group(share.c.grantee, user, sorted(groups)))
    return and_(or_(to_user, to_group), share.c.owner != user)


def _fetch(connection: Connection, query: Select[Any]) -> list[ShareRow]:
    return [ShareRow._make(row) for row in connection.execute(query)]


def get(connection: Connection, share_id: int, user: str = "") -> ShareRow | None:
    """The share of this id, expired or not, with the answer of `user` or else of its grantee."""
    rows = _fetch(connection, _rows(user).where(share.c.id == share_id))
    return rows[0] if rows else None


def by_token(connection: Connection, token_hash: str) -> ShareRow | None:
    """The link whose token has this hash, expired or not."""
    rows = _fetch(connection, _rows().where(share.c.token_hash == token_hash))
    return rows[0] if rows else None


def of_node(connection: Connection, node: int, now: float) -> list[ShareRow]:
    """The shares of a node that count now."""
    return _fetch(connection, _rows().where(share.c.node == node, _alive(now)))


def made_by(connection: Connection, user: str, now: float) -> list[ShareRow]:
    """The shares that a person made, or that others made of the person's files."""
    made = or_(share.c.owner == user, share.c.initiator == user)
    return _fetch(connection, _rows().where(made, _alive(now)))


def received(connection: Connection, user: str, groups: Iterable[str], now: float) -> list[ShareRow]:
    """What was shared with a person or one of the groups, with the person's answers."""
    return _fetch(connection, _rows(user).where(_granted(user, groups), _alive(now)))


def between(connection: Connection, node: int, kind: str, grantee: str) -> list[ShareRow]:
    """The shares of a node with one user or group, expired or not."""
    wanted = _rows().where(share.c.node == node, share.c.kind == kind, share.c.grantee == grantee)
    return _fetch(connection, wanted)


def below(connection: Connection, owner: str) -> list[ShareRow]:
    """Shares that others than the owner made of an owner's files."""
    return _fetch(connection, _rows().where(share.c.owner == owner, share.c.initiator != owner))


def mount_names(connection: Connection, user: str) -> dict[str, int]:
    """The names in a person's Shares folder with their nodes; of expired and declined shares too."""
    query = (
        select(share_answer.c.mount_name, share.c.node)
        .join(share, share.c.id == share_answer.c.share)
        .where(share_answer.c.user == user, share_answer.c.mount_name != "")
    )
    return {row.mount_name: row.node for row in connection.execute(query)}


def add(connection: Connection, **values: Any) -> int:
    """Insert a share and return its id."""
    return int(connection.execute(insert(share).values(**values).returning(share.c.id)).scalar_one())


def change(connection: Connection, share_id: int, **values: Any) -> None:
    """Change columns of a share."""
    connection.execute(update(share).where(share.c.id == share_id).values(**values))


def remove(connection: Connection, share_ids: Iterable[int]) -> None:
    """Delete shares with the answers to them."""
    ids = list(share_ids)
    connection.execute(delete(share_answer).where(share_answer.c.share.in_(ids)))
    connection.execute(delete(share).where(share.c.id.in_(ids)))


def answer(connection: Connection, share_id: int, user: str, state: str, mount_name: str, now: float) -> None:
    """Note what a person answered, and the name under which the share is mounted."""
    mine = and_(share_answer.c.share == share_id, share_answer.c.user == user)
    values = {"state": state, "mount_name": mount_name, "answered": now}
    if connection.execute(update(share_answer).where(mine).values(values)).rowcount == 0:
        connection.execute(insert(share_answer).values(share=share_id, user=user, **values))
