"""Files as objects of S3: stored, described, copied, tagged and deleted, each in one transaction.

S3 has no folders. Those that the key of an object goes through are made with it and vanish when it was the
last in them; folders that somebody made on purpose stay.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from ..model.conditions import ANY, NO_CONDITIONS
from ..model.errors import Conflict, NotFound, PreconditionFailed
from ..model.names import base_name, parent_path, split_path
from ..model.node import Content
from ..model.objects import EMPTY_MD5, NOTHING_EXPECTED, Expected, Facts, StoredObject, etag_of
from ..model.principal import Principal
from ..store import nodes, spaces, versions
from ..store import objects as store
from . import commit, relocate
from .access import Action, authorize, require_reach
from .guard import check_locks, locks_below, locks_over
from .tree import OpenFile, Tree
from .view import Location, View

T = TypeVar("T")


@dataclass(frozen=True)
class CopyRequest:
    """What to copy, and what the copy is to have besides the bytes.

    Args:
        facts: instead of those of the source; None: the same.
        tags: instead of those of the source; None: the same.
        expected_source, expected: what the two must be.
    """

    source: str
    destination: str
    facts: Facts | None = None
    tags: Mapping[str, str] | None = None
    expected_source: Expected = NOTHING_EXPECTED
    expected: Expected = NOTHING_EXPECTED


class Objects:
    """Objects of S3.

    Args:
        tree: the files that they are.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    async def stat(self, principal: Principal, path: str, *, folder: bool = False) -> StoredObject:
        """The object at `path`, or the folder if `folder`.

        Raises:
            NotFound: there is none of this kind.
        """
        return await self._read(principal, lambda view: described(view, find(view, path, folder=folder)))

    async def open(self, principal: Principal, path: str) -> tuple[StoredObject, OpenFile]:
        """The object at `path`, to be read."""
        disk = self._tree.disk

        def run(view: View) -> tuple[StoredObject, OpenFile]:
            found = described(view, find(view, path))
            content = versions.content_of(view.connection, found.node.version_id or 0)
            return found, OpenFile(found.node, content, disk, disk.contents.glance(content, 0, content.size))

        return await self._read(principal, run)

    async def check_put(self, principal: Principal, path: str, size: int | None, expected: Expected) -> None:
        """Refuse early what `put` would refuse."""

        def run(view: View) -> None:
            check_expected(view, path, expected)
            parent = view.lookup(parent_path(path))
            if parent is not None and parent.folder:
                commit.check_put(view, path, size or 0, NO_CONDITIONS)

        await self._read(principal, run)

    async def put(
        self, principal: Principal, path: str, content: Content, facts: Facts, expected: Expected
    ) -> StoredObject:
        """Make `content` the object at `path`.

        Raises:
            Conflict: a file is where a folder would have to be. Also what `Tree.put` raises.
        """
        change = self._write(principal, lambda view: store_file(view, path, content, "", facts, expected))
        return await self._tree.keep_or_forget(content, change)

    async def make_folder(self, principal: Principal, path: str) -> None:
        """Make a folder that stays when it is empty."""

        def run(view: View) -> None:
            require_reach(view.principal, path)
            here = view.lookup(path)
            if here is not None and not here.folder:
                raise Conflict('"{name}" is a file already.', name=base_name(path))
            made = _folder(view, path)
            if made.chain:
                authorize(view.principal, Action.CREATE, made)
                store.make_explicit(view.connection, made.row.id)

        await self._write(principal, run)

    async def delete(
        self, principal: Principal, path: str, *, folder: bool = False, expected: Expected = NOTHING_EXPECTED
    ) -> None:
        """Put the object at `path` into the trash; that there is none is fine.

        Args:
            folder: the folder is meant; it goes only when it is empty.
        """

        def run(view: View) -> None:
            check_expected(view, path, expected)
            here = view.lookup(path)
            if here is None or bool(here.folder) is not folder:
                return
            if folder:
                _delete_folder(view, here)
                return
            commit.delete(view, path, NO_CONDITIONS)
            if not here.mounted:
                _prune(view, commit.parent_of(here))

        await self._write(principal, run)

    async def copy(self, principal: Principal, request: CopyRequest) -> StoredObject:
        """Copy an object; its bytes are shared, so that it costs nothing whatever its size."""
        return await self._write(principal, lambda view: _copy(view, request))

    async def tag(self, principal: Principal, path: str, tags: Mapping[str, str]) -> None:
        """Give an object these tags, instead of those that it has."""

        def run(view: View) -> None:
            here = find(view, path)
            authorize(view.principal, Action.PROPERTIES, here)
            known = store.kept(view.connection, here.row.version or 0)
            facts = dataclasses.replace(Facts.of(known.facts or "{}"), tags=dict(tags))
            store.keep_instead(view.connection, here.row.version or 0, known.etag or "", facts.to_json())

        await self._write(principal, run)

    async def _read(self, principal: Principal, run: Callable[[View], T]) -> T:
        return await self._tree.database.read(lambda c: run(self._tree.view(c, principal)))

    async def _write(self, principal: Principal, run: Callable[[View], T]) -> T:
        def change(connection: Connection) -> T:
            return run(self._tree.view(connection, principal))

        return await self._tree.database.write(change)


def find(view: View, path: str, *, folder: bool = False) -> Location:
    """What is at `path` and may be read.

    Raises:
        NotFound: nothing of this kind. Forbidden: see `authorize`.
    """
    require_reach(view.principal, path)
    here = view.lookup(path)
    if here is None or bool(here.folder) is not folder:
        raise NotFound("There is no such object.")
    authorize(view.principal, Action.READ, here)
    return here


def described(view: View, here: Location) -> StoredObject:
    """A location as an object."""
    node = view.node(here)
    if here.folder:
        return StoredObject(node, EMPTY_MD5, node.mtime, Facts())
    known = store.kept(view.connection, node.version_id or 0)
    etag = etag_of(known.etag, node.checksums, node.version_id or 0)
    return StoredObject(node, etag, known.created, Facts.of(known.facts or "{}"))


def check_expected(view: View, path: str, expected: Expected) -> None:
    """Compare what a request expects of the object at `path` with what is there.

    Raises:
        PreconditionFailed: it is not so. NotFound: an etag is expected, and nothing is there.
    """
    require_reach(view.principal, path)
    if expected == NOTHING_EXPECTED:
        return
    here = view.lookup(path)
    if here is None or here.folder:
        if expected.match is not None:
            raise NotFound("There is no such object.")
        return
    authorize(view.principal, Action.READ, here)
    check_state(described(view, here), expected)


def check_state(found: StoredObject, expected: Expected) -> None:
    """Compare what a request expects with an object.

    Raises:
        PreconditionFailed: it is not so.
    """
    if expected.match is not None and not {ANY, found.etag} & {*expected.match}:
        raise PreconditionFailed("It was changed by somebody else in the meantime.")
    if expected.none_match is not None and {ANY, found.etag} & {*expected.none_match}:
        raise PreconditionFailed("It exists already, or has not changed.")
    modified = int(found.modified)
    if expected.since is not None and expected.none_match is None and modified <= expected.since:
        raise PreconditionFailed("It has not changed since.")
    if expected.until is not None and expected.match is None and modified > expected.until:
        raise PreconditionFailed("It has changed since.")


def store_file(
    view: View, path: str, content: Content, etag: str, facts: Facts, expected: Expected
) -> StoredObject:
    """Make `content` the object at `path`, in the writer's transaction."""
    check_expected(view, path, expected)
    _folder(view, parent_path(path))
    done = commit.put_file(view, path, content, mtime=facts.mtime, conditions=NO_CONDITIONS)
    here = done.here or view.find(path)
    store.keep(view.connection, here.row.version or 0, etag, facts.to_json())
    node = view.node(here)
    return StoredObject(node, etag_of(etag, content.checksums, node.version_id or 0), view.now, facts)


def _folder(view: View, path: str) -> Location:
    """The folder at `path`; what is missing of it is made."""
    here = view.root
    for name in split_path(path):
        below = view.child(here, name)
        if below is None:
            below = _make_folder(view, here, name)
        elif not below.folder:
            raise Conflict('"{name}" is a file, so no key can go on behind it.', name=name)
        here = below
    return here


def _make_folder(view: View, parent: Location, name: str) -> Location:
    commit.check_new(view, parent, name, NO_CONDITIONS)
    commit.check_room(view, parent.row.space, 0, creates=True)
    store.imply(view.connection, commit.insert_folder(view, parent, name, view.now))
    made = view.child(parent, name)
    if made is None:
        raise NotFound("The folder was not made.")
    return made


def _delete_folder(view: View, here: Location) -> None:
    """Delete an empty folder; one that is not lets go of its marker only, and goes with what is in it."""
    if here.virtual or here.path == "/":
        return
    authorize(view.principal, Action.DELETE, here)
    if view.children(here):
        if not here.mounted:
            store.make_explicit(view.connection, here.row.id)
            store.imply(view.connection, here.row.id)
        return
    commit.delete(view, here.path, NO_CONDITIONS)
    if not here.mounted:
        _prune(view, commit.parent_of(here))


def _prune(view: View, folder: Location) -> None:
    """Remove folders that were there only because of what was in them."""
    while (
        len(folder.chain) > 1
        and not folder.mounted
        and folder.path != view.principal.folder
        and view.principal.reaches(folder.path)
        and store.is_idle(view.connection, folder.row.id)
        and not (locks_over(view, folder) or locks_below(view, folder))
    ):
        seq = spaces.next_seq(view.connection, folder.row.space)
        commit.touch(view, "delete", folder, seq)
        nodes.remove(view.connection, folder.row.id)
        folder = commit.parent_of(folder)


def _copy(view: View, request: CopyRequest) -> StoredObject:
    source = find(view, request.source)
    original = described(view, source)
    check_state(original, request.expected_source)
    check_expected(view, request.destination, request.expected)
    if request.source == request.destination:
        _renew(view, source)
    else:
        _folder(view, parent_path(request.destination))
        there = view.lookup(request.destination)
        if there is not None and there.folder:
            raise Conflict("A folder is where the copy would go.")
        relocate.copy(
            view, request.source, request.destination, overwrite=True, deep=False, conditions=NO_CONDITIONS
        )
    here = view.find(request.destination)
    facts = _facts_of_copy(original, request)
    known = store.kept(view.connection, original.node.version_id or 0)
    store.keep(view.connection, here.row.version or 0, known.etag or "", facts.to_json())
    return described(view, here)


def _renew(view: View, here: Location) -> None:
    """A new version with the same bytes: S3 changes what is said of an object by copying it onto itself."""
    authorize(view.principal, Action.OVERWRITE, here)
    check_locks(view, locks_over(view, here), NO_CONDITIONS)
    row = here.row
    commit.replace(view, here, versions.manifest_of(view.connection, row.version or 0), row.size, row.mtime)


def _facts_of_copy(original: StoredObject, request: CopyRequest) -> Facts:
    said, kept = request.facts or original.facts, original.facts
    tags = kept.tags if request.tags is None else request.tags
    return dataclasses.replace(
        kept, headers=said.headers, metadata=said.metadata, tags=dict(tags), checksums=kept.checksums
    )
