"""Statements on uploads in parts."""

from __future__ import annotations

import time
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from ..model.node import Content, Piece
from . import versions
from .schema import extent, upload, upload_part


class UploadRow(NamedTuple):
    """An upload that was begun, and what came of it if it was finished."""

    id: str
    user: str
    kind: str
    target: str
    total: int | None
    meta: str
    created: float
    touched: float
    result_node: int | None
    result_version: int | None
    result_created: bool


class Part(NamedTuple):
    """A part that has come; `key` names its extent, None when it has no bytes."""

    name: str
    number: int
    size: int
    key: str | None
    sums: bytes | None = None
    meta: str = "{}"


def get(connection: Connection, user: str, upload_id: str) -> UploadRow | None:
    """The upload of a user by its id."""
    row = connection.execute(select(*upload.c).where(upload.c.id == upload_id, upload.c.user == user)).first()
    return UploadRow._make(row) if row else None


def add(
    connection: Connection,
    user: str,
    upload_id: str,
    kind: str,
    *,
    target: str,
    total: int | None,
    meta: str = "{}",
) -> None:
    """Begin an upload."""
    now = time.time()
    values = {"id": upload_id, "user": user, "kind": kind, "target": target, "total": total, "meta": meta}
    connection.execute(insert(upload).values(**values, created=now, touched=now))


def parts(connection: Connection, user: str, upload_id: str) -> list[Part]:
    """The parts that have come, in their order."""
    wanted = (
        select(
            upload_part.c.name,
            upload_part.c.number,
            upload_part.c.size,
            extent.c.key,
            extent.c.sums,
            upload_part.c.meta,
        )
        .outerjoin(extent, extent.c.id == upload_part.c.extent)
        .where(upload_part.c.upload == upload_id, upload_part.c.user == user)
        .order_by(upload_part.c.number, upload_part.c.name)
    )
    return [Part._make(row) for row in connection.execute(wanted)]


def put_part(
    connection: Connection,
    user: str,
    upload_id: str,
    name: str,
    number: int,
    content: Content,
    meta: str = "{}",
) -> None:
    """Record a durable part; one that came before under the same name is replaced.

    Args:
        meta: JSON that is kept with it.
    """
    piece: Piece | None = content.pieces[0] if content.pieces else None
    extent_id = versions.add_extent(connection, piece, content.checksums.sha256) if piece else None
    drop_part(connection, user, upload_id, name)
    values = {"upload": upload_id, "user": user, "name": name, "number": number, "extent": extent_id}
    connection.execute(insert(upload_part).values(**values, size=content.size, meta=meta))
    touch(connection, user, upload_id)


def drop_part(connection: Connection, user: str, upload_id: str, name: str) -> None:
    """Forget a part; its extent becomes garbage."""
    same = (upload_part.c.upload == upload_id, upload_part.c.user == user, upload_part.c.name == name)
    connection.execute(delete(upload_part).where(*same))


def touch(connection: Connection, user: str, upload_id: str) -> None:
    """Note that somebody is still at it."""
    this = (upload.c.id == upload_id, upload.c.user == user)
    connection.execute(update(upload).where(*this).values(touched=time.time()))


def finish(
    connection: Connection, user: str, upload_id: str, node: int, version: int, *, created: bool
) -> None:
    """Remember what came of an upload, and forget its parts."""
    connection.execute(
        delete(upload_part).where(upload_part.c.upload == upload_id, upload_part.c.user == user)
    )
    this = (upload.c.id == upload_id, upload.c.user == user)
    connection.execute(
        update(upload)
        .where(*this)
        .values(touched=time.time(), result_node=node, result_version=version, result_created=created)
    )


def of_kind(connection: Connection, user: str, kind: str) -> list[UploadRow]:
    """A user's uploads of one kind that are not finished, by target."""
    wanted = select(*upload.c).where(
        upload.c.user == user, upload.c.kind == kind, upload.c.result_node.is_(None)
    )
    return [UploadRow._make(row) for row in connection.execute(wanted.order_by(upload.c.target))]


def drop(connection: Connection, user: str, upload_id: str) -> None:
    """Forget an upload."""
    connection.execute(
        delete(upload_part).where(upload_part.c.upload == upload_id, upload_part.c.user == user)
    )
    connection.execute(delete(upload).where(upload.c.id == upload_id, upload.c.user == user))


def expire(connection: Connection, before: float) -> int:
    """Forget the uploads that nobody touched since `before`, and return how many there were."""
    old = connection.execute(select(upload.c.user, upload.c.id).where(upload.c.touched < before)).all()
    for row in old:
        drop(connection, row.user, row.id)
    return len(old)
