"""Statements on file versions: extents, the manifests made of them, and the versions that show those."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NoReturn

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import NoResultFound

from ..model.node import Checksums, Content, Piece
from .nodes import NodeRow
from .prepared import Prepared, reserve
from .schema import extent, manifest, manifest_piece, version

_FIND_EXTENT = Prepared(select(extent.c.id).where(extent.c.key == bindparam("key")))
_ADD_EXTENT = Prepared(insert(extent).returning(extent.c.id), ("key", "size", "sha256", "created", "sums"))
_ADD_PIECE = Prepared(insert(manifest_piece), ("manifest", "position", "extent", "offset", "length"))
_ADD_MANIFEST = Prepared(
    insert(manifest).returning(manifest.c.id), ("size", "sha256", "sha1", "md5", "adler32")
)
_ADD_VERSION = Prepared(
    insert(version).returning(version.c.id), ("node", "manifest", "size", "mtime", "created", "author")
)


def add_extent(connection: Connection, piece: Piece, sha256: str) -> int:
    """Record a durable extent, of which `piece` is the whole, and return its id; again, the same one."""
    known = _FIND_EXTENT.value(connection, key=piece.key)
    if known is not None:
        return int(known)
    values = {"key": piece.key, "size": piece.length, "sha256": sha256, "created": time.time()}
    return int(_ADD_EXTENT.value(connection, **values, sums=piece.sums))


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
    identifier = int(_ADD_MANIFEST.value(connection, **values))
    whole = len(content.pieces) == 1
    for position, piece in enumerate(content.pieces):
        _ADD_PIECE.do(
            connection,
            manifest=identifier,
            position=position,
            extent=add_extent(connection, piece, sums.sha256 if whole else ""),
            offset=piece.offset,
            length=piece.length,
        )
    return identifier


_ADD_MANIFESTS = Prepared(insert(manifest), ("id", "size", "sha256", "sha1", "md5", "adler32"))


def add_manifests(connection: Connection, contents: Sequence[Content]) -> list[int]:
    """Record contents whose extents are recorded already, and return the ids of the manifests."""
    ids = reserve(connection, "manifest", len(contents))
    keys = {piece.key for content in contents for piece in content.pieces}
    extents = {key: _FIND_EXTENT.value(connection, key=key) for key in keys}
    numbered = list(zip(ids, contents, strict=True))
    _ADD_MANIFESTS.many(
        connection, ({"id": number, "size": one.size, **vars(one.checksums)} for number, one in numbered)
    )
    _ADD_PIECE.many(
        connection,
        (
            {
                "manifest": number,
                "position": position,
                "extent": extents[piece.key],
                "offset": piece.offset,
                "length": piece.length,
            }
            for number, one in numbered
            for position, piece in enumerate(one.pieces)
        ),
    )
    return ids


_ADD_VERSIONS = Prepared(insert(version), ("id", "node", "manifest", "size", "mtime", "created", "author"))


def add_versions(
    connection: Connection, rows: Sequence[NodeRow], manifests: Sequence[int], now: float, author: str
) -> None:
    """Record the first versions of files, whose ids are in their rows."""
    _ADD_VERSIONS.many(
        connection,
        (
            {
                "id": row.version,
                "node": row.id,
                "manifest": number,
                "size": row.size,
                "mtime": row.mtime,
                "created": now,
                "author": author,
            }
            for row, number in zip(rows, manifests, strict=True)
        ),
    )


def add_version(
    connection: Connection, node_id: int, manifest_id: int, size: int, mtime: float, now: float, author: str
) -> int:
    """Record a version of a file and return its id: a new etag."""
    added = _ADD_VERSION.value(
        connection,
        node=node_id,
        manifest=manifest_id,
        size=size,
        mtime=mtime,
        created=now,
        author=author,
    )
    return int(added)


def manifest_of(connection: Connection, version_id: int) -> int:
    """The manifest that a version shows."""
    return int(connection.execute(select(version.c.manifest).where(version.c.id == version_id)).scalar_one())


def adopt(connection: Connection, source: int, destination: int) -> None:
    """Make every version of one node a version of another."""
    connection.execute(update(version).where(version.c.node == source).values(node=destination))


_PIECES = Prepared(
    select(extent.c.key, manifest_piece.c.offset, manifest_piece.c.length, extent.c.sums)
    .join(extent, extent.c.id == manifest_piece.c.extent)
    .join(version, version.c.manifest == manifest_piece.c.manifest)
    .where(version.c.id == bindparam("version"))
    .order_by(manifest_piece.c.position)
)
_SUMS = Prepared(
    select(manifest.c.size, manifest.c.sha256, manifest.c.sha1, manifest.c.md5, manifest.c.adler32)
    .join(version, version.c.manifest == manifest.c.id)
    .where(version.c.id == bindparam("version"))
)


def content_of(connection: Connection, version_id: int) -> Content:
    """Where the bytes of a version lie."""
    size, *sums = _SUMS.first(connection, version=version_id) or _missing(version_id)
    return Content(size, _pieces(connection, version_id), Checksums(*sums))


def current_content(connection: Connection, row: NodeRow) -> Content:
    """Where the bytes of a file lie, as it is now: its row says the rest already."""
    return Content(row.size, _pieces(connection, row.version or 0), row.checksums)


def _pieces(connection: Connection, version_id: int) -> tuple[Piece, ...]:
    found = _PIECES.all(connection, version=version_id)
    return tuple(Piece(key, offset, length, sums or b"") for key, offset, length, sums in found)


def _missing(version_id: int) -> NoReturn:
    raise NoResultFound(f"there is no version {version_id}")


def stored_below(connection: Connection, ids: list[int]) -> int:
    """Bytes of every version of these nodes."""
    total = connection.execute(select(func.sum(version.c.size)).where(version.c.node.in_(ids))).scalar()
    return int(total or 0)


def delete_versions(connection: Connection, ids: list[int]) -> None:
    """Forget versions; their extents become garbage when nothing else shows them."""
    connection.execute(delete(version).where(version.c.id.in_(ids)))
