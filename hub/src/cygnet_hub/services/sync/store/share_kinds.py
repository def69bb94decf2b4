"""Which of somebody's nodes are shared, and how: asked for with every listing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, bindparam, select

from .prepared import ForMany, Prepared
from .schema import share

_OWN = select(share.c.node, share.c.kind).where(share.c.owner == bindparam("owner"))
_ALL = Prepared(_OWN)
_THESE = ForMany(lambda those: _OWN.where(share.c.node.in_(those)))
#: Of a long listing few nodes are shared: all those of the owner are asked for, not a long list of ids.
_FEW = 4


def of_nodes(connection: Connection, owner: str, ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The shares that `owner` has of these nodes, and perhaps of others: (node, kind)."""
    few = len(ids) <= _FEW
    rows = _THESE.all(connection, ids, owner=owner) if few else _ALL.all(connection, owner=owner)
    return ((int(node), str(kind)) for node, kind in rows)
