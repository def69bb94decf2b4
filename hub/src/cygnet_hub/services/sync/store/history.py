"""Statements on what was: the trash, and the versions of a file."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, delete, func, or_, select, update

from . import nodes
from .schema import node, space, trash, version


class TrashRow(NamedTuple):
    """Something in the trash, and where it had been."""

    node: int
    space: int
    parent: int
    path: str
    deleted: float
    actor: str
    name: str
    folder: bool
    size: int
    mtime: float


class VersionRow(NamedTuple):
    """A version of a file."""

    id: int
    node: int
    manifest: int
    size: int
    mtime: float
    created: float
    author: str


_TRASH = select(*trash.c, node.c.name, node.c.folder, node.c.size, node.c.mtime).join(
    node, node.c.id == trash.c.node
)


def in_trash(connection: Connection, space_id: int) -> list[TrashRow]:
    """What is in the trash of a space, the newest first."""
    wanted = _TRASH.where(trash.c.space == space_id).order_by(trash.c.deleted.desc(), trash.c.node)
    return [TrashRow._make(row) for row in connection.execute(wanted)]


def trashed(connection: Connection, space_id: int, node_id: int) -> TrashRow | None:
    """One thing in the trash of a space."""
    row = connection.execute(_TRASH.where(trash.c.space == space_id, trash.c.node == node_id)).first()
    return TrashRow._make(row) if row else None


def thrown_away(connection: Connection, space_id: int, actor: str, node_id: int) -> TrashRow | None:
    """One thing in the trash of a space, or of any space if `actor` put it there."""
    known = or_(trash.c.space == space_id, trash.c.actor == actor)
    row = connection.execute(_TRASH.where(known, trash.c.node == node_id)).first()
    return TrashRow._make(row) if row else None


def leave_trash(connection: Connection, node_id: int) -> None:
    """Forget that something is in the trash."""
    connection.execute(delete(trash).where(trash.c.node == node_id))


def purge(connection: Connection, space_id: int, top: int) -> None:
    """Delete a node with all below it and all their versions; contents that nothing shows become garbage."""
    ids = nodes.subtree_ids(connection, top)
    gone = 0
    for start in range(0, len(ids), 500):
        below = version.c.node.in_(ids[start : start + 500])
        gone += int(connection.execute(select(func.sum(version.c.size)).where(below)).scalar() or 0)
    connection.execute(update(space).where(space.c.id == space_id).values(stored=space.c.stored - gone))
    # From the leaves up: a node may not go before what is in it.
    for node_id in reversed(ids):
        connection.execute(delete(node).where(node.c.id == node_id))


def versions_of(connection: Connection, node_id: int) -> list[VersionRow]:
    """Every version of a file, the current one too, the newest first."""
    wanted = select(*version.c).where(version.c.node == node_id).order_by(version.c.id.desc())
    return [VersionRow._make(row) for row in connection.execute(wanted)]
