"""Who sees which shares, and what they see of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection

from ..model.errors import NotFound
from ..model.names import SHARES, child_path, join_path
from ..model.node import Permission, guess_mime
from ..model.principal import Principal
from ..model.sharing import State
from ..store import groups, nodes, spaces
from ..store import shares as store
from ..store.database import Database
from ..store.nodes import NodeRow
from ..store.shares import ShareRow
from .access import require_scope
from .directory import Directory, Person
from .mounts import mounts_of
from .tokens import Keys
from .view import View

Listing = Literal["with-me", "by-me", "links"]

_NOT_THERE = "There is no such share, or it has ended."


@dataclass(frozen=True)
class SharedItem:
    """A share as one person sees it.

    Args:
        row: the share with the answer that counts for the viewer.
        node: what is shared.
        path: where it lies in the viewer's tree, None if it does not.
        owner, initiator, grantee: people and groups with their names; grantee None for a link.
        url: of a link, for those who may hand it out.
        mine: whether the viewer made or owns it.
    """

    row: ShareRow
    node: NodeRow
    path: str | None
    owner: Person
    initiator: Person
    grantee: Person | None
    url: str | None
    mine: bool

    @property
    def permissions(self) -> Permission:
        """What the share allows."""
        return Permission(self.row.permissions)

    @property
    def state(self) -> State:
        """What was answered: by the viewer if they received it, else by the grantee; links need no answer."""
        if self.row.kind == "link" or (self.row.kind == "group" and self.mine):
            return "accepted"
        return self.row.state or "pending"  # type: ignore[return-value]  # only answers are stored

    @property
    def mime(self) -> str:
        """The media type after the name."""
        return "httpd/unix-directory" if self.node.folder else guess_mime(self.node.name)


@dataclass(frozen=True)
class Visit:
    """A look at a share that was not accepted.

    Args:
        principal: sees the shared item as the holder of a link would, and may read it.
        node: what is shared.
    """

    principal: Principal
    node: NodeRow

    def path(self, path: str) -> str:
        """A path in what is shared; "/" is the file itself when that is one."""
        return path if self.node.folder or path != "/" else child_path("/", self.node.name)


_Found = tuple[ShareRow, NodeRow, str | None]


class ShareViews:
    """Shares as people see them.

    Args:
        database: where they lie.
        directory: gives people their names.
        keys: open the sealed tokens of links.
        public_url: what links begin with, ending in "/".
        clock: seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        directory: Directory,
        keys: Keys,
        public_url: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._directory = directory
        self._keys = keys
        self._public_url = public_url
        self._clock = clock

    async def listing(self, principal: Principal, which: Listing) -> list[SharedItem]:
        """What was shared with the principal, or by the principal, or the principal's links; newest first."""
        require_scope(principal, "shares")
        found = await self._database.read(lambda c: self._listing(c, principal, which))
        return [await self._item(principal, *one) for one in reversed(found)]

    async def of_path(self, principal: Principal, path: str) -> list[SharedItem]:
        """The shares of what is at a path: all of them for its owner, else those that the principal made.

        Raises:
            NotFound: nothing is there.
        """
        require_scope(principal, "shares")
        found = await self._database.read(lambda c: self._of_path(c, principal, path))
        return [await self._item(principal, *one) for one in found]

    async def one(self, principal: Principal, share_id: int) -> SharedItem:
        """One share that the principal made, owns or received.

        Raises:
            NotFound: it is none of these, or has ended.
        """
        require_scope(principal, "shares")
        return await self._item(
            principal, *await self._database.read(lambda c: self._one(c, principal, share_id))
        )

    def _listing(self, connection: Connection, principal: Principal, which: Listing) -> list[_Found]:
        now, user = self._clock(), principal.user
        if which == "with-me":
            rows = store.received(connection, user, principal.groups, now)
        else:
            kinds = {"link"} if which == "links" else {"user", "group"}
            rows = [row for row in store.made_by(connection, user, now) if row.kind in kinds]
        return self._locate(connection, principal, rows)

    def _of_path(self, connection: Connection, principal: Principal, path: str) -> list[_Found]:
        location = View(connection, principal, "").find(path)
        if location.virtual:
            return []
        rows = store.of_node(connection, location.row.id, self._clock())
        mine = [row for row in rows if principal.user in (row.owner, row.initiator)]
        return [(row, location.row, location.path) for row in mine]

    def _one(self, connection: Connection, principal: Principal, share_id: int) -> _Found:
        row = store.get(connection, share_id)
        if row is not None and principal.user not in (row.owner, row.initiator):
            row = store.get(connection, share_id, principal.user)
            if row is not None and not _is_for(connection, row, principal):
                row = None
        found = self._locate(connection, principal, [row] if row else [])
        if not found or _is_over(found[0][0], self._clock()):
            raise NotFound(_NOT_THERE)
        return found[0]

    def _locate(self, connection: Connection, principal: Principal, rows: Sequence[ShareRow]) -> list[_Found]:
        """The shares whose node is still in a tree, with the node and its place in the principal's tree."""
        chains = nodes.lineages(connection, list({row.node for row in rows}))
        mounts = mounts_of(connection, principal) if principal.kind == "user" else {}
        mounted = {mount.row.id: mount.name for mount in mounts.values()}
        found: list[_Found] = []
        for row in rows:
            chain = chains.get(row.node)
            if chain is None or not _is_rooted(connection, chain):
                continue
            path = join_path(*(step.name for step in chain[1:])) if row.owner == principal.user else None
            for depth, step in enumerate(chain):
                if path is None and step.id in mounted:
                    names = (mounted[step.id], *(below.name for below in chain[depth + 1 :]))
                    path = child_path(f"/{SHARES}", "/".join(names))
            found.append((row, chain[-1], path))
        return found

    def chain(self, connection: Connection, node_id: int) -> tuple[NodeRow, ...]:
        """From the top of its tree down to a node.

        Raises:
            NotFound: it is gone, or in the trash.
        """
        chain = nodes.lineages(connection, [node_id]).get(node_id)
        if chain is None or not _is_rooted(connection, chain):
            raise NotFound(_NOT_THERE)
        return tuple(chain)

    def managed(
        self, connection: Connection, principal: Principal, share_id: int
    ) -> tuple[ShareRow, tuple[NodeRow, ...]]:
        """A share that the principal may change, with the way to its node.

        Raises:
            NotFound: there is none that the principal made or owns.
        """
        row = store.get(connection, share_id)
        if row is None or principal.user not in (row.owner, row.initiator):
            raise NotFound(_NOT_THERE)
        return row, self.chain(connection, row.node)

    def received(
        self, connection: Connection, principal: Principal, share_id: int
    ) -> tuple[ShareRow, tuple[NodeRow, ...]]:
        """A share that the principal received, with the way to its node.

        Raises:
            NotFound: there is none.
        """
        row = store.get(connection, share_id, principal.user)
        if row is None or not _is_for(connection, row, principal) or _is_over(row, self._clock()):
            raise NotFound(_NOT_THERE)
        return row, self.chain(connection, row.node)

    async def visit(self, principal: Principal, share_id: int) -> Visit:
        """Look at what one received without answering: the shared item alone, to be read only.

        Raises:
            NotFound: nothing of this id was shared with the principal.
        """
        require_scope(principal, "shares")
        row, chain = await self._database.read(lambda c: self.received(c, principal, share_id))
        guest = replace(
            principal,
            kind="link",
            user=row.owner,
            link_share=row.id,
            scopes=principal.scopes & {"files:read"},
            trail=principal.trail,
        )
        return Visit(guest, chain[-1])

    def held(self, connection: Connection, principal: Principal, node_id: int) -> Permission:
        """What others let the principal do with a node or a folder above it."""
        above = {step.id for step in self.chain(connection, node_id)}
        held = Permission(0)
        for mount in mounts_of(connection, principal).values():
            if mount.row.id in above:
                held |= mount.permissions
        return held

    async def _item(self, principal: Principal, row: ShareRow, node: NodeRow, path: str | None) -> SharedItem:
        mine = principal.user in (row.owner, row.initiator)
        owner, initiator = await self.person(row.owner), await self.person(row.initiator)
        grantee: Person | None = None
        if row.kind == "group":
            grantee = await self._directory.group(row.grantee) or Person(row.grantee, row.grantee, "group")
        elif row.kind == "user":
            grantee = await self.person(row.grantee)
        return SharedItem(row, node, path, owner, initiator, grantee, self._url(row) if mine else None, mine)

    async def person(self, name: str) -> Person:
        """A person with the name to show; one that the hub has forgotten keeps the account name."""
        return await self._directory.user(name) or Person(name, name)

    def _url(self, row: ShareRow) -> str | None:
        if row.token is None:
            return None
        token = self._keys.unseal(row.token, f"share:{row.id}")
        return f"{self._public_url}s/{token}" if token else None


def _is_for(connection: Connection, row: ShareRow, principal: Principal) -> bool:
    if row.owner == principal.user:
        return False
    if row.kind == "group":
        return groups.has(connection, row.grantee, principal.user, principal.groups)
    return row.kind == "user" and row.grantee == principal.user


def _is_over(row: ShareRow, now: float) -> bool:
    return row.expires is not None and row.expires <= now


def _is_rooted(connection: Connection, chain: Sequence[NodeRow]) -> bool:
    """Whether a chain begins at the root of a space, and not in the trash."""
    return spaces.get(connection, chain[0].space).root == chain[0].id
