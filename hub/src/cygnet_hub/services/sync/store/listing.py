"""Statements for listings: of many nodes in a folder only what is said of each, as columns.

Who lists a folder looks at as many rows as at no other time: nothing is read of them that is not shown, and
none of them becomes an object.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, bindparam, func, select

from .prepared import Prepared
from .schema import favorite, manifest, node, prop, share, version


class Columns(NamedTuple):
    """What is stored of nodes in one folder, by column; checksums by kind, where they were asked for."""

    id: Sequence[int]
    name: Sequence[str]
    folder: Sequence[bool]
    version: Sequence[int]
    size: Sequence[int]
    mtime: Sequence[float]
    created: Sequence[float]
    tree_seq: Sequence[int]
    sums: Sequence[Sequence[str | None]]


_NODE = (
    node.c.id,
    node.c.name,
    node.c.folder,
    func.coalesce(node.c.version, 0),
    node.c.size,
    node.c.mtime,
    node.c.created,
    node.c.tree_seq,
)
#: In the order in which `Checksums` has them.
_SUMS = (manifest.c.sha256, manifest.c.sha1, manifest.c.md5, manifest.c.adler32)


def _of_folder(statement: Any) -> Prepared:
    return Prepared(
        statement.where(node.c.parent == bindparam("parent"), node.c.name_key > bindparam("after"))
        .order_by(node.c.name_key)
        .limit(bindparam("most", type_=Integer))
    )


_PAGE = _of_folder(select(*_NODE))
_PAGE_WITH_SUMS = _of_folder(
    select(*_NODE, *_SUMS).select_from(
        node.outerjoin(version, version.c.id == node.c.version).outerjoin(
            manifest, manifest.c.id == version.c.manifest
        )
    )
)


def page(connection: Connection, parent: int, after: str, most: int, *, sums: bool) -> Columns:
    """The first children, by name, whose names come behind `after`.

    Args:
        sums: whether checksums are asked for.
    """
    statement = _PAGE_WITH_SUMS if sums else _PAGE
    rows = statement.all(connection, parent=parent, after=after, most=most)
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(_NODE)
    return Columns._make([*columns[: len(_NODE)], columns[len(_NODE) :]])


_INSIDE = node.c.parent == bindparam("parent")
_MARKED = Prepared(
    select(node.c.id)
    .join(favorite, favorite.c.node == node.c.id)
    .where(_INSIDE, favorite.c.user == bindparam("user"))
)
_SHARED = Prepared(
    select(node.c.id)
    .join(share, share.c.node == node.c.id)
    .where(_INSIDE, share.c.owner == bindparam("user"))
)
#: As a join, SQLite might look at every property that there is.
_WITH_DEAD = Prepared(
    select(node.c.id).where(_INSIDE, select(prop.c.node).where(prop.c.node == node.c.id).exists())
)


def marked(connection: Connection, parent: int, user: str) -> set[int]:
    """What is in a folder and a favourite of somebody."""
    return {row[0] for row in _MARKED.all(connection, parent=parent, user=user)}


def shared(connection: Connection, parent: int, user: str) -> set[int]:
    """What is in a folder and shared, where it belongs to this person."""
    return {row[0] for row in _SHARED.all(connection, parent=parent, user=user)}


def with_dead_properties(connection: Connection, parent: int) -> set[int]:
    """What is in a folder and has properties that clients have set."""
    return {row[0] for row in _WITH_DEAD.all(connection, parent=parent)}
