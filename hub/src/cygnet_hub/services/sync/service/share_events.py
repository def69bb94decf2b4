"""Changes feeds hear of shares: the owner's, and those of the people who receive or lose one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from ..model.names import SHARES, child_path, join_path
from ..model.principal import Principal
from ..store import journal, spaces
from ..store.nodes import NodeRow
from .view import lineage


def tell(
    connection: Connection,
    principal: Principal,
    chain: Sequence[NodeRow],
    members: Iterable[str],
    now: float,
) -> None:
    """Tell the owner of the node at the end of `chain`, and `members`, that a share of it changed."""
    top, node = chain[0], chain[-1]
    journal.append(
        connection,
        space=top.space,
        seq=spaces.next_seq(connection, top.space),
        op="share",
        node=node.id,
        folder=node.folder,
        path=join_path(*(row.name for row in chain[1:])),
        lineage=lineage(chain),
        actor=principal.name,
        credential=principal.credential_id,
        now=now,
    )
    for member in members:
        tell_user(connection, principal, member, node, child_path(f"/{SHARES}", node.name), now)


def tell_user(
    connection: Connection, principal: Principal, user: str, node: NodeRow, path: str, now: float
) -> None:
    """Tell one person's feed that what is shared with them at `path` changed; no space, nobody listens."""
    home = spaces.home(connection, user)
    if home is None:
        return
    journal.append(
        connection,
        space=home.id,
        seq=spaces.next_seq(connection, home.id),
        op="share",
        node=node.id,
        folder=node.folder,
        path=path,
        lineage=f"/{home.root}/",
        actor=principal.name,
        credential=principal.credential_id,
        now=now,
    )
