"""Shares: made, changed, answered, ended. Who sees which of them is in `share_views`."""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from cygnet_fs_bridge.texts import Text

from ..model.errors import BadRequest, Conflict, Forbidden, NotFound, PreconditionFailed
from ..model.names import SHARES, child_path, name_key
from ..model.node import Node, Permission
from ..model.principal import Principal
from ..model.sharing import (
    MAX_LABEL,
    MAX_NOTE,
    MAX_PASSWORD,
    ShareChange,
    ShareRequest,
    State,
    expiry,
    fitting,
    numbered,
)
from ..store import shares as store
from ..store.database import Database
from ..store.nodes import NodeRow
from ..store.shares import ShareRow
from . import news, share_events
from .access import Action, authorize, require_scope
from .directory import Directory
from .share_views import SharedItem, ShareViews
from .tokens import Keys, hash_password, new_token, token_hash
from .tree import Tree
from .view import Location, View

#: Letters and digits of a public link's token: over 128 bits.
TOKEN_LENGTH = 22
_COPY_ATTEMPTS = 1000


@dataclass(frozen=True)
class _Columns:
    """What was worked out before the transaction: slow or asynchronous things."""

    expires: float | None
    password_hash: str | None
    members: frozenset[str]


class Shares:
    """What people do with shares.

    Args:
        database: where they lie.
        directory: who exists, and who is in which group.
        keys: seal the tokens of links.
        tree: copies what was shared.
        views: shows shares.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        directory: Directory,
        keys: Keys,
        tree: Tree,
        views: ShareViews,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._directory = directory
        self._keys = keys
        self._tree = tree
        self._views = views
        self._clock = clock

    async def create(self, principal: Principal, request: ShareRequest) -> SharedItem:
        """Share what is at a path with a person, a group, or by a public link.

        Raises:
            BadRequest: with oneself, with the owner, a date in the past, a text too long.
            NotFound: no such path, person or group.
            Forbidden: the principal may not share this, or not give so much.
            Conflict: it is shared with them already.
        """
        require_scope(principal, "shares")
        _check_texts(request.note, request.label, request.password)
        members = await self._check_grantee(principal, request)
        columns = _Columns(
            expiry(request.expires, self._clock()),
            await hash_password(request.password) if request.password else None,
            members,
        )
        share_id = await self._database.write(lambda c: self._insert(c, principal, request, columns))
        return await self._views.one(principal, share_id)

    async def _check_grantee(self, principal: Principal, request: ShareRequest) -> frozenset[str]:
        """Return the account names that the share is for."""
        if request.kind == "link":
            return frozenset()
        if request.password:
            raise BadRequest("Only a public link can have a password.")
        if request.kind == "group":
            return await self._check_group(principal, request.grantee)
        if request.grantee == principal.user:
            raise BadRequest("You cannot share something with yourself.")
        if await self._directory.user(request.grantee) is None:
            raise NotFound('There is no account "{grantee}".', grantee=request.grantee)
        return frozenset({request.grantee})

    async def _check_group(self, principal: Principal, name: str) -> frozenset[str]:
        if await self._directory.group(name) is None:
            raise NotFound('There is no group "{name}".', name=name)
        return await self._directory.members_of(name) - {principal.user}

    def _insert(
        self, connection: Connection, principal: Principal, request: ShareRequest, columns: _Columns
    ) -> int:
        location = View(connection, principal, "").find(request.path)
        permissions = _grantable(principal, location, request)
        self._clear_expired(connection, location, request)
        token = new_token(TOKEN_LENGTH) if request.kind == "link" else ""
        share_id = store.add(
            connection,
            kind=request.kind,
            node=location.row.id,
            owner=location.owner,
            initiator=principal.user,
            grantee=request.grantee if request.kind != "link" else "",
            permissions=int(permissions),
            token_hash=token_hash(token) if token else None,
            password_hash=columns.password_hash,
            expires=columns.expires,
            label=request.label,
            note=request.note,
            created=self._clock(),
        )
        if token:
            store.change(connection, share_id, token=self._keys.seal(token, f"share:{share_id}"))
        share_events.tell(connection, principal, location.chain, columns.members, self._clock())
        news.shared(
            connection,
            columns.members - {location.owner},
            share_id=share_id,
            who=principal.user,
            name=location.row.name,
            note=request.note,
            now=self._clock(),
        )
        return share_id

    def _clear_expired(self, connection: Connection, location: Location, request: ShareRequest) -> None:
        """Make room where an expired share for the same people lies; refuse where a valid one does."""
        if request.kind == "link":
            return
        now = self._clock()
        for row in store.between(connection, location.row.id, request.kind, request.grantee):
            if row.expires is None or row.expires > now:
                raise Conflict(
                    '"{name}" is already shared with {grantee}.',
                    name=location.row.name,
                    grantee=request.grantee,
                )
            store.remove(connection, [row.id])

    async def change(self, principal: Principal, share_id: int, change: ShareChange) -> SharedItem:
        """Change what a share allows, its password, expiry, note or label.

        Raises:
            NotFound: there is no such share that the principal made or owns.
            Forbidden: more than the principal has.
            BadRequest: see `create`.
        """
        require_scope(principal, "shares")
        _check_texts(change.note or "", change.label or "", change.password or "")
        columns = _Columns(
            expiry(change.expires or "", self._clock()),
            await hash_password(change.password) if change.password else None,
            await self._people_of(principal, share_id),
        )
        await self._database.write(lambda c: self._update(c, principal, share_id, change, columns))
        return await self._views.one(principal, share_id)

    def _update(
        self,
        connection: Connection,
        principal: Principal,
        share_id: int,
        change: ShareChange,
        columns: _Columns,
    ) -> None:
        row, chain = self._views.managed(connection, principal, share_id)
        principal.note("share.change", node=row.node)
        values: dict[str, object] = {}
        if change.permissions is not None:
            permissions = fitting(change.permissions, "folder" if chain[-1].folder else "file")
            self._check_not_more(connection, principal, row, permissions)
            values["permissions"] = int(permissions)
        if change.password is not None:
            if row.kind != "link":
                raise BadRequest("Only a public link can have a password.")
            # A new revision ends the sessions that the old password opened.
            values |= {"password_hash": columns.password_hash, "revision": row.revision + 1}
        if change.expires is not None:
            values["expires"] = columns.expires
        values |= {k: v for k, v in (("note", change.note), ("label", change.label)) if v is not None}
        if values:
            store.change(connection, share_id, **values)
            share_events.tell(connection, principal, chain, columns.members, self._clock())

    def _check_not_more(
        self, connection: Connection, principal: Principal, row: ShareRow, wanted: Permission
    ) -> None:
        """Whoever passes on what others shared cannot give more than they have."""
        if row.owner == principal.user:
            return
        held = self._views.held(connection, principal, row.node)
        if wanted & ~held:
            raise Forbidden("You cannot give more rights than you have yourself.")

    async def remove(self, principal: Principal, share_id: int) -> None:
        """End a share that one made or owns; whoever received it declines it instead.

        Raises:
            NotFound: there is no such share for the principal.
        """
        require_scope(principal, "shares")
        members = await self._people_of(principal, share_id)
        if not await self._database.write(lambda c: self._delete(c, principal, share_id, members)):
            await self.answer(principal, share_id, "declined")

    def _delete(
        self, connection: Connection, principal: Principal, share_id: int, members: frozenset[str]
    ) -> bool:
        row = store.get(connection, share_id)
        if row is None or principal.user not in (row.owner, row.initiator):
            return False
        chain = self._views.chain(connection, row.node)
        principal.note("share.remove", node=row.node)
        gone = [share_id, *self._passed_on(connection, row, members)]
        share_events.tell(connection, principal, chain, members, self._clock())
        store.remove(connection, gone)
        news.share_ended(connection, gone)
        return True

    def _passed_on(self, connection: Connection, row: ShareRow, members: frozenset[str]) -> list[int]:
        """What those who lose this share have shared on, and so on: it ends with it."""
        gone: list[int] = []
        losers = set(members)
        for other in store.below(connection, row.owner):
            inside = any(step.id == row.node for step in self._views.chain(connection, other.node))
            if inside and other.initiator in losers and other.id != row.id:
                gone.append(other.id)
                losers.add(other.grantee)
        return gone

    async def answer(self, principal: Principal, share_id: int, state: State) -> SharedItem:
        """Accept or decline what one received; accepting mounts it in the Shares folder.

        Raises:
            NotFound: nothing of this id was shared with the principal.
        """
        require_scope(principal, "shares")
        await self._database.write(lambda c: self._answer(c, principal, share_id, state))
        return await self._views.one(principal, share_id)

    def _answer(
        self, connection: Connection, principal: Principal, share_id: int, state: State
    ) -> tuple[str, bool]:
        """Note an answer; return the name in the Shares folder, and whether a folder is shared."""
        row, chain = self._views.received(connection, principal, share_id)
        principal.note(f"share.{state}", node=row.node)
        name = self._mount_name(connection, principal, row, chain[-1])
        if row.state != state:
            store.answer(connection, share_id, principal.user, state, name, self._clock())
            news.share_answered(connection, principal.user, share_id)
            share_events.tell_user(
                connection, principal, principal.user, chain[-1], f"/{SHARES}/{name}", self._clock()
            )
        return name, chain[-1].folder

    def _mount_name(self, connection: Connection, principal: Principal, row: ShareRow, item: NodeRow) -> str:
        """The name it had before, or has by another share, or the first that is free."""
        if row.mount_name:
            return row.mount_name
        taken = store.mount_names(connection, principal.user)
        if row.node in taken.values():
            return next(name for name, node in taken.items() if node == row.node)
        keys = {name_key(name) for name in taken}
        candidates = (numbered(item.name, n, folder=item.folder) for n in itertools.count(1))
        return next(name for name in candidates if name_key(name) not in keys)

    async def copy(self, principal: Principal, share_id: int, destination: str) -> Node:
        """Copy what one received to a folder of one's own, under the first free name; accepts it if pending.

        The copy shares the stored bytes, so it costs nothing whatever its size.

        Raises:
            NotFound: no such share, or no such folder.
        """
        require_scope(principal, "files:write")
        answer = await self._database.write(lambda c: self._answer(c, principal, share_id, "accepted"))
        name, folder = answer
        source = child_path(f"/{SHARES}", name)
        return await first_free(
            lambda number: self._tree.copy(
                principal, source, child_path(destination, numbered(name, number, folder=folder))
            )
        )

    async def _people_of(self, principal: Principal, share_id: int) -> frozenset[str]:
        """The accounts that a share is for: they hear of changes."""
        row = await self._database.read(lambda c: store.get(c, share_id))
        if row is None or row.kind == "link":
            return frozenset()
        if row.kind == "user":
            return frozenset({row.grantee})
        return await self._directory.members_of(row.grantee) - {principal.user}


async def first_free(attempt: Callable[[int], Awaitable[tuple[Node, bool]]]) -> Node:
    """The node that the first attempt (numbered from 1) made whose name was not taken.

    Raises:
        Conflict: a thousand names were.
    """
    for number in range(1, _COPY_ATTEMPTS):
        try:
            return (await attempt(number))[0]
        except PreconditionFailed:  # the name is taken
            continue
    raise Conflict("Too many copies of this exist already.")


def _grantable(principal: Principal, location: Location, request: ShareRequest) -> Permission:
    """What the share will allow, after checking that the principal may give it."""
    if location.path == "/":
        raise BadRequest("Your whole space cannot be shared; share a folder in it.")
    row = location.row
    authorize(principal, Action.SHARE, location)
    if request.kind == "user" and request.grantee == location.owner:
        raise BadRequest('"{name}" belongs to {grantee} already.', name=row.name, grantee=request.grantee)
    permissions = fitting(request.permissions, "folder" if row.folder else "file")
    if permissions & ~location.permissions:
        raise Forbidden("You cannot give more rights than you have yourself.")
    return permissions


def _check_texts(note: str, label: str, password: str) -> None:
    for text, limit, what in (
        (note, MAX_NOTE, Text("The note")),
        (label, MAX_LABEL, Text("The name")),
        (password, MAX_PASSWORD, Text("The password")),
    ):
        if len(text) > limit:
            raise BadRequest("{what} can have {limit} characters at most.", what=what, limit=limit)
