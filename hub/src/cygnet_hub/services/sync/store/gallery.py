"""Statements on the gallery."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from .gallery_schema import gallery


class GalleryRow(NamedTuple):
    """A notebook in the gallery; `published` in seconds since 1970."""

    id: int
    node: int
    version: int
    author: str
    group: str
    title: str
    about: str
    tags: tuple[str, ...]
    published: float


_COLUMNS = [column for column in gallery.c if column.name != "words"]


def _row(row: Any) -> GalleryRow:
    values = dict(row._mapping)
    return GalleryRow(**{**values, "tags": tuple(json.loads(values["tags"]))})


def put(connection: Connection, *, tags: Sequence[str], **values: Any) -> int:
    """Publish a node, in place of what was published of it; return the entry's id."""
    stored = {**values, "tags": json.dumps(list(tags), ensure_ascii=False)}
    mine = gallery.c.node == values["node"]
    known = connection.execute(update(gallery).where(mine).values(**stored).returning(gallery.c.id)).scalar()
    if known is not None:
        return int(known)
    return int(connection.execute(insert(gallery).values(**stored).returning(gallery.c.id)).scalar_one())


def get(connection: Connection, entry_id: int) -> GalleryRow | None:
    """The entry of this id."""
    row = connection.execute(select(*_COLUMNS).where(gallery.c.id == entry_id)).first()
    return _row(row) if row else None


def of_node(connection: Connection, node: int) -> GalleryRow | None:
    """What was published of a node."""
    row = connection.execute(select(*_COLUMNS).where(gallery.c.node == node)).first()
    return _row(row) if row else None


def count(connection: Connection, author: str) -> int:
    """How many notebooks somebody has in the gallery."""
    wanted = select(func.count()).select_from(gallery).where(gallery.c.author == author)
    return int(connection.execute(wanted).scalar_one())


def listing(connection: Connection, words: Sequence[str]) -> list[GalleryRow]:
    """The entries with all of these words (case folded), the newest first."""
    wanted = select(*_COLUMNS).order_by(gallery.c.published.desc(), gallery.c.id.desc())
    for word in words:
        wanted = wanted.where(gallery.c.words.contains(word, autoescape=True))
    return [_row(row) for row in connection.execute(wanted)]


def remove(connection: Connection, entry_id: int) -> None:
    """Take an entry out."""
    connection.execute(delete(gallery).where(gallery.c.id == entry_id))
