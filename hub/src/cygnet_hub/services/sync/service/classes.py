"""Classes: a group with a space, a folder of their own for each student, and what was handed out before."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sqlalchemy import Connection

from ..model.classes import STUDENTS, is_staff
from ..model.errors import Conflict, NotFound, QuotaExceeded
from ..model.groups import Policies
from ..model.names import CLASSES, join_path
from ..model.principal import Principal
from ..model.roster import Roster
from ..store import groups as groups_store
from ..store import nodes, spaces
from ..store.database import Database
from ..store.groups import GroupRow
from . import class_tree, relocate
from .class_tree import ClassView
from .commit import check_room
from .groups import Groups, GroupView
from .handouts import Handouts
from .tree import Tree
from .view import Location, View

_NOT_THERE = "There is no such class."


@dataclass(frozen=True)
class Enrolled:
    """What came of a roster: who is new in the class, and who was in it."""

    added: tuple[str, ...]
    known: tuple[str, ...]


class Classes:
    """What people do with classes.

    Args:
        database: where they lie.
        tree: the files.
        groups: a class is one of them.
        handouts: what newcomers get.
    """

    def __init__(self, database: Database, tree: Tree, groups: Groups, handouts: Handouts) -> None:
        self._database = database
        self._tree = tree
        self._groups = groups
        self._handouts = handouts
        groups.entered.append(self._entered)
        groups.left.append(self._left)

    async def create(self, principal: Principal, name: str, about: str) -> GroupView:
        """Make a class whose teacher the principal is; students join by its code.

        Raises:
            Conflict: there is a group of this name. InvalidName, BadRequest.
        """

        def furnish(connection: Connection, group_id: int) -> None:
            space_id = spaces.add(connection, "class", principal.user)
            groups_store.change(connection, group_id, space=space_id)
            class_tree.furnish(ClassView(connection, principal, self._tree.instance, space_id))
            self._fit(connection, principal, groups_store.get(connection, group_id))
            _make_way(self._tree.view(connection, principal))

        policies = Policies(about, members_visible="managers", joining="code")
        return await self._groups.create(principal, name, policies, furnish)

    async def mine(self, principal: Principal) -> list[GroupView]:
        """The classes that the principal is in, by name."""
        mine = await self._groups.mine(principal)
        return [view for view in mine if view.row.space and view.mine and view.mine.state == "active"]

    async def one(self, principal: Principal, group_id: int) -> GroupView:
        """A class that the principal is in.

        Raises:
            NotFound: there is none.
        """
        view = await self._groups.one(principal, group_id)
        if view.row.space is None or view.mine is None or view.mine.state != "active":
            raise NotFound(_NOT_THERE)
        return view

    async def enrol(self, principal: Principal, group_id: int, roster: Roster) -> Enrolled:
        """Make everybody on a roster a member, or nobody.

        Raises:
            NotFound: an account does not exist. Forbidden: the principal is not a teacher of the class.
        """
        await self._groups.check_accounts(roster.names)

        def run(connection: Connection) -> Enrolled:
            row, _ = self._groups.managed(connection, principal, group_id)
            if row.space is None:
                raise NotFound(_NOT_THERE)
            there = {m.user for m in groups_store.members(connection, group_id) if m.state == "active"}
            new = [name for name in roster.names if name not in there]
            for name in new:
                self._groups.enter(connection, principal, row, name, "member")
            return Enrolled(tuple(new), tuple(name for name in roster.names if name in there))

        done = await self._database.write(run)
        self._groups.changed.set()
        return done

    def _entered(self, connection: Connection, principal: Principal, row: GroupRow, user: str) -> None:
        """Somebody is in the class: they get a folder, and what was handed out before."""
        if row.space is None:
            return
        self._fit(connection, principal, row)
        member = groups_store.member(connection, row.id, user)
        if spaces.home(connection, user) is not None:
            _make_way(View(connection, _as(principal, user), self._tree.instance))
        if member is None or is_staff(member.role):
            return
        view = ClassView(connection, principal, self._tree.instance, row.space)
        class_tree.work_folder(view, user)
        self._handouts.deliver_all(view, row, [user])

    def _left(self, connection: Connection, principal: Principal, row: GroupRow, user: str) -> None:
        """Somebody leaves the class: a copy of their work stays with them, and the class keeps its own.

        Raises:
            Conflict: they have no room for it, and leave by themselves; somebody else may still remove them.
        """
        if row.space is None:
            return
        view = ClassView(connection, principal, self._tree.instance, row.space)
        work = view.lookup(join_path(STUDENTS, user))
        if work is None or spaces.home(connection, user) is None or not work.row.size:
            return
        own = View(connection, _as(principal, user), self._tree.instance)
        try:
            check_room(own, own.home.id, work.row.size, creates=True)
        except QuotaExceeded:
            if user != principal.user:
                return
            raise Conflict("Your work in this class does not fit into your files: make room first.") from None
        class_tree.add_copy(own, work.row, own.root, f"{row.name} (my work)")

    def _fit(self, connection: Connection, principal: Principal, row: GroupRow | None) -> None:
        """Give a class room: what its maker has, once for the materials and once for each student."""
        home = spaces.home(connection, row.creator) if row else None
        if row is None or row.space is None or home is None or home.quota is None:
            return
        students = [m for m in groups_store.members(connection, row.id) if not is_staff(m.role)]
        spaces.set_quota(connection, row.space, home.quota * (1 + len(students)))


def _as(principal: Principal, user: str) -> Principal:
    """Whose tree a change is made in; who made it is not another person's program."""
    return dataclasses.replace(principal, kind="user", user=user, credential_id="", recheck="")


def _make_way(view: View) -> None:
    """A folder of the person's own that is called like the one that shows classes gets another name."""
    own = nodes.child(view.connection, view.home.root, CLASSES)
    if own is None:
        return
    free = class_tree.free_name(view, view.root, CLASSES, folder=True)
    here = Location(join_path(CLASSES), (*view.root.chain, own), view.root.permissions, view.root.owner)
    relocate.move_within(view, here, view.root, free)
