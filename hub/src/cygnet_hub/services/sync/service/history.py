"""Getting back what was: the trash of one's own files, and the versions of any file that one can see."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from ..model.conditions import NO_CONDITIONS
from ..model.errors import Forbidden, NotFound, PreconditionFailed
from ..model.names import base_name, child_path
from ..model.node import Node, Permission
from ..model.principal import Principal
from ..model.sharing import numbered
from ..store import history, locks, nodes, spaces, versions
from ..store.history import TrashRow, VersionRow
from . import commit
from .access import Action, authorize, require_scope
from .guard import check_locks, locks_over
from .tree import OpenFile, Tree
from .view import Location, View

T = TypeVar("T")


class History:
    """The trash and the versions.

    Args:
        tree: whose.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    async def trash(self, principal: Principal) -> list[TrashRow]:
        """What the principal's trash holds, the newest first."""
        require_scope(principal, "files:read")
        return await self._read(principal, lambda view: history.in_trash(view.connection, view.home.id))

    async def deleted(self, principal: Principal) -> list[TrashRow]:
        """`trash`, and what was deleted in folders of classes in which the principal may change things."""
        require_scope(principal, "files:read")

        def run(view: View) -> list[TrashRow]:
            rows = history.in_trash(view.connection, view.home.id) + _in_classes(view)
            return sorted(rows, key=lambda row: -row.deleted)

        return await self._read(principal, run)

    async def restore(self, principal: Principal, node_id: int, destination: str | None) -> Node:
        """Put something from the trash back, under its old id.

        Args:
            destination: where to; None: where it had been.

        Raises:
            NotFound: it is not there. Conflict: the folder is gone. PreconditionFailed: the name is taken.
            Forbidden: the credential is limited to a part of the tree, and this may have been elsewhere.
        """
        require_scope(principal, "files:write")

        def run(view: View) -> Node:
            row = _trashed(view, node_id)
            path = _restore(view, row, destination or row.path)
            after = self._tree.view(view.connection, principal)
            return after.node(after.find(path))

        return await self._write(principal, run)

    async def bring_back(self, principal: Principal, node_id: int) -> Node:
        """Put something from the trash back as a person expects it: never refused for where it had been.

        It goes into the folder it lay in, wherever that is by now, or to the top where the folder is gone;
        under the first free name. It is in one's own trash, or one threw it away from somebody's folder.

        Raises:
            NotFound: it is in neither. QuotaExceeded. Forbidden: see `restore`.
        """
        require_scope(principal, "files:write")

        def run(view: View) -> Node:
            row = history.thrown_away(view.connection, view.home.id, principal.user, node_id)
            if row is None:  # others may have deleted it: a teacher by a new version, an assistant
                row = next((one for one in _in_classes(view) if one.node == node_id), None)
            if row is None:
                raise NotFound("This is not in the trash.")
            path = _restore(view, row, _free_path(view, row))
            after = self._tree.view(view.connection, principal)
            return after.node(after.find(path))

        return await self._write(principal, run)

    async def purge(self, principal: Principal, node_id: int | None) -> None:
        """Delete for good one thing in the trash, or in that of a class; with None all of one's own.

        Raises:
            NotFound: it is in neither, or the principal may delete nothing where it was.
        """
        require_scope(principal, "files:write")

        def run(view: View) -> None:
            own = history.in_trash(view.connection, view.home.id) if node_id is None else []
            for row in own if node_id is None else [_purgeable(view, node_id)]:
                principal.note("purge", row.path, row.node)
                history.purge(view.connection, row.space, row.node)

        await self._write(principal, run)

    async def versions(self, principal: Principal, node_id: int) -> list[VersionRow]:
        """Every version of a file, the current one first."""

        def run(view: View) -> list[VersionRow]:
            authorize(principal, Action.READ, _file(view, node_id))
            return history.versions_of(view.connection, node_id)

        return await self._read(principal, run)

    async def open(self, principal: Principal, node_id: int, version_id: int) -> OpenFile:
        """A version of a file, to be read."""

        def run(view: View) -> OpenFile:
            here = _file(view, node_id)
            authorize(principal, Action.READ, here)
            row = _version(view, node_id, version_id)
            shown = here.row._replace(version=row.id, size=row.size, mtime=row.mtime)
            node = view.node(Location(here.path, (*here.chain[:-1], shown), here.permissions, here.owner))
            return OpenFile(node, versions.content_of(view.connection, row.id), self._tree.disk)

        return await self._read(principal, run)

    async def revert(self, principal: Principal, node_id: int, version_id: int) -> Node:
        """Make an old version the contents of the file again; what it replaces stays as a version too.

        Raises:
            QuotaExceeded, Locked, Forbidden, NotFound.
        """

        def run(view: View) -> Node:
            here = _file(view, node_id)
            authorize(principal, Action.OVERWRITE, here)
            check_locks(view, locks_over(view, here), NO_CONDITIONS)
            row = _version(view, node_id, version_id)
            commit.check_room(view, here.row.space, row.size - here.row.size, creates=False)
            commit.replace(view, here, row.manifest, row.size, view.now)
            after = self._tree.view(view.connection, principal)
            return after.node(after.find(here.path))

        return await self._write(principal, run)

    async def _read(self, principal: Principal, run: Callable[[View], T]) -> T:
        def transaction(connection: Connection) -> T:
            return run(self._tree.view(connection, principal))

        return await self._tree.database.read(transaction)

    async def _write(self, principal: Principal, run: Callable[[View], T]) -> T:
        def transaction(connection: Connection) -> T:
            return run(self._tree.view(connection, principal))

        return await self._tree.database.write(transaction)


def _in_classes(view: View, needed: Permission = Permission.CREATE) -> list[TrashRow]:
    """What was deleted in folders of classes that the principal may add to, with paths in their tree."""
    doors = [door for _, doors in view.classes.values() for door in doors.values()]
    found: list[TrashRow] = []
    for space in sorted({door.row.space for door in doors}):
        for row in history.in_trash(view.connection, space):
            folder = view.by_id(row.parent)
            if folder is not None and needed in folder.inside:
                found.append(row._replace(path=child_path(folder.path, row.name)))
    return found


def _purgeable(view: View, node_id: int) -> TrashRow:
    """Something in one's own trash, or in that of a class where one may delete."""
    in_class = (row for row in _in_classes(view, Permission.DELETE) if row.node == node_id)
    return next(in_class, None) or _trashed(view, node_id)


def _trashed(view: View, node_id: int) -> TrashRow:
    row = history.trashed(view.connection, view.home.id, node_id)
    if row is None:
        raise NotFound("This is not in the trash.")
    return row


def _file(view: View, node_id: int) -> Location:
    here = view.by_id(node_id)
    if here is None or here.folder:
        raise NotFound("There is no such file.")
    return here


def _version(view: View, node_id: int, version_id: int) -> VersionRow:
    for row in history.versions_of(view.connection, node_id):
        if row.id == version_id:
            return row
    raise NotFound("There is no such version of this file.")


def _free_path(view: View, row: TrashRow) -> str:
    """Where something from the trash goes back to."""
    folder = view.by_id(row.parent)
    if folder is None and row.space != view.home.id:
        raise NotFound("The folder that this was in is gone, or is no longer shared with you.")
    above = folder or view.root
    names = (numbered(row.name, number, folder=row.folder) for number in itertools.count(1))
    return child_path(above.path, next(name for name in names if view.child(above, name) is None))


def _restore(view: View, row: TrashRow, path: str) -> str:
    parent = view.parent(path)
    name = base_name(path)
    if view.child(parent, name) is not None:
        raise PreconditionFailed(
            '"{name}" exists already; rename it, or restore to another place.', name=name
        )
    commit.check_new(view, parent, name, NO_CONDITIONS)
    if parent.row.space != row.space:
        raise Forbidden("Restore it to your own files first.")
    commit.check_room(view, row.space, row.size, creates=True)
    seq = spaces.next_seq(view.connection, row.space)
    nodes.place(view.connection, row.node, parent.row.id, name)
    if row.folder:
        nodes.propagate(view.connection, [row.node], seq, 0)
    history.leave_trash(view.connection, row.node)
    locks.remove(view.connection, [lock.token for lock in locks.on_nodes(view.connection, [row.node])])
    nodes.set_mtime(view.connection, parent.row.id, view.now)
    op = "mkdir" if row.folder else "put"
    commit.record(view, op, parent, row.node, name, folder=row.folder, seq=seq, growth=row.size)
    return path
