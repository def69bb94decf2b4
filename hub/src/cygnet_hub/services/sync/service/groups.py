"""Groups of people: made, changed, joined and left. Who is in one counts from the next transaction on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TypeVar

from sqlalchemy import Connection

from ..model.errors import Conflict, Forbidden, NotFound
from ..model.groups import (
    Policies,
    Role,
    check_answers,
    check_group_name,
    check_policies,
    group_key,
    manages,
    outranks,
)
from ..model.names import SHARES, join_path
from ..model.principal import Principal
from ..store import groups as store
from ..store import nodes, spaces
from ..store.database import Database
from ..store.groups import GroupRow, MemberRow
from . import news, share_events
from .access import require_scope
from .directory import Directory
from .group_views import GroupView as GroupView  # what is made is seen by it
from .group_views import GroupViews
from .throttle import Guess, Throttle
from .tokens import Keys, new_token, token_hash

T = TypeVar("T")

MAX_MADE = 100
MAX_MEMBERS = 5000
CODE_LENGTH = 22

#: Called in the transaction in which somebody becomes a member of a group, or is one no more.
Hook = Callable[[Connection, Principal, GroupRow, str], None]


class Groups(GroupViews):
    """What people do with groups.

    Args:
        database: where they lie.
        directory: who exists, and which names the hub has taken.
        keys: seal the codes.
        throttle: slows down who guesses codes.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        directory: Directory,
        keys: Keys,
        throttle: Throttle,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(database, keys)
        self._directory = directory
        self._throttle = throttle
        self._clock = clock
        #: Set when who is in which group is different from what the hub was told.
        self.changed = asyncio.Event()
        self.entered: list[Hook] = []
        self.left: list[Hook] = []

    async def create(
        self,
        principal: Principal,
        name: str,
        policies: Policies,
        furnish: Callable[[Connection, int], None] | None = None,
    ) -> GroupView:
        """Make a group whose admin is the principal; `furnish` adds to it in the same transaction.

        Raises:
            Conflict: the name is taken, here or at the hub. BadRequest, InvalidName: see the model.
        """
        require_scope(principal, "shares")
        name, policies = check_group_name(name), check_policies(policies)
        if await self._directory.group(name) is not None:
            raise Conflict('There is a group called "{name}" already.', name=name)

        def run(connection: Connection) -> int:
            group_id = self._insert(connection, principal, name, policies)
            if furnish is not None:
                furnish(connection, group_id)
            return group_id

        return await self.one(principal, await self._write(principal, run))

    def _insert(self, connection: Connection, principal: Principal, name: str, policies: Policies) -> int:
        if store.key_taken(connection, group_key(name)):
            raise Conflict('There is a group called "{name}" already.', name=name)
        if store.made_by(connection, principal.user) >= MAX_MADE:
            raise Conflict("One person can make {made} groups and classes.", made=MAX_MADE)
        now = self._clock()
        group_id = store.add(
            connection,
            name=name,
            name_key=group_key(name),
            **asdict(policies),
            creator=principal.user,
            created=now,
        )
        self._new_code(connection, group_id)
        store.set_member(connection, MemberRow(group_id, principal.user, "admin", "active", {}, now))
        principal.note("group.create")
        return group_id

    def _new_code(self, connection: Connection, group_id: int) -> None:
        code = new_token(CODE_LENGTH)
        sealed = self._keys.seal(code, f"group:{group_id}")
        store.change(connection, group_id, code_hash=token_hash(code), code=sealed)

    async def change(self, principal: Principal, group_id: int, policies: Policies) -> GroupView:
        """Decide anew who may see and join a group.

        Raises:
            Forbidden: the principal is not its admin.
        """
        policies = check_policies(policies)

        def run(connection: Connection) -> None:
            _, mine = self.managed(connection, principal, group_id)
            if mine.role != "admin":
                raise Forbidden("Only an admin of the group can do that.")
            store.change(connection, group_id, **asdict(policies))

        await self._write(principal, run)
        return await self.one(principal, group_id)

    async def new_code(self, principal: Principal, group_id: int) -> GroupView:
        """Take back the code of a group, and make another."""

        def run(connection: Connection) -> None:
            self.managed(connection, principal, group_id)
            self._new_code(connection, group_id)

        await self._write(principal, run)
        return await self.one(principal, group_id)

    async def remove(self, principal: Principal, group_id: int) -> None:
        """End a group: everybody in it loses what it gave them.

        Raises:
            Forbidden: the principal is not its admin.
        """

        def run(connection: Connection) -> None:
            row, mine = self.managed(connection, principal, group_id)
            if mine.role != "admin":
                raise Forbidden("Only an admin of the group can do that.")
            for member in store.members(connection, group_id):
                if member.state == "active":
                    self._leave(connection, principal, row, member.user)
            store.change(connection, group_id, removed=True)

        await self._write(principal, run)

    async def invite(
        self, principal: Principal, group_id: int, users: Iterable[str], role: Role
    ) -> GroupView:
        """Invite people; who asked to be let in is let in.

        Raises:
            NotFound: an account does not exist; then nobody is invited.
            Forbidden: the principal may not give that role.
        """
        names = list(dict.fromkeys(users))
        await self.check_accounts(names)

        def run(connection: Connection) -> None:
            row, mine = self.managed(connection, principal, group_id)
            if role != "member" and mine.role != "admin":
                raise Forbidden("Only an admin can make somebody a manager or an admin.")
            for name in names:
                known = store.member(connection, group_id, name)
                if known is None:
                    self._set(connection, MemberRow(group_id, name, role, "invited", {}, self._clock()))
                    news.invited(connection, row, name, principal.user, self._clock())
                elif known.state == "requested":
                    self.enter(connection, principal, row, name, known.role)

        await self._write(principal, run)
        return await self.one(principal, group_id)

    async def check_accounts(self, names: Iterable[str]) -> None:
        """Raise unless all of these are accounts.

        Raises:
            NotFound: naming those that are not.
        """
        unknown = [name for name in names if await self._directory.user(name) is None]
        if unknown:
            raise NotFound("There is no account called {names}.", names=", ".join(unknown[:20]))

    def _set(self, connection: Connection, member: MemberRow) -> None:
        if len(store.members(connection, member.group)) >= MAX_MEMBERS:
            raise Conflict("A group can have {members} members.", members=MAX_MEMBERS)
        store.set_member(connection, member)

    async def answer(self, principal: Principal, group_id: int, *, accept: bool) -> None:
        """Accept or decline an invitation.

        Raises:
            NotFound: there is none.
        """

        def run(connection: Connection) -> None:
            row = store.get(connection, group_id)
            mine = store.member(connection, group_id, principal.user)
            if row is None or mine is None or mine.state != "invited":
                raise NotFound("There is no such invitation.")
            news.invitation_answered(connection, group_id, principal.user)
            if accept:
                self.enter(connection, principal, row, principal.user, mine.role)
            else:
                store.remove_members(connection, group_id, [principal.user])

        await self._write(principal, run)

    async def join(self, principal: Principal, code: str) -> GroupView:
        """Join the group that has this code.

        Raises:
            NotFound: none has. TooManyRequests: too many were tried.
        """
        guesses = (Guess(f"group-code:{principal.user}", 20),)
        await self._throttle.check(guesses)

        def run(connection: Connection) -> int | None:
            row = store.by_code(connection, token_hash(code.strip()))
            if row is None or row.joining != "code":
                return None
            mine = store.member(connection, row.id, principal.user)
            if mine is None or mine.state != "active":
                self.enter(connection, principal, row, principal.user, mine.role if mine else "member")
            return row.id

        group_id = await self._write(principal, run)
        if group_id is None:
            await self._throttle.failed(guesses)
            raise NotFound("No group can be joined by this code.")
        return await self.one(principal, group_id)

    async def request(self, principal: Principal, group_id: int, answers: Mapping[str, str]) -> None:
        """Ask to be let in.

        Raises:
            Forbidden: the group takes no requests. BadRequest: an answer is missing.
            Conflict: the principal is in it, or is invited.
        """

        def run(connection: Connection) -> None:
            view = self._view(connection, principal, group_id)
            if view.row.joining != "request":
                raise Forbidden("This group takes no requests.")
            if view.mine is not None and view.mine.state != "requested":
                raise Conflict("You are in this group, or invited to it, already.")
            given = check_answers(view.row.fields, answers)
            self._set(
                connection, MemberRow(group_id, principal.user, "member", "requested", given, self._clock())
            )

        await self._write(principal, run)

    async def decide(self, principal: Principal, group_id: int, user: str, *, approve: bool) -> None:
        """Let somebody in who asked for it, or do not.

        Raises:
            NotFound: they have not asked.
        """

        def run(connection: Connection) -> None:
            row, _ = self.managed(connection, principal, group_id)
            member = store.member(connection, group_id, user)
            if member is None or member.state != "requested":
                raise NotFound('"{user}" has not asked to join.', user=user)
            if approve:
                self.enter(connection, principal, row, user, "member")
            else:
                store.remove_members(connection, group_id, [user])

        await self._write(principal, run)

    async def set_role(self, principal: Principal, group_id: int, user: str, role: Role) -> GroupView:
        """Make somebody a member, a manager or an admin.

        Raises:
            Forbidden: the principal may not. Conflict: nobody would be left who may.
        """

        def run(connection: Connection) -> None:
            row, mine = self.managed(connection, principal, group_id)
            member = self._active(connection, group_id, user)
            if mine.role != "admin":
                raise Forbidden("Only an admin of the group can do that.")
            if role != "admin":
                self._check_other_admin(connection, group_id, user)
            store.set_member(connection, member._replace(role=role))
            for hook in self.entered:
                hook(connection, principal, row, user)
            self._tell(connection, principal, row, user)

        await self._write(principal, run)
        return await self.one(principal, group_id)

    async def take_out(self, principal: Principal, group_id: int, user: str) -> None:
        """Leave a group, or remove somebody from it, or take back an invitation or request; at once.

        Raises:
            Forbidden: the principal may not. Conflict: nobody would be left who may manage the group.
        """

        def run(connection: Connection) -> None:
            view = self._view(connection, principal, group_id)
            member = store.member(connection, group_id, user)
            role = view.mine.role if view.mine and view.mine.state == "active" else None
            if member is None or (user != principal.user and not manages(role)):
                raise NotFound('"{user}" is not in this group.', user=user)
            if user != principal.user and not outranks(role, member.role):
                raise Forbidden("Only an admin can remove a manager or an admin.")
            if member.state == "active":
                self._check_other_admin(connection, group_id, user)
                self._leave(connection, principal, view.row, user)
            store.remove_members(connection, group_id, [user])

        await self._write(principal, run)

    def _active(self, connection: Connection, group_id: int, user: str) -> MemberRow:
        member = store.member(connection, group_id, user)
        if member is None or member.state != "active":
            raise NotFound('"{user}" is not in this group.', user=user)
        return member

    def _check_other_admin(self, connection: Connection, group_id: int, user: str) -> None:
        admins = {
            m.user for m in store.members(connection, group_id) if m.role == "admin" and m.state == "active"
        }
        if admins == {user}:
            raise Conflict("A group needs an admin: make somebody else one first, or end the group.")

    def enter(
        self, connection: Connection, principal: Principal, row: GroupRow, user: str, role: str
    ) -> None:
        """Make somebody a member, in a transaction of the caller's, who has checked that they may be."""
        self._set(connection, MemberRow(row.id, user, role, "active", {}, self._clock()))
        for hook in self.entered:
            hook(connection, principal, row, user)
        self._tell(connection, principal, row, user)

    def _leave(self, connection: Connection, principal: Principal, row: GroupRow, user: str) -> None:
        for hook in self.left:
            hook(connection, principal, row, user)
        store.remove_members(connection, row.id, [user])
        self._tell(connection, principal, row, user)

    def _tell(self, connection: Connection, principal: Principal, row: GroupRow, user: str) -> None:
        """The person's feed hears that what is shared with them is different now."""
        home = spaces.home(connection, user)
        root = nodes.get(connection, home.root) if home else None
        if root is not None:
            share_events.tell_user(connection, principal, user, root, join_path(SHARES), self._clock())

    async def _write(self, principal: Principal, run: Callable[[Connection], T]) -> T:
        require_scope(principal, "shares")
        done = await self._database.write(run)
        self.changed.set()
        return done
