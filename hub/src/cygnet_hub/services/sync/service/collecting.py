"""Collecting what students did, by hand or at a deadline, and giving it back with a mark."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from ..model.classes import COLLECTED, FEEDBACK, STUDENTS, is_staff
from ..model.errors import BadRequest, Conflict, Forbidden, NotFound
from ..model.names import CLASSES, join_path
from ..model.principal import Principal
from ..store import groups as groups_store
from ..store import handouts as store
from ..store import nodes
from ..store.database import Database
from ..store.groups import GroupRow
from ..store.handouts import CopyRow, HandoutRow, SubmissionRow
from . import class_tree, news
from .access import Action, authorize, require_scope
from .class_tree import ClassView
from .commit import check_room, discard
from .handouts import GROUP, Handouts, HandoutView
from .tree import Tree

MAX_COMMENT = 10_000
MAX_MARK = 100


@dataclass(frozen=True)
class Kept:
    """Something that was collected, and where it is.

    Args:
        name: of the folder that was made for it.
        path: in a teacher's tree; None for a student, who sees their receipt only.
    """

    row: SubmissionRow
    name: str
    path: str | None


class Collecting:
    """What happens to the work of students after it was done.

    Args:
        database: where it is noted.
        tree: the files.
        handouts: what the work is about.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        tree: Tree,
        handouts: Handouts,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._tree = tree
        self._handouts = handouts
        self._clock = clock

    async def submit(self, principal: Principal, group_id: int, handout_id: int) -> HandoutView:
        """Hand in one's own copy as it is now; after the deadline it is marked as late.

        Who deleted the copy hands in what has its name now.

        Raises:
            NotFound: there is no copy.
        """
        require_scope(principal, "shares")

        def run(connection: Connection) -> None:
            row, _ = self._handouts.attended(connection, principal, group_id)
            handout = self._handouts.handout(connection, group_id, handout_id)
            view = self._handouts.view(connection, principal, row)
            copy = store.copies(connection, handout_id).get(principal.user)
            found = self._keep(view, handout, copy) if copy else None
            if copy is not None and found is None:
                found = self._keep_another(view, handout, copy)
            if found is None:
                raise NotFound('You have no copy of "{name}" to hand in.', name=handout.name)

        await self._database.write(run)
        return await self._handouts.one(principal, group_id, handout_id)

    async def collect(
        self, principal: Principal, group_id: int, handout_id: int, users: Sequence[str] | None = None
    ) -> HandoutView:
        """Collect what students have now: of all, or of some of them. Nothing is copied, however much it is.

        Raises:
            Forbidden: the principal does not teach this class.
        """
        require_scope(principal, "shares")

        def who(connection: Connection) -> list[str]:
            self._handouts.taught(connection, principal, group_id)
            self._handouts.handout(connection, group_id, handout_id)
            there = store.copies(connection, handout_id)
            return sorted(there if users is None else set(users) & set(there))

        names = await self._database.read(who)
        for start in range(0, len(names), GROUP):
            some = names[start : start + GROUP]

            def run(connection: Connection, some: Iterable[str] = some) -> None:
                row, _ = self._handouts.taught(connection, principal, group_id)
                handout = self._handouts.handout(connection, group_id, handout_id)
                view = self._handouts.view(connection, principal, row)
                copies = store.copies(connection, handout_id)
                for user in some:
                    self._keep(view, handout, copies[user])

            await self._database.write(run)
        return await self._handouts.one(principal, group_id, handout_id)

    def _keep(self, view: ClassView, handout: HandoutRow, copy: CopyRow) -> int | None:
        """Keep a student's copy as it is now; None when they deleted it."""
        chain = view.places([copy.node]).get(copy.node)
        if chain is None:
            return None
        top, now = chain[-1], self._clock()
        sha256, files = class_tree.checksum(view.connection, top)
        folder = view.folder(COLLECTED, handout.name, copy.user)
        moment = class_tree.free_name(view, folder, _stamp(now), folder=True)
        kept = class_tree.add_copy(
            view, top, view.folder(COLLECTED, handout.name, copy.user, moment), top.name
        )
        due = copy.due if copy.due is not None else handout.deadline
        return store.add_submission(
            view.connection,
            handout=handout.id,
            user=copy.user,
            node=kept.row.id,
            sha256=sha256,
            files=files,
            size=top.size,
            made=now,
            late=due is not None and now > due + _GRACE_SECONDS,
            actor=view.principal.user,
        )

    def _keep_another(self, view: ClassView, handout: HandoutRow, copy: CopyRow) -> int | None:
        """Take what a student put in the place of the copy that they deleted as their copy, and keep it."""
        here = view.lookup(join_path(STUDENTS, copy.user, handout.name))
        if here is None:
            return None
        store.set_copy(view.connection, handout.id, copy.user, node=here.row.id)
        return self._keep(view, handout, copy._replace(node=here.row.id))

    async def kept(self, principal: Principal, group_id: int, handout_id: int) -> list[Kept]:
        """All that was collected of a handout, oldest first; a student sees their own.

        Raises:
            NotFound: the principal is in no class in which it was handed out.
        """

        def run(connection: Connection) -> list[Kept]:
            row, mine = self._handouts.attended(connection, principal, group_id)
            handout = self._handouts.handout(connection, group_id, handout_id)
            teaches = is_staff(mine.role)
            found = store.submissions(connection, [handout.id], "" if teaches else principal.user)
            places = self._handouts.view(connection, principal, row).places([one.node for one in found])
            shown = ((one, [node.name for node in places.get(one.node, ())][1:]) for one in found)
            return [
                Kept(one, names[-2], join_path(CLASSES, row.name, *names) if teaches else None)
                for one, names in shown
                if names
            ]

        return await self._database.read(run)

    async def collect_due(self) -> int:
        """Collect everything whose deadline has passed since, and return how many students' work that was."""
        now = self._clock()
        waiting = await self._database.read(lambda c: store.due(c, now))
        done = 0
        for handout_id in waiting:
            while some := await self._database.write(partial(self._collect_some, handout_id=handout_id)):
                done += some
        return done

    def _collect_some(self, connection: Connection, handout_id: int) -> int:
        """Collect from a few of those whose deadline has passed; what they handed in unchanged stays."""
        handout = store.get(connection, handout_id)
        row = groups_store.get(connection, handout.group) if handout else None
        if handout is None or row is None or row.space is None:
            return 0
        late = [copy for copy in store.copies(connection, handout_id).values() if self._is_due(handout, copy)]
        view = self._handouts.view(connection, Principal("user", handout.author), row)
        last = {one.user: one for one in store.submissions(connection, [handout_id])}
        for copy in late[:GROUP]:
            if not self._is_unchanged(view, copy, last.get(copy.user)):
                self._keep(view, handout, copy)
            due = copy.due if copy.due is not None else handout.deadline
            store.set_copy(connection, handout_id, copy.user, collected=due)
        if 0 < len(late) <= GROUP:
            self._tell_collected(view, row, handout)
        return len(late[:GROUP])

    def _tell_collected(self, view: ClassView, row: GroupRow, handout: HandoutRow) -> None:
        """The deadline is over for everybody so far: the teacher may look at what came."""
        everybody = store.copies(view.connection, handout.id)
        there = {one.user for one in store.submissions(view.connection, [handout.id])}
        words, now = f"{len(there & set(everybody))}/{len(everybody)}", self._clock()
        news.of_handout(view.connection, [handout.author], "collected", row, handout, now=now, words=words)

    def _is_due(self, handout: HandoutRow, copy: CopyRow) -> bool:
        due = copy.due if copy.due is not None else handout.deadline
        return due is not None and due <= self._clock() and (copy.collected or -1.0) < due

    def _is_unchanged(self, view: ClassView, copy: CopyRow, last: SubmissionRow | None) -> bool:
        chain = view.places([copy.node]).get(copy.node)
        return (
            chain is not None
            and last is not None
            and class_tree.checksum(view.connection, chain[-1])[0] == last.sha256
        )

    async def set_deadline(
        self, principal: Principal, group_id: int, handout_id: int, deadline: float | None, user: str = ""
    ) -> HandoutView:
        """Move the deadline, of everybody or of one student only; None takes it away.

        Raises:
            NotFound: the student has no copy. BadRequest: this is only read.
        """
        require_scope(principal, "shares")

        def run(connection: Connection) -> None:
            row, _ = self._handouts.taught(connection, principal, group_id)
            handout = self._handouts.handout(connection, group_id, handout_id)
            if handout.mode == "read":
                raise BadRequest("What is only read has no deadline.")
            copies = store.copies(connection, handout_id)
            if not user:
                store.change(connection, handout_id, deadline=deadline)
            elif user in copies:
                store.set_copy(connection, handout_id, user, due=deadline)
            else:
                raise NotFound('"{user}" has no copy of "{name}".', user=user, name=handout.name)
            # Whoever has an extension of their own is not concerned by the deadline of all.
            told = [user] if user else [name for name, copy in copies.items() if copy.due is None]
            moment = handout.deadline if user and deadline is None else deadline
            self._tell_moved(connection, told, row, handout, principal.user, moment)

        await self._database.write(run)
        return await self._handouts.one(principal, group_id, handout_id)

    async def give_back(
        self,
        principal: Principal,
        group_id: int,
        handout_id: int,
        user: str,
        *,
        mark: str,
        comment: str,
        path: str | None = None,
        submission: int | None = None,
    ) -> HandoutView:
        """Give a mark and words back to one student, and with `path` a file or folder of the teacher's.

        Args:
            submission: what they are about; None: what was collected last.

        Raises:
            Conflict: nothing was collected from them. NotFound: nothing is at `path`.
        """
        require_scope(principal, "shares")
        if len(mark) > MAX_MARK or len(comment) > MAX_COMMENT:
            raise BadRequest(
                "A mark can have {mark} characters, a comment {comment}.", mark=MAX_MARK, comment=MAX_COMMENT
            )

        def run(connection: Connection) -> None:
            row, _ = self._handouts.taught(connection, principal, group_id)
            handout = self._handouts.handout(connection, group_id, handout_id)
            found = store.submissions(connection, [handout_id], user)
            about = [one for one in found if submission in (None, one.id)]
            if not about:
                raise Conflict('Nothing was collected from "{user}" yet.', user=user)
            view = self._handouts.view(connection, principal, row)
            if path is not None:
                self._put_back(view, handout, user, path)
            now, who = self._clock(), principal.user
            store.change_submission(connection, about[-1].id, mark=mark, comment=comment, returned=now)
            news.of_handout(connection, [user], "result", row, handout, now=now, who=who, words=mark)

        await self._database.write(run)
        return await self._handouts.one(principal, group_id, handout_id)

    def _tell_moved(
        self,
        connection: Connection,
        users: Iterable[str],
        row: GroupRow,
        handout: HandoutRow,
        who: str,
        moment: float | None,
    ) -> None:
        now = self._clock()
        news.of_handout(connection, users, "deadline", row, handout, now=now, who=who, moment=moment)

    def _put_back(self, view: ClassView, handout: HandoutRow, user: str, path: str) -> None:
        here = self._tree.view(view.connection, view.principal).find(path)
        authorize(view.principal, Action.READ, here)
        if len(here.chain) < 2:
            raise Forbidden("Choose a file or a folder to give back.")
        check_room(view, view.home.id, here.row.size, creates=True)
        folder = view.folder(FEEDBACK, user, handout.name)
        older = nodes.child(view.connection, folder.row.id, here.row.name)
        if older is not None:
            discard(view, view.find(f"{folder.path}/{older.name}"))
        class_tree.add_copy(view, here.row, folder, here.row.name)


#: What comes so many seconds after the deadline was on its way before.
_GRACE_SECONDS = 5.0


def _stamp(moment: float) -> str:
    """A moment as the name of a folder."""
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime("%Y-%m-%d %H.%M.%S UTC")
