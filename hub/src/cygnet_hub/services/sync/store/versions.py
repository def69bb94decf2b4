"""Statements on file versions: extents, the manifests made of them, and the versions that show those."""

from __future__ import annotations

import time

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from ..model.node import Checksums, Content, Piece
from .schema import extent, manifest, manifest_piece, version

_FIND_EXTENT = select(extent.c.id).where(extent.c.key == bindparam("key"))
_ADD_EXTENT = insert(extent).returning(extent.c.id)
_ADD_PIECES = insert(manifest_piece)
_ADD_MANIFEST = insert(manifest).returning(manifest.c.id)
_ADD_VERSION = insert(version).returning(version.c.id)


def add_extent(connection: Connection, piece: Piece, sha256: str) -> int:
    """Record a durable extent, of which `piece` is the whole, and return its id; again, the same one."""
    known = connection.execute(_FIND_EXTENT, {"key": piece.key}).scalar()
    if known is not None:
        return int(known)
    values = {"key": piece.key, "size": piece.length, "sha256": sha256, "created": time.time()}
    return int(connection.execute(_ADD_EXTENT, {**values, "sums": piece.sums}).scalar_one())


def add_manifest(connection: Connection, content: Content) -> int:
    """Record `content`, whose extents are durable, and return the manifest's id."""
    sums = content.checksums
    values = {
        "size": content.size,
        "sha256": sums.sha256,
        "sha1": sums.sha1,
        "md5": sums.md5,
        "adler32": sums.adler32,
    }
    identifier = int(connection.execute(_ADD_MANIFEST, values).scalar_one())
    whole = len(content.pieces) == 1
    pieces = [
        {
            "manifest": identifier,
            "position": position,
            "extent": add_extent(connection, piece, sums.sha256 if whole else ""),
            "offset": piece.offset,
            "length": piece.length,
        }
        for position, piece in enumerate(content.pieces)
    ]
    if pieces:
        connection.execute(_ADD_PIECES, pieces)
    return identifier


def add_version(
    connection: Connection, node_id: int, manifest_id: int, size: int, mtime: float, now: float, author: str
) -> int:
    """Record a version of a file and return its id: a new etag."""
    values = {
        "node": node_id,
        "manifest": manifest_id,
        "size": size,
        "mtime": mtime,
        "created": now,
        "author": author,
    }
    return int(connection.execute(_ADD_VERSION, values).scalar_one())


def manifest_of(connection: Connection, version_id: int) -> int:
    """The manifest that a version shows."""
    return int(connection.execute(select(version.c.manifest).where(version.c.id == version_id)).scalar_one())


def adopt(connection: Connection, source: int, destination: int) -> None:
    """Make every version of one node a version of another."""
    connection.execute(update(version).where(version.c.node == source).values(node=destination))


_PIECES = (
    select(extent.c.key, manifest_piece.c.offset, manifest_piece.c.length, extent.c.sums)
    .join(extent, extent.c.id == manifest_piece.c.extent)
    .join(version, version.c.manifest == manifest_piece.c.manifest)
    .where(version.c.id == bindparam("version"))
    .order_by(manifest_piece.c.position)
)
_SUMS = (
    select(manifest.c.size, manifest.c.sha256, manifest.c.sha1, manifest.c.md5, manifest.c.adler32)
    .join(version, version.c.manifest == manifest.c.id)
    .where(version.c.id == bindparam("version"))
)


def content_of(connection: Connection, version_id: int) -> Content:
    """Where the bytes of a version lie."""
    size, *sums = connection.execute(_SUMS, {"version": version_id}).one()
    pieces = tuple(
        Piece(key, offset, length, sums or b"")
        for key, offset, length, sums in connection.execute(_PIECES, {"version": version_id})
    )
    return Content(size, pieces, Checksums(*sums))


def stored_below(connection: Connection, ids: list[int]) -> int:
    """Bytes of every version of these nodes."""
    total = connection.execute(select(func.sum(version.c.size)).where(version.c.node.in_(ids))).scalar()
    return int(total or 0)


def delete_versions(connection: Connection, ids: list[int]) -> None:
    """Forget versions; their extents become garbage when nothing else shows them."""
    connection.execute(delete(version).where(version.c.id.in_(ids)))
