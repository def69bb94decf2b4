"""Statements on favourites: what one person marked for themselves."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select

from .schema import favorite

_OF = select(favorite.c.node).where(favorite.c.user == bindparam("user"))


def of_user(connection: Connection, user: str) -> frozenset[int]:
    """The nodes that a person marked."""
    return frozenset(connection.execute(_OF, {"user": user}).scalars())


def mark(connection: Connection, user: str, node: int, *, marked: bool) -> None:
    """Mark a node, or take the mark away."""
    same = (favorite.c.user == user, favorite.c.node == node)
    connection.execute(delete(favorite).where(*same))
    if marked:
        connection.execute(insert(favorite).values(user=user, node=node))
