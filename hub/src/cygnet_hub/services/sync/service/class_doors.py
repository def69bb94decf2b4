"""The folders of a class in the tree of somebody who is in it, below Classes/NAME.

A class has a space with one folder for each purpose. Which of them somebody sees, and what they may do there,
follows from their role. The handed-out revisions lie in a folder that nobody sees.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, select

from ..model.classes import COLLECTED, FEEDBACK, MATERIALS, STUDENTS, WORK, is_staff
from ..model.names import name_key
from ..model.node import EDITOR, VIEWER, Permission
from ..store import nodes
from ..store.class_schema import group, membership
from ..store.nodes import NodeRow
from ..store.schema import space
from .mounts import Mount

_CLASSES = (
    select(group.c.name, membership.c.role, space.c.root, space.c.owner)
    .join(membership, membership.c.group == group.c.id)
    .join(space, space.c.id == group.c.space)
    .where(membership.c.user == bindparam("user"), membership.c.state == "active", ~group.c.removed)
    .order_by(group.c.name_key)
)

#: For each role: the name that is shown, the folders that lead there ("" is the person's own), and what is
#: allowed in it.
_STAFF: tuple[tuple[str, tuple[str, ...], Permission], ...] = (
    (MATERIALS, (MATERIALS,), EDITOR),
    (STUDENTS, (STUDENTS,), VIEWER),
    (COLLECTED, (COLLECTED,), VIEWER),
    (FEEDBACK, (FEEDBACK,), VIEWER),
)
_MEMBER: tuple[tuple[str, tuple[str, ...], Permission], ...] = (
    (MATERIALS, (MATERIALS,), VIEWER),
    (WORK, (STUDENTS, ""), EDITOR),
    (FEEDBACK, (FEEDBACK, ""), VIEWER),
)


def doors_of(connection: Connection, user: str) -> dict[str, tuple[str, dict[str, Mount]]]:
    """The classes of a person by NFC name: the name as it is shown, and the folders in it by NFC name."""
    rows = connection.execute(_CLASSES, {"user": user}).all()
    return {
        name_key(row.name): (
            row.name,
            {name_key(door.name): door for door in _doors(connection, user, *row[1:])},
        )
        for row in rows
    }


def _doors(connection: Connection, user: str, role: str, root_id: int, owner: str) -> Iterator[Mount]:
    root = nodes.get(connection, root_id)
    if root is None:
        return
    for name, way, permissions in _STAFF if is_staff(role) else _MEMBER:
        chain = _walk(connection, root, [step or user for step in way])
        if chain is not None:
            yield Mount(0, name, permissions, owner, chain, fixed=True)


def _walk(connection: Connection, root: NodeRow, way: list[str]) -> tuple[NodeRow, ...] | None:
    chain = [root]
    for name in way:
        row = nodes.child(connection, chain[-1].id, name)
        if row is None:
            return None
        chain.append(row)
    return tuple(chain)
