"""A new version of what was handed out reaches every copy, and no student's work is lost.

The rules are in `model.updates`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from ..model.classes import MATERIALS
from ..model.errors import Conflict
from ..model.names import child_path, join_path
from ..model.node import Content
from ..model.principal import Principal
from ..model.updates import WORDS, Action, plan
from ..store import handouts as store
from ..store import nodes, versions
from ..store.database import Database
from ..store.groups import GroupRow
from ..store.handouts import CopyRow, HandoutRow
from ..store.nodes import NodeRow
from . import class_tree, commit, news, relocate
from .access import require_scope
from .class_tree import ClassView
from .guard import locks_over
from .handouts import GROUP, Handouts, HandoutView, students_of
from .notebook_merge import MAX_BYTES, merge_notebooks
from .tree import Tree
from .view import Location

#: How often an update is tried on a copy whose student is writing just now.
_ATTEMPTS = 5

#: What changes a file of the student's, which they may have locked.
_TOUCHING = frozenset({"replace", "merge", "delete", "rename"})

#: The versions of one notebook that are merged: as it was handed out, as the student has it, the new one.
_Three = tuple[int, int, int]


@dataclass
class _Merges:
    """Notebooks that were merged so far; None where it cannot be done."""

    done: dict[_Three, Content | None] = field(default_factory=dict)


class _NotMerged(Exception):
    """Notebooks must be merged first, outside of the transaction."""

    def __init__(self, missing: list[_Three]) -> None:
        super().__init__("notebooks must be merged first")
        self.missing = missing


class Updates:
    """Hands out new versions.

    Args:
        database: where copies are noted.
        tree: the files.
        handouts: what was handed out.
        clock: seconds since 1970.
    """

    def __init__(
        self, database: Database, tree: Tree, handouts: Handouts, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._tree = tree
        self._handouts = handouts
        self._clock = clock

    async def update(self, principal: Principal, group_id: int, handout_id: int) -> HandoutView:
        """Hand out again what now lies where the handout came from, and give it to who has none.

        Raises:
            NotFound: it is not there any more. Forbidden: the principal does not teach this class.
            QuotaExceeded: the class has no room.
        """
        require_scope(principal, "shares")
        await self._database.write(lambda c: self._renew(c, principal, group_id, handout_id))
        await self._handouts.deliver(principal, group_id, handout_id)
        names = await self._database.read(lambda c: sorted(store.copies(c, handout_id)))
        for start in range(0, len(names), GROUP):
            await self._update_some(principal, group_id, handout_id, names[start : start + GROUP])
        return await self._handouts.one(principal, group_id, handout_id)

    def _renew(self, connection: Connection, principal: Principal, group_id: int, handout_id: int) -> None:
        row, _ = self._handouts.taught(connection, principal, group_id)
        handout = self._handouts.handout(connection, group_id, handout_id)
        source = self._handouts.source(connection, principal, handout.source)
        if source.name != handout.name or source.folder != self._old(connection, principal, handout).folder:
            raise Conflict('"{source}" is something else now; hand it out by itself.', source=handout.source)
        view = self._handouts.view(connection, principal, row)
        number = handout.revision + 1
        self._handouts.keep_revision(view, handout_id, number, source, again=handout.mode == "read")
        store.change(connection, handout_id, revision=number, changed=self._clock())
        if handout.mode == "read":
            older = view.lookup(join_path(MATERIALS, handout.name))
            if older is not None:
                commit.discard(view, older)
            class_tree.add_copy(view, source, view.folder(MATERIALS), handout.name)
            self._tell(connection, row, handout, students_of(connection, row))

    def _tell(self, connection: Connection, row: GroupRow, handout: HandoutRow, users: Sequence[str]) -> None:
        now = self._clock()
        news.of_handout(connection, users, "update", row, handout, now=now, who=handout.author)

    def _old(self, connection: Connection, principal: Principal, handout: HandoutRow) -> NodeRow:
        row, _ = self._handouts.taught(connection, principal, handout.group)
        return self._handouts.revision(
            self._handouts.view(connection, principal, row), handout, handout.revision
        )

    async def _update_some(
        self, principal: Principal, group_id: int, handout_id: int, users: Sequence[str]
    ) -> None:
        merges = _Merges()
        for attempt in range(_ATTEMPTS):
            last = attempt == _ATTEMPTS - 1
            try:
                await self._database.write(
                    partial(
                        self._apply,
                        principal=principal,
                        group_id=group_id,
                        handout_id=handout_id,
                        users=users,
                        merges=merges,
                        last=last,
                    )
                )
            except _NotMerged as need:
                for three in need.missing:
                    merges.done[three] = await self._merge(three)
            else:
                return

    def _apply(
        self,
        connection: Connection,
        *,
        principal: Principal,
        group_id: int,
        handout_id: int,
        users: Sequence[str],
        merges: _Merges,
        last: bool,
    ) -> None:
        row, _ = self._handouts.taught(connection, principal, group_id)
        handout = self._handouts.handout(connection, group_id, handout_id)
        view = self._handouts.view(connection, principal, row)
        new = self._handouts.revision(view, handout, handout.revision)
        copies = store.copies(connection, handout_id)
        waiting = [copies[user] for user in users if copies[user].revision < handout.revision]
        patients = [_Copy(view, self._handouts.revision(view, handout, c.revision), new, c) for c in waiting]
        missing = [three for one in patients for three in one.to_merge() if three not in merges.done]
        if missing and not last:
            raise _NotMerged(missing)
        for one in patients:
            node, notes = one.update(handout, merges)
            store.set_copy(
                connection, handout_id, one.copy.user, node=node, revision=handout.revision, notes=notes
            )
        self._tell(connection, row, handout, [one.copy.user for one in patients])

    async def _merge(self, three: _Three) -> Content | None:
        """Merge a notebook, in threads; what it becomes is durable."""
        disk = self._tree.disk
        contents = await self._database.read(lambda c: [versions.content_of(c, one) for one in three])
        if any(content.size > MAX_BYTES for content in contents):
            return None
        blocks = await disk.run(
            lambda: [b"".join(disk.contents.stretch(content, 0, content.size)) for content in contents]
        )
        base, mine, theirs = blocks
        merged = await asyncio.to_thread(merge_notebooks, base, mine, theirs)
        if merged is None:
            return None
        incoming = self._tree.incoming()
        await incoming.write(merged)
        return await incoming.finish()


class _Copy:
    """One student's copy in the transaction that updates it."""

    def __init__(self, view: ClassView, base: NodeRow, new: NodeRow, copy: CopyRow) -> None:
        self.view, self.copy, self._new_top = view, copy, new
        self._top = view.places([copy.node]).get(copy.node)
        connection = view.connection
        self._base = dict(class_tree.files_below(connection, base))
        self._new = dict(class_tree.files_below(connection, new))
        self._mine = dict(class_tree.files_below(connection, self._top[-1])) if self._top else {}
        folders = _folders(connection, self._top[-1]) if self._top else []
        self._actions = plan(_prints(self._base), _prints(self._new), _prints(self._mine), folders)

    def to_merge(self) -> list[_Three]:
        """The notebooks that both changed."""
        return [self._three(one.path) for one in self._actions if self._mergeable(one)]

    def _mergeable(self, action: Action) -> bool:
        names = (
            [self._new[action.path].name, self._mine[action.path].name] if action.kind == "merge" else [""]
        )
        return bool(self._top) and all(name.endswith(".ipynb") for name in names)

    def _three(self, path: str) -> _Three:
        base, mine, new = self._base[path], self._mine[path], self._new[path]
        return base.version or 0, mine.version or 0, new.version or 0

    def update(self, handout: HandoutRow, merges: _Merges) -> tuple[int, list[str]]:
        """Do it all: the id of the copy's top, and what to tell the student."""
        if self._top is None and not self._actions:
            return self.copy.node, []
        if self._top is None:  # all of it was deleted, and something in it changed
            folder = class_tree.work_folder(self.view, self.copy.user)
            made = class_tree.add_copy(self.view, self._new_top, folder, handout.name)
            return made.row.id, [WORDS["again"].given(path=handout.name)]
        return self.copy.node, [self._do(one, handout, merges) for one in self._actions]

    def _do(self, action: Action, handout: HandoutRow, merges: _Merges) -> str:
        path, kind, other = action.path, action.kind, action.other
        merged = merges.done.get(self._three(path)) if self._mergeable(action) else None
        locked = path in self._mine and bool(locks_over(self.view, self._place(path)))
        if (kind == "merge" and merged is None) or (
            locked and kind in ("replace", "merge", "delete", "rename")
        ):
            kind = "beside" if path in self._new else "keep"
        if kind == "replace":
            self._replace(path)
        elif kind == "merge" and merged is not None:
            manifest = versions.add_manifest(self.view.connection, merged)
            commit.replace(self.view, self._place(path), manifest, merged.size, self.view.now)
        elif kind in ("add", "again"):
            self._add(path, path)
        elif kind == "delete":
            commit.discard(self.view, self._place(path))
        elif kind == "rename":
            self._rename(path, other)
        elif kind == "beside":
            other = self._beside(path, handout.revision)
        return WORDS[kind].given(path=path or self._top_name, other=other)

    @property
    def _top_name(self) -> str:
        return self._top[-1].name if self._top else ""

    def _root(self) -> Location:
        """The copy itself."""
        chain = self._top or ()
        path = join_path(*(row.name for row in chain[1:]))
        return Location(path, chain, self.view.root.permissions, self.view.home.owner)

    def _place(self, path: str) -> Location:
        """The student's file."""
        here: Location | None = self._root()
        for name in filter(None, path.split("/")):
            here = self.view.child(here, name) if here else None
        return here or self._root()

    def _replace(self, path: str) -> None:
        row = self._new[path]
        manifest = versions.manifest_of(self.view.connection, row.version or 0)
        commit.replace(self.view, self._place(path), manifest, row.size, row.mtime)

    def _folder_of(self, path: str) -> Location:
        """The folder for a file of the copy, made where it is missing, until a file is in the way."""
        if not self._root().folder:
            return self.view.find(self._root().path.rpartition("/")[0])
        here = self._root()
        for name in path.split("/")[:-1]:
            row = nodes.child(self.view.connection, here.row.id, name)
            if row is not None and not row.folder:
                break
            if row is None:
                row = nodes.get(
                    self.view.connection, commit.insert_folder(self.view, here, name, self.view.now)
                )
            chain = (*here.chain, row) if row else here.chain
            here = Location(child_path(here.path, name), chain, here.permissions, here.owner)
        return here

    def _add(self, path: str, source: str) -> None:
        class_tree.add_copy(self.view, self._new[source], self._folder_of(path), path.rpartition("/")[2])

    def _rename(self, path: str, other: str) -> None:
        here, parent = self._place(path), self._folder_of(other)
        relocate.move_within(self.view, here, parent, other.rpartition("/")[2])

    def _beside(self, path: str, revision: int) -> str:
        """Put the teacher's file beside the student's, under a name that says what it is."""
        row, folder = self._new[path], self._folder_of(path)
        stem, dot, suffix = row.name.rpartition(".")
        name = f"{stem or row.name} (teacher's version {revision}){dot + suffix if stem else ''}"
        return class_tree.add_copy(self.view, row, folder, name).row.name


def _prints(files: Mapping[str, NodeRow]) -> dict[str, str]:
    """What identifies the contents of each file."""
    return {path: row.sha256 or row.sha1 or f"version {row.version}" for path, row in files.items()}


def _folders(connection: Connection, top: NodeRow, prefix: str = "") -> list[str]:
    """The folders below a folder, with their paths relative to it."""
    found = []
    for row in nodes.children(connection, top.id) if top.folder else ():
        if row.folder:
            path = f"{prefix}{row.name}"
            found += [path, *_folders(connection, row, f"{path}/")]
    return found
