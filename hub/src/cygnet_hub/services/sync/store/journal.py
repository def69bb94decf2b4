"""Statements on the journal: one row a change, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, literal_column, select

from .nodes import NodeRow
from .prepared import Prepared
from .schema import journal


class Entry(NamedTuple):
    """A change, as it was when it happened; paths are in the space, lineages are "/1/5/9/"."""

    id: int
    space: int
    seq: int
    op: str
    node: int
    folder: bool
    path: str
    lineage: str
    old_path: str | None
    old_lineage: str | None
    actor: str
    credential: str
    created: float


_APPEND = Prepared(insert(journal), [column.name for column in journal.c if column.name != "id"])
_LAST = select(func.max(journal.c.id))
_FIRST = select(func.min(journal.c.id))
# A sum and not the column: SQLite would walk the whole journal in the order of its spaces.
_SPACE = journal.c.space + literal_column("0")
_TOUCHED = select(_SPACE, func.max(journal.c.id)).where(journal.c.id > bindparam("after")).group_by(_SPACE)
_SINCE = (
    select(*journal.c)
    .where(journal.c.id > bindparam("after"), journal.c.space.in_(bindparam("spaces", expanding=True)))
    .order_by(journal.c.id)
    .limit(bindparam("limit"))
)


def append(
    connection: Connection,
    *,
    space: int,
    seq: int,
    op: str,
    node: int,
    folder: bool,
    path: str,
    lineage: str,
    actor: str,
    credential: str,
    now: float,
    old_path: str | None = None,
    old_lineage: str | None = None,
) -> None:
    """Record a change."""
    _APPEND.do(
        connection,
        space=space,
        seq=seq,
        op=op,
        node=node,
        folder=bool(folder),
        path=path,
        lineage=lineage,
        old_path=old_path,
        old_lineage=old_lineage,
        actor=actor,
        credential=credential,
        created=now,
    )


def append_puts(
    connection: Connection,
    changes: Iterable[tuple[NodeRow, str, str]],
    actor: str,
    credential: str,
    now: float,
) -> None:
    """Record that files were made: their rows, each with its path and its lineage."""
    _APPEND.many(
        connection,
        (
            {
                "space": row.space,
                "seq": row.tree_seq,
                "op": "put",
                "node": row.id,
                "folder": False,
                "path": path,
                "lineage": lineage,
                "old_path": None,
                "old_lineage": None,
                "actor": actor,
                "credential": credential,
                "created": now,
            }
            for row, path, lineage in changes
        ),
    )


def last_id(connection: Connection) -> int:
    """The number of the newest change of all; 0 when there is none."""
    return int(connection.execute(_LAST).scalar() or 0)


def first_id(connection: Connection) -> int:
    """The number of the oldest change that is still known; 0 when there is none."""
    return int(connection.execute(_FIRST).scalar() or 0)


def since(connection: Connection, after: int, spaces: list[int], limit: int) -> list[Entry]:
    """Changes of these spaces newer than number `after`, oldest first."""
    wanted = {"after": after, "spaces": spaces, "limit": limit}
    return [Entry._make(row) for row in connection.execute(_SINCE, wanted)]


def prune(connection: Connection, before: float) -> None:
    """Forget changes older than a time; a feed that stopped before it must begin anew."""
    connection.execute(delete(journal).where(journal.c.created < before))


def touched(connection: Connection, after: int) -> tuple[frozenset[int], int]:
    """The spaces that changed after number `after`, and the number of the newest change."""
    rows = connection.execute(_TOUCHED, {"after": after}).all()
    return frozenset(row[0] for row in rows), max((row[1] for row in rows), default=after)
