"""Who sees which groups, and what they see of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ..model.errors import Forbidden, NotFound
from ..model.groups import manages
from ..model.principal import Principal
from ..store import groups as store
from ..store.database import Database
from ..store.groups import GroupRow, MemberRow
from .tokens import Keys

_NOT_THERE = "There is no such group."


@dataclass(frozen=True)
class GroupView:
    """A group as one person sees it.

    Args:
        row: the group.
        mine: what the person is to it; None: nothing.
        members: those whom the person may see.
        code: for who manages it.
    """

    row: GroupRow
    mine: MemberRow | None
    members: tuple[MemberRow, ...] = ()
    code: str | None = None


class GroupViews:
    """Groups as people see them.

    Args:
        database: where they lie.
        keys: open the sealed codes.
    """

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    async def mine(self, principal: Principal) -> list[GroupView]:
        """The groups that the principal is in, is invited to or asks for."""
        rows = await self._database.read(lambda c: store.of_user(c, principal.user))
        return [GroupView(row, member) for row, member in rows]

    async def public(self, principal: Principal) -> list[GroupView]:
        """The groups that everybody may find."""

        def run(connection: Connection) -> list[GroupView]:
            rows = store.seen_by_everyone(connection)
            return [GroupView(row, store.member(connection, row.id, principal.user)) for row in rows]

        return await self._database.read(run)

    async def one(self, principal: Principal, group_id: int) -> GroupView:
        """A group that the principal may know of.

        Raises:
            NotFound: there is none.
        """
        return await self._database.read(lambda c: self._view(c, principal, group_id))

    def _view(self, connection: Connection, principal: Principal, group_id: int) -> GroupView:
        row = store.get(connection, group_id)
        mine = store.member(connection, group_id, principal.user)
        if row is None or (mine is None and row.visibility != "everyone"):
            raise NotFound(_NOT_THERE)
        active = mine is not None and mine.state == "active"
        managed = active and mine is not None and manages(mine.role)
        members = tuple(store.members(connection, group_id)) if active else ()
        if not managed:
            seen = members if row.members_visible == "members" else ()
            members = tuple(m for m in seen if m.state == "active")
        code = self._keys.unseal(row.code, f"group:{row.id}") if managed and row.code else None
        return GroupView(row, mine, members, code)

    def managed(
        self, connection: Connection, principal: Principal, group_id: int
    ) -> tuple[GroupRow, MemberRow]:
        """A group that the principal manages, and their membership.

        Raises:
            NotFound: they may not know of it. Forbidden: they do not manage it.
        """
        view = self._view(connection, principal, group_id)
        if view.mine is None or view.mine.state != "active" or not manages(view.mine.role):
            raise Forbidden("Only those who manage it can do that.")
        return view.row, view.mine
