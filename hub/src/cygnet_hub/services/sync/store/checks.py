"""Statements that look for what must never be, and for what nothing refers to any more."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, and_, case, delete, func, or_, select, update

from . import nodes
from .schema import extent, manifest, manifest_piece, node, space, trash, upload_part, version


def extents(connection: Connection) -> dict[str, int]:
    """Every extent that the database knows: key to size in bytes."""
    return {row.key: row.size for row in connection.execute(select(extent.c.key, extent.c.size))}


class StoredExtent(NamedTuple):
    """An extent as the database knows it; `sums` is None where it has no checksums of blocks."""

    id: int
    key: str
    size: int
    sha256: str
    sums: bytes | None


def extents_after(connection: Connection, after: int, limit: int) -> list[StoredExtent]:
    """The next extents by their numbers."""
    columns = (extent.c.id, extent.c.key, extent.c.size, extent.c.sha256, extent.c.sums)
    wanted = select(*columns).where(extent.c.id > after).order_by(extent.c.id).limit(limit)
    return [StoredExtent._make(row) for row in connection.execute(wanted)]


def knows(connection: Connection, key: str) -> bool:
    """Whether the database still has an extent."""
    return connection.execute(select(extent.c.id).where(extent.c.key == key)).first() is not None


def set_sums(connection: Connection, extent_id: int, sums: bytes) -> None:
    """Give an extent the checksums of its blocks."""
    connection.execute(update(extent).where(extent.c.id == extent_id).values(sums=sums))


def paths_of_extent(connection: Connection, key: str) -> list[str]:
    """The files that have bytes in an extent, as "owner:/path", with a word on those in the trash."""
    return [_path(connection, node_id) for node_id in files_of_extent(connection, key)]


def _path(connection: Connection, node_id: int) -> str:
    names: list[str] = []
    row = nodes.get(connection, node_id)
    while row is not None and row.parent is not None:
        names.insert(0, row.name)
        row = nodes.get(connection, row.parent)
    if row is None:
        return f"node {node_id}"
    owner = connection.execute(select(space.c.owner).where(space.c.id == row.space)).scalar()
    thrown = connection.execute(select(trash.c.path).where(trash.c.node == row.id)).scalar()
    below = "".join(f"/{name}" for name in names)
    return f"{owner}:{thrown}{below} (in the trash)" if thrown else f"{owner}:{below}"


def files_of_extent(connection: Connection, key: str) -> list[int]:
    """The ids of the nodes whose versions, current or old, have bytes in an extent."""
    wanted = (
        select(version.c.node)
        .join(manifest_piece, manifest_piece.c.manifest == version.c.manifest)
        .join(extent, extent.c.id == manifest_piece.c.extent)
        .where(extent.c.key == key)
    )
    return sorted(set(connection.execute(wanted).scalars()))


def files_without_version(connection: Connection) -> list[int]:
    """Files whose current version is missing or belongs to another node."""
    wanted = select(node.c.id).outerjoin(version, version.c.id == node.c.version)
    wrong = or_(version.c.id.is_(None), version.c.node != node.c.id)
    return list(connection.execute(wanted.where(node.c.folder.is_(False), wrong)).scalars())


def lost_nodes(connection: Connection) -> list[int]:
    """Nodes without a parent that are neither the root of a space nor in the trash."""
    roots, thrown = select(space.c.root), select(trash.c.node)
    wanted = select(node.c.id).where(
        node.c.parent.is_(None), node.c.id.not_in(roots), node.c.id.not_in(thrown)
    )
    return list(connection.execute(wanted).scalars())


def wrong_manifests(connection: Connection) -> list[int]:
    """Manifests whose pieces do not add up to their size."""
    total = func.coalesce(func.sum(manifest_piece.c.length), 0)
    wanted = select(manifest.c.id).outerjoin(manifest_piece, manifest_piece.c.manifest == manifest.c.id)
    return list(connection.execute(wanted.group_by(manifest.c.id).having(total != manifest.c.size)).scalars())


def wrong_sizes(connection: Connection) -> list[tuple[int, int]]:
    """Folders whose size is not the sum of what is in them: (id, right size). Correct from the bottom up."""
    inner = node.alias()
    total = func.coalesce(func.sum(inner.c.size), 0).label("total")
    wanted = select(node.c.id, total).outerjoin(inner, inner.c.parent == node.c.id)
    grouped = wanted.where(node.c.folder.is_(True)).group_by(node.c.id, node.c.size)
    return [(row[0], row[1]) for row in connection.execute(grouped.having(total != node.c.size))]


def stale_folders(connection: Connection) -> list[tuple[int, int]]:
    """Folders with an older sequence number than something in them: (id, right number)."""
    inner = node.alias()
    newest = func.max(inner.c.tree_seq).label("newest")
    wanted = select(node.c.id, newest).join(inner, inner.c.parent == node.c.id)
    grouped = wanted.group_by(node.c.id, node.c.tree_seq)
    return [(row[0], row[1]) for row in connection.execute(grouped.having(newest > node.c.tree_seq))]


def wrong_totals(connection: Connection) -> list[tuple[int, int]]:
    """Spaces whose count of stored bytes is wrong: (id, right count)."""
    total = func.coalesce(func.sum(version.c.size), 0).label("total")
    wanted = select(space.c.id, total).outerjoin(node, node.c.space == space.c.id)
    joined = wanted.outerjoin(version, version.c.node == node.c.id).group_by(space.c.id, space.c.stored)
    return [(row[0], row[1]) for row in connection.execute(joined.having(total != space.c.stored))]


def set_size(connection: Connection, node_id: int, size: int) -> None:
    """Correct the size of a folder."""
    connection.execute(update(node).where(node.c.id == node_id).values(size=size))


def set_seq(connection: Connection, node_id: int, seq: int) -> None:
    """Raise the sequence number of a folder."""
    newer = case((node.c.tree_seq < seq, seq), else_=node.c.tree_seq)
    connection.execute(update(node).where(node.c.id == node_id).values(tree_seq=newer))


def set_total(connection: Connection, space_id: int, stored: int) -> None:
    """Correct a space's count of stored bytes."""
    connection.execute(update(space).where(space.c.id == space_id).values(stored=stored))


def drop_garbage(connection: Connection, before: float, limit: int) -> list[str]:
    """Forget manifests that no version shows, and extents older than `before` that nothing refers to.

    Returns:
        the keys of those extents, at most `limit`; their bytes may go once this is committed.
    """
    shown = select(version.c.manifest)
    connection.execute(delete(manifest_piece).where(manifest_piece.c.manifest.not_in(shown)))
    connection.execute(delete(manifest).where(manifest.c.id.not_in(shown)))
    used = ~select(manifest_piece.c.extent).where(manifest_piece.c.extent == extent.c.id).exists()
    waiting = ~select(upload_part.c.extent).where(upload_part.c.extent == extent.c.id).exists()
    old = select(extent.c.id, extent.c.key).where(and_(extent.c.created < before, used, waiting)).limit(limit)
    rows = connection.execute(old).all()
    connection.execute(delete(extent).where(extent.c.id.in_([row.id for row in rows])))
    return [row.key for row in rows]
