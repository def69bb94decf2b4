"""Statements about the objects of S3: what is kept besides their bytes, and listings in the order of keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, collate, delete, exists, insert, select

from .prepared import Prepared
from .schema import manifest, node, s3_folder, s3_object, share, version


class Kept(NamedTuple):
    """What is kept of a version, and when (seconds since 1970) the version was made."""

    created: float
    etag: str | None
    facts: str | None


_KEPT = Prepared(
    select(version.c.created, s3_object.c.etag, s3_object.c.facts)
    .outerjoin(s3_object, s3_object.c.version == version.c.id)
    .where(version.c.id == bindparam("version"))
)
_KEEP = Prepared(insert(s3_object), ("version", "etag", "facts"))


def kept(connection: Connection, version_id: int) -> Kept:
    """What is kept of a version."""
    return Kept(*_KEPT.all(connection, version=version_id)[0])


def keep(connection: Connection, version_id: int, etag: str, facts: str) -> None:
    """Keep this of a new version."""
    _KEEP.do(connection, version=version_id, etag=etag, facts=facts)


def keep_instead(connection: Connection, version_id: int, etag: str, facts: str) -> None:
    """Keep this of a version, instead of what was kept before."""
    connection.execute(delete(s3_object).where(s3_object.c.version == version_id))
    keep(connection, version_id, etag, facts)


def imply(connection: Connection, node_id: int) -> None:
    """Note that a folder is there only because of what is in it."""
    connection.execute(insert(s3_folder).values(node=node_id))


def make_explicit(connection: Connection, node_id: int) -> None:
    """Let a folder stay when nothing is in it any more."""
    connection.execute(delete(s3_folder).where(s3_folder.c.node == node_id))


def is_idle(connection: Connection, node_id: int) -> bool:
    """Whether a folder is there only because of what was in it, and that is gone, and nobody was given it."""
    implied = exists().where(s3_folder.c.node == node_id)
    filled = exists().where(node.c.parent == node_id)
    shared = exists().where(share.c.node == node_id)
    return bool(connection.execute(select(implied & ~filled & ~shared)).scalar_one())


class ListedRow(NamedTuple):
    """A file or folder in a listing."""

    id: int
    name: str
    key: str
    folder: bool
    size: int
    version: int | None
    mtime: float
    md5: str | None
    created: float | None
    etag: str | None


_LISTED = select(
    node.c.id,
    node.c.name,
    node.c.name_key,
    node.c.folder,
    node.c.size,
    node.c.version,
    node.c.mtime,
    manifest.c.md5,
    version.c.created,
    s3_object.c.etag,
).select_from(
    node.outerjoin(version, version.c.id == node.c.version)
    .outerjoin(manifest, manifest.c.id == version.c.manifest)
    .outerjoin(s3_object, s3_object.c.version == version.c.id)
)


def _after(name: ColumnElement[str]) -> Select[Any]:
    return (
        _LISTED.where(node.c.parent == bindparam("parent"), name > bindparam("after"))
        .order_by(name)
        .limit(bindparam("count"))
    )


#: The order of keys is that of their bytes: SQLite's own, while PostgreSQL has that of some language.
_AFTER = {"sqlite": _after(node.c.name_key), "postgresql": _after(collate(node.c.name_key, "C"))}
_NAMED = _LISTED.where(
    node.c.parent == bindparam("parent"), node.c.name_key.in_(bindparam("keys", expanding=True))
)
_BY_ID = _LISTED.where(node.c.id.in_(bindparam("ids", expanding=True)))


def after(connection: Connection, parent: int, name_key: str, count: int) -> list[ListedRow]:
    """The next children of a folder in the order of their names, those after `name_key`."""
    wanted = {"parent": parent, "after": name_key, "count": count}
    rows = connection.execute(_AFTER[connection.dialect.name], wanted)
    return [ListedRow._make(row) for row in rows]


def named(connection: Connection, parent: int, keys: Sequence[str]) -> list[ListedRow]:
    """The children of a folder that have one of these names, in the order of their names."""
    rows = connection.execute(_NAMED, {"parent": parent, "keys": list(keys)})
    return sorted((ListedRow._make(row) for row in rows), key=lambda row: row.key)


def by_id(connection: Connection, ids: Sequence[int]) -> dict[int, ListedRow]:
    """The files and folders of these ids."""
    found: dict[int, ListedRow] = {}
    for start in range(0, len(ids), 500):
        rows = connection.execute(_BY_ID, {"ids": list(ids[start : start + 500])})
        found.update((row.id, ListedRow._make(row)) for row in rows)
    return found
