"""Statements on dead properties."""

from __future__ import annotations

from sqlalchemy import Connection, and_, bindparam, delete, insert, select

from .schema import prop

Name = tuple[str, str]

_OF_NODES = select(prop).where(prop.c.node.in_(bindparam("ids", expanding=True)))


def of_nodes(connection: Connection, ids: list[int]) -> dict[int, dict[Name, str]]:
    """The dead properties of these nodes: (namespace, name) to the whole element."""
    found: dict[int, dict[Name, str]] = {}
    for start in range(0, len(ids), 500):
        rows = connection.execute(_OF_NODES, {"ids": ids[start : start + 500]})
        for node, namespace, name, xml in rows:
            found.setdefault(node, {})[namespace, name] = xml
    return found


def put(connection: Connection, node: int, name: Name, xml: str) -> None:
    """Set a dead property."""
    drop(connection, node, name)
    connection.execute(insert(prop).values(node=node, namespace=name[0], name=name[1], xml=xml))


def drop(connection: Connection, node: int, name: Name) -> None:
    """Remove a dead property; one that is not there is fine."""
    same = and_(prop.c.node == node, prop.c.namespace == name[0], prop.c.name == name[1])
    connection.execute(delete(prop).where(same))
