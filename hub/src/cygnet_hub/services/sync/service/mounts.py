"""What of others' spaces appears in somebody's tree: accepted shares, and the folders of their classes."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BindParameter, Connection, and_, bindparam, or_, select

from ..model.names import name_key
from ..model.node import Permission
from ..model.principal import Principal
from ..store import nodes
from ..store.groups import in_group
from ..store.nodes import NodeRow
from ..store.schema import share, share_answer, space
from .reshares import GroupsOf, still_passed_on


@dataclass(frozen=True)
class Mount:
    """A node of another space in somebody's tree.

    Args:
        share_id: the share that it came by, with several the oldest; 0 for a folder of a class.
        name: in the receiver's Shares folder, or in the folder of the class.
        chain: from the root of the owner's space to the shared node.
        fixed: it belongs to a class, so it cannot be renamed or taken away.
    """

    share_id: int
    name: str
    permissions: Permission
    owner: str
    chain: tuple[NodeRow, ...]
    fixed: bool = False

    @property
    def row(self) -> NodeRow:
        """The shared node."""
        return self.chain[-1]


_COLUMNS = (share.c.id, share.c.node, share.c.permissions, share.c.owner, share.c.initiator)
_GROUPS: BindParameter[str] = bindparam("groups", expanding=True)
_SHARES = (
    select(*_COLUMNS, share_answer.c.mount_name)
    .join(share_answer, share_answer.c.share == share.c.id)
    .where(share_answer.c.state == "accepted", share_answer.c.user == bindparam("user"))
    .where(
        or_(
            and_(share.c.kind == "user", share.c.grantee == bindparam("user")),
            and_(share.c.kind == "group", in_group(share.c.grantee, bindparam("user"), _GROUPS)),
        ),
        or_(share.c.expires.is_(None), share.c.expires > bindparam("now")),
    )
    .order_by(share.c.id)
)


def mounts_of(connection: Connection, principal: Principal) -> dict[str, Mount]:
    """The mounts of a person, by the NFC form of their names."""
    now = time.time()
    wanted = {"user": principal.user, "groups": list(principal.groups), "now": now}
    rows = connection.execute(_SHARES, wanted).all()
    counting = [row for row in rows if _counts(connection, row, principal.groups_of, now)]
    return _arrange(connection, [(row.id, row.node, row.permissions, row.mount_name) for row in counting])


def _counts(connection: Connection, row: Any, groups_of: GroupsOf, now: float) -> bool:
    if row.initiator == row.owner:
        return True
    return still_passed_on(connection, row.node, row.owner, row.initiator, groups_of, now)


def link_mount(connection: Connection, share_id: int, groups_of: GroupsOf) -> Mount | None:
    """What a public link shows; None when the link or the node is gone, or it was made by a right that is."""
    now = time.time()
    current = or_(share.c.expires.is_(None), share.c.expires > now)
    row = connection.execute(select(*_COLUMNS).where(share.c.id == share_id, current)).first()
    if row is None or not _counts(connection, row, groups_of, now):
        return None
    return next(iter(_arrange(connection, [(row.id, row.node, row.permissions, "")]).values()), None)


def _arrange(connection: Connection, rows: list[tuple[int, int, int, str]]) -> dict[str, Mount]:
    chains = nodes.lineages(connection, list({row[1] for row in rows}))
    owners = _owners(connection, {chain[0].space for chain in chains.values()})
    by_node: dict[int, Mount] = {}
    for share_id, node_id, bits, name in rows:
        chain = chains.get(node_id)
        if chain is None or chain[0].id not in owners:
            continue  # the owner deleted it, or a folder above it
        known = by_node.get(node_id)
        permissions = Permission(bits) | (known.permissions if known else Permission(0))
        owner = owners[chain[0].id]
        first = known or Mount(share_id, name or chain[-1].name, permissions, owner, tuple(chain))
        by_node[node_id] = replace(first, permissions=permissions)
    return {name_key(mount.name): mount for mount in by_node.values()}


def _owners(connection: Connection, spaces: set[int]) -> dict[int, str]:
    rows = connection.execute(select(space.c.root, space.c.owner).where(space.c.id.in_(spaces)))
    return {row.root: row.owner for row in rows}
