"""Statements on the tree. Ids in, rows out; who may do what is decided above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import (
    Connection,
    Integer,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from ..model.names import name_key
from ..model.node import Checksums
from .prepared import ForMany, Prepared
from .schema import manifest, node, version


class NodeRow(NamedTuple):
    """A row of the node table, with the checksums of the current version where it is a file."""

    id: int
    space: int
    parent: int | None
    name: str
    folder: bool
    version: int | None
    size: int
    mtime: float
    created: float
    tree_seq: int
    sha256: str | None
    sha1: str | None
    md5: str | None
    adler32: str | None

    @property
    def checksums(self) -> Checksums:
        """Of the current version; empty for a folder."""
        return Checksums(self.sha256 or "", self.sha1 or "", self.md5 or "", self.adler32 or "")


_COLUMNS = (
    node.c.id,
    node.c.space,
    node.c.parent,
    node.c.name,
    node.c.folder,
    node.c.version,
    node.c.size,
    node.c.mtime,
    node.c.created,
    node.c.tree_seq,
    manifest.c.sha256,
    manifest.c.sha1,
    manifest.c.md5,
    manifest.c.adler32,
)
_ROWS = select(*_COLUMNS).select_from(
    node.outerjoin(version, version.c.id == node.c.version).outerjoin(
        manifest, manifest.c.id == version.c.manifest
    )
)
_GET = Prepared(_ROWS.where(node.c.id == bindparam("id")))
_CHILD = Prepared(_ROWS.where(node.c.parent == bindparam("parent"), node.c.name_key == bindparam("key")))
_ADD = Prepared(
    insert(node).returning(node.c.id),
    ("space", "parent", "name", "name_key", "folder", "size", "mtime", "created", "tree_seq"),
)
_MANY = _ROWS.where(node.c.id.in_(bindparam("ids", expanding=True)))
_CHILDREN = Prepared(_ROWS.where(node.c.parent == bindparam("parent")).order_by(node.c.name_key))


def get(connection: Connection, node_id: int) -> NodeRow | None:
    """The node of this id, wherever it is."""
    row = _GET.first(connection, id=node_id)
    return NodeRow._make(row) if row else None


def child(connection: Connection, parent: int, name: str) -> NodeRow | None:
    """The child of this name; names compare in NFC."""
    row = _CHILD.first(connection, parent=parent, key=name_key(name))
    return NodeRow._make(row) if row else None


def children(connection: Connection, parent: int) -> list[NodeRow]:
    """All children, by name."""
    return [NodeRow._make(row) for row in _CHILDREN.all(connection, parent=parent)]


_PAGE = Prepared(
    _ROWS.where(node.c.parent == bindparam("parent"), node.c.name_key > bindparam("after"))
    .order_by(node.c.name_key)
    .limit(bindparam("most", type_=Integer))
)


def page(connection: Connection, parent: int, after: str, most: int) -> list[NodeRow]:
    """The first children, by name, whose names come behind `after`."""
    return [NodeRow._make(row) for row in _PAGE.all(connection, parent=parent, after=after, most=most)]


def many(connection: Connection, ids: Iterable[int]) -> dict[int, NodeRow]:
    """The nodes of these ids."""
    rows = connection.execute(_MANY, {"ids": list(ids)})
    return {row.id: NodeRow._make(row) for row in rows}


def lineages(connection: Connection, ids: Sequence[int]) -> dict[int, list[NodeRow]]:
    """For each id the nodes from the top of its tree down to itself; ids that do not exist are left out."""
    if not ids:
        return {}
    start = select(node.c.id.label("start"), node.c.id, node.c.parent, literal(0).label("up")).where(
        node.c.id.in_(list(ids))
    )
    above = start.cte("above", recursive=True)
    above = above.union_all(
        select(above.c.start, node.c.id, node.c.parent, above.c.up + 1).where(node.c.id == above.c.parent)
    )
    links = connection.execute(
        select(above.c.start, above.c.id).order_by(above.c.start, above.c.up.desc())
    ).all()
    rows = many(connection, {link.id for link in links})
    result: dict[int, list[NodeRow]] = {}
    for link in links:
        result.setdefault(link.start, []).append(rows[link.id])
    return result


def add(
    connection: Connection, parent: NodeRow, name: str, *, folder: bool, mtime: float, now: float, seq: int
) -> int:
    """Insert a node below `parent` and return its id; a file still needs a version."""
    return _add(
        connection,
        space=parent.space,
        parent=parent.id,
        name=name,
        name_key=name_key(name),
        folder=folder,
        size=0,
        mtime=mtime,
        created=now,
        tree_seq=seq,
    )


_ADD_FILE = Prepared(
    insert(node),
    (
        "id",
        "space",
        "parent",
        "name",
        "name_key",
        "folder",
        "version",
        "size",
        "mtime",
        "created",
        "tree_seq",
    ),
)


def add_files(connection: Connection, rows: Sequence[NodeRow]) -> None:
    """Insert files whose ids are reserved; their versions have to follow."""
    values = ({**row._asdict(), "folder": False, "name_key": name_key(row.name)} for row in rows)
    _ADD_FILE.many(connection, values)


def add_root(connection: Connection, space: int, now: float) -> int:
    """Insert the root folder of a space and return its id."""
    return _add(
        connection,
        space=space,
        parent=None,
        name="",
        name_key="",
        folder=True,
        size=0,
        mtime=now,
        created=now,
        tree_seq=0,
    )


def _add(connection: Connection, **values: object) -> int:
    return int(_ADD.value(connection, **values))


_SET_VERSION = Prepared(
    update(node)
    .where(node.c.id == bindparam("node_id"))
    .values(version=bindparam("v"), size=bindparam("s"), mtime=bindparam("m"), tree_seq=bindparam("q"))
)


def set_version(
    connection: Connection, node_id: int, version_id: int, size: int, mtime: float, seq: int
) -> None:
    """Make `version_id` the current version of a file."""
    _SET_VERSION.do(connection, node_id=node_id, v=version_id, s=size, m=mtime, q=seq)


def place(connection: Connection, node_id: int, parent: int | None, name: str) -> None:
    """Put a node under another parent or name; None takes it out of the tree."""
    connection.execute(
        update(node).where(node.c.id == node_id).values(parent=parent, name=name, name_key=name_key(name))
    )


_SET_MTIME = Prepared(update(node).where(node.c.id == bindparam("node_id")).values(mtime=bindparam("m")))


def set_mtime(connection: Connection, node_id: int, mtime: float) -> None:
    """Set the modification time, seconds since 1970."""
    _SET_MTIME.do(connection, node_id=node_id, m=mtime)


def remove(connection: Connection, node_id: int) -> None:
    """Delete the row of a node that has no children."""
    connection.execute(delete(node).where(node.c.id == node_id))


_PROPAGATE = ForMany(
    lambda those: (
        update(node)
        .where(node.c.id.in_(those))
        .values(
            tree_seq=case((node.c.tree_seq < bindparam("q"), bindparam("q")), else_=node.c.tree_seq),
            size=node.c.size + bindparam("growth"),
        )
    )
)


def propagate(connection: Connection, ids: Sequence[int], seq: int, growth: int) -> None:
    """Tell these ancestors of a change: the sequence number, and how many bytes it added.

    `max` makes the order of such updates irrelevant, so that a group of commits may merge them.
    """
    _PROPAGATE.do(connection, ids, q=seq, growth=growth)


def subtree_ids(connection: Connection, top: int) -> list[int]:
    """The ids of a node and of everything below it."""
    below = select(node.c.id).where(node.c.id == top).cte("below", recursive=True)
    below = below.union_all(select(node.c.id).where(node.c.parent == below.c.id))
    return list(connection.execute(select(below.c.id)).scalars())


def search(connection: Connection, tops: Sequence[int], words: Sequence[str], limit: int) -> list[NodeRow]:
    """Nodes below `tops` (themselves left out) whose name contains every one of `words`, any case."""
    columns = select(node.c.id, node.c.name_key)
    below = columns.where(node.c.parent.in_(list(tops))).cte("below", recursive=True)
    below = below.union_all(columns.where(node.c.parent == below.c.id))
    found = select(below.c.id)
    for word in words:
        found = found.where(func.lower(below.c.name_key).contains(name_key(word).lower(), autoescape=True))
    ids = connection.execute(found.order_by(below.c.name_key).limit(limit)).scalars().all()
    rows = many(connection, ids)
    return [rows[identifier] for identifier in ids]
