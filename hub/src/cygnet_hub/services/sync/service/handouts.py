"""What a teacher hands out, collects and gives back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ..model.classes import HANDOUTS, MATERIALS, STUDENTS, WORK, Mode, is_staff
from ..model.errors import BadRequest, Conflict, NotFound
from ..model.names import CLASSES, join_path
from ..model.principal import Principal
from ..store import groups as groups_store
from ..store import handouts as store
from ..store.database import Database
from ..store.groups import GroupRow, MemberRow
from ..store.handouts import CopyRow, HandoutRow, SubmissionRow
from ..store.nodes import NodeRow
from . import class_tree, news
from .access import Action, authorize, require_scope
from .class_tree import ClassView
from .commit import check_room
from .groups import Groups
from .tree import Tree
from .view import Location

#: Students who get their copies, or whose work is collected, in one transaction: others get their turn.
GROUP = 20

_MAX_SEEN = 10_000
_NOT_THERE = "There is no such handout."


@dataclass(frozen=True)
class Standing:
    """How one student stands with one handout.

    Args:
        path: of the copy in the student's tree; None: they deleted it, or have none.
        teacher_path: the same in a teacher's tree.
        due: the deadline that counts for them.
        worked: when they last changed something in it; None: not yet.
        submission: the last thing that was collected.
    """

    user: str
    copy: CopyRow | None
    path: str | None
    teacher_path: str | None
    due: float | None
    worked: float | None
    submission: SubmissionRow | None


@dataclass(frozen=True)
class HandoutView:
    """A handout as one person sees it: a student sees their own standing, a teacher those of all."""

    row: HandoutRow
    path: str | None
    standings: tuple[Standing, ...]


class Handouts:
    """What is handed out in classes.

    Args:
        database: where it is noted.
        tree: the files.
        groups: who teaches and who learns.
        clock: seconds since 1970.
    """

    def __init__(
        self, database: Database, tree: Tree, groups: Groups, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._tree = tree
        self._groups = groups
        self._clock = clock
        self._seen: set[tuple[int, str]] = set()
        tree.on_class_read = self._note_opened

    async def create(
        self, principal: Principal, group_id: int, path: str, mode: Mode, deadline: float | None
    ) -> HandoutView:
        """Hand out what lies at `path` in the teacher's tree.

        Raises:
            NotFound: nothing is there. Forbidden: the principal does not teach this class.
            Conflict: something of this name was handed out already. QuotaExceeded: the class has no room.
        """
        require_scope(principal, "shares")
        if mode == "read" and deadline is not None:
            raise BadRequest("What is only read has no deadline.")

        def run(connection: Connection) -> int:
            row, _ = self.taught(connection, principal, group_id)
            source = self.source(connection, principal, path)
            if any(one.name == source.name for one in store.of_group(connection, group_id)):
                raise Conflict(
                    '"{name}" was handed out already; update it, or rename yours.', name=source.name
                )
            now = self._clock()
            handout_id = store.add(
                connection,
                group=group_id,
                name=source.name,
                mode=mode,
                source=path,
                revision=1,
                deadline=deadline,
                author=principal.user,
                created=now,
                changed=now,
            )
            view = self.view(connection, principal, row)
            self.keep_revision(view, handout_id, 1, source, again=mode == "read")
            if mode == "read":
                class_tree.add_copy(view, source, view.folder(MATERIALS), source.name)
                self._tell(
                    view, row, self.handout(connection, group_id, handout_id), students_of(connection, row)
                )
            return handout_id

        handout_id = await self._database.write(run)
        await self.deliver(principal, group_id, handout_id)
        return await self.one(principal, group_id, handout_id)

    def taught(
        self, connection: Connection, principal: Principal, group_id: int
    ) -> tuple[GroupRow, MemberRow]:
        """A class that the principal teaches, or assists in.

        Raises:
            NotFound, Forbidden.
        """
        row, mine = self._groups.managed(connection, principal, group_id)
        if row.space is None:
            raise NotFound("There is no such class.")
        return row, mine

    def view(self, connection: Connection, principal: Principal, row: GroupRow) -> ClassView:
        """The space of a class."""
        return ClassView(connection, principal, self._tree.instance, row.space or 0)

    def source(self, connection: Connection, principal: Principal, path: str) -> NodeRow:
        """What lies at a path in the teacher's tree.

        Raises:
            NotFound: nothing. BadRequest: it is nothing that can be handed out.
        """
        here = self._tree.view(connection, principal).find(path)
        authorize(principal, Action.READ, here)
        if len(here.chain) < 2:
            raise BadRequest("Choose a file or a folder to hand out.")
        return here.row

    def keep_revision(
        self, view: ClassView, handout_id: int, revision: int, source: NodeRow, *, again: bool = False
    ) -> None:
        """Keep what is handed out as it is now: updates compare with it. `again`: it is copied once more."""
        check_room(view, view.home.id, source.size * (2 if again else 1), creates=True)
        class_tree.add_copy(view, source, view.folder(HANDOUTS, str(handout_id), str(revision)), source.name)

    def revision(self, view: ClassView, handout: HandoutRow, number: int) -> NodeRow:
        """What was handed out as this revision."""
        return view.find(join_path(HANDOUTS, str(handout.id), str(number), handout.name)).row

    async def deliver(self, principal: Principal, group_id: int, handout_id: int) -> None:
        """Give a copy to every student who has none."""

        def students(connection: Connection) -> list[str]:
            row, _ = self.taught(connection, principal, group_id)
            return students_of(connection, row)

        names = await self._database.read(students)
        for start in range(0, len(names), GROUP):
            some = names[start : start + GROUP]

            def run(connection: Connection, some: Sequence[str] = some) -> None:
                row, _ = self.taught(connection, principal, group_id)
                self.deliver_all(self.view(connection, principal, row), row, some, handout_id)

            await self._database.write(run)

    def deliver_all(
        self, view: ClassView, row: GroupRow, users: Iterable[str], only: int | None = None
    ) -> None:
        """Give students what was handed out in a class and they have not got, all of it or one handout."""
        handouts = [one for one in store.of_group(view.connection, row.id) if only in (None, one.id)]
        for handout in handouts:
            if handout.mode == "copy":
                self._tell(view, row, handout, self._deliver(view, handout, users))

    def _tell(self, view: ClassView, row: GroupRow, handout: HandoutRow, users: Iterable[str]) -> None:
        news.of_handout(
            view.connection,
            users,
            "handout",
            row,
            handout,
            now=self._clock(),
            who=handout.author,
            moment=handout.deadline,
        )

    def _deliver(self, view: ClassView, handout: HandoutRow, users: Iterable[str]) -> list[str]:
        """Give those students a copy who have none, and return who they are."""
        source = self.revision(view, handout, handout.revision)
        known = store.copies(view.connection, handout.id)
        members = {m.user: m for m in groups_store.members(view.connection, handout.group)}
        given = []
        for user in users:
            member = members.get(user)
            if user in known or member is None or member.state != "active" or is_staff(member.role):
                continue
            made = class_tree.add_copy(view, source, class_tree.work_folder(view, user), handout.name)
            store.set_copy(
                view.connection, handout.id, user, node=made.row.id, revision=handout.revision, notes=[]
            )
            given.append(user)
        return given

    async def listing(self, principal: Principal, group_id: int) -> list[HandoutView]:
        """What was handed out in a class, oldest first.

        Raises:
            NotFound: the principal is not in such a class.
        """

        def run(connection: Connection) -> list[HandoutView]:
            row, mine = self.attended(connection, principal, group_id)
            view = self.view(connection, principal, row)
            return [self._show(view, row, mine, handout) for handout in store.of_group(connection, group_id)]

        return await self._database.read(run)

    async def one(self, principal: Principal, group_id: int, handout_id: int) -> HandoutView:
        """One handout.

        Raises:
            NotFound: the principal is in no class in which it was handed out.
        """

        def run(connection: Connection) -> HandoutView:
            row, mine = self.attended(connection, principal, group_id)
            handout = self.handout(connection, group_id, handout_id)
            return self._show(self.view(connection, principal, row), row, mine, handout)

        return await self._database.read(run)

    def attended(
        self, connection: Connection, principal: Principal, group_id: int
    ) -> tuple[GroupRow, MemberRow]:
        """A class that the principal is in, as whatever.

        Raises:
            NotFound: there is none.
        """
        row = groups_store.get(connection, group_id)
        mine = groups_store.member(connection, group_id, principal.user)
        if row is None or row.space is None or mine is None or mine.state != "active":
            raise NotFound("There is no such class.")
        return row, mine

    def handout(self, connection: Connection, group_id: int, handout_id: int) -> HandoutRow:
        """A handout of a class.

        Raises:
            NotFound: there is none.
        """
        handout = store.get(connection, handout_id)
        if handout is None or handout.group != group_id:
            raise NotFound(_NOT_THERE)
        return handout

    def _show(self, view: ClassView, row: GroupRow, mine: MemberRow, handout: HandoutRow) -> HandoutView:
        path = join_path(CLASSES, row.name, MATERIALS, handout.name) if handout.mode == "read" else None
        if handout.mode == "read":
            return HandoutView(handout, path, ())
        users = students_of(view.connection, row) if is_staff(mine.role) else [mine.user]
        last = {
            one.user: one
            for one in store.submissions(
                view.connection, [handout.id], "" if is_staff(mine.role) else mine.user
            )
        }
        copies = store.copies(view.connection, handout.id)
        tops = {copies[user].node: user for user in users if user in copies}
        places, worked = view.places(list(tops)), store.worked(view.connection, tops)
        shown = [
            _standing(row, handout, user, copies.get(user), places, worked.get(user), last.get(user))
            for user in users
        ]
        return HandoutView(handout, path, tuple(shown))

    async def _note_opened(self, principal: Principal, place: Location) -> None:
        """A file in a class was read: if it is in a student's own copy, the teacher is told so."""
        if len(place.chain) < 4 or place.chain[1].name != STUDENTS or place.chain[2].name != principal.user:
            return
        node, now = place.chain[3].id, self._clock()
        if (node, principal.user) in self._seen:
            return
        await self._database.write(lambda c: store.note_opened(c, node, principal.user, now))
        if len(self._seen) >= _MAX_SEEN:
            self._seen.clear()
        self._seen.add((node, principal.user))


def students_of(connection: Connection, row: GroupRow) -> list[str]:
    """The account names of those who learn in a class."""
    members = groups_store.members(connection, row.id)
    return [m.user for m in members if m.state == "active" and not is_staff(m.role)]


def _standing(
    row: GroupRow,
    handout: HandoutRow,
    user: str,
    copy: CopyRow | None,
    places: dict[int, tuple[NodeRow, ...]],
    worked: float | None,
    submission: SubmissionRow | None,
) -> Standing:
    chain = places.get(copy.node, ()) if copy else ()
    names = [one.name for one in chain[3:]]
    return Standing(
        user=user,
        copy=copy,
        path=join_path(CLASSES, row.name, WORK, *names) if names else None,
        teacher_path=join_path(CLASSES, row.name, STUDENTS, user, *names) if names else None,
        due=(copy.due if copy and copy.due is not None else handout.deadline),
        worked=worked,
        submission=submission,
    )
