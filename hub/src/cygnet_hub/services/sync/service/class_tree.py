"""The space of a class as those who run it change it: each function runs in the writer's transaction."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

from sqlalchemy import Connection

from ..model.classes import FOLDERS, STUDENTS
from ..model.names import child_path, name_key
from ..model.principal import Principal
from ..model.sharing import numbered
from ..store import nodes, spaces
from ..store.nodes import NodeRow
from . import commit, relocate
from .view import Location, View


class ClassView(View):
    """The whole space of a class, whoever acts in it: what they may do was decided before.

    Args:
        connection, principal, instance: as for `View`.
        space: id of the class's space.
    """

    def __init__(self, connection: Connection, principal: Principal, instance: str, space: int) -> None:
        super().__init__(connection, principal, instance)
        self.home = spaces.get(connection, space)
        self.mounts = {}
        self.classes = {}

    def is_reserved(self, parent: Location, name: str) -> bool:
        """No name is: these are in the trees of people."""
        return False

    def folder(self, *names: str) -> Location:
        """The folder at a path of these names, made with those above it where it is missing."""
        here = self.root
        for name in names:
            below = self.child(here, name)
            if below is None:
                new = nodes.get(self.connection, commit.insert_folder(self, here, name, self.now))
                chain = (*here.chain, new) if new else here.chain
                below = Location(child_path(here.path, name), chain, here.permissions, here.owner)
            here = below
        return here

    def places(self, ids: list[int]) -> dict[int, tuple[NodeRow, ...]]:
        """The way from the root down to each of these nodes; those that were deleted are left out."""
        chains = nodes.lineages(self.connection, ids)
        return {one: tuple(chain) for one, chain in chains.items() if chain[0].id == self.home.root}


def furnish(view: ClassView) -> None:
    """Make the folders that every class has."""
    for name in FOLDERS:
        view.folder(name)


def work_folder(view: ClassView, user: str) -> Location:
    """A student's own folder."""
    return view.folder(STUDENTS, user)


def add_copy(view: View, source: NodeRow, parent: Location, name: str) -> Location:
    """Copy a file or folder into a folder, under the first name that is free there; no bytes are copied."""
    chosen = free_name(view, parent, name, folder=source.folder)
    relocate.copy_tree(view, source, parent, chosen)
    row = nodes.child(view.connection, parent.row.id, chosen)
    chain = (*parent.chain, row) if row else parent.chain
    return Location(child_path(parent.path, chosen), chain, parent.permissions, parent.owner)


def free_name(view: View, parent: Location, name: str, *, folder: bool) -> str:
    """`name`, or "name (2)" and so on where something in the folder is called so."""
    taken = {name_key(row.name) for row in nodes.children(view.connection, parent.row.id)}
    free = (numbered(name, number, folder=folder) for number in itertools.count(1))
    return next(one for one in free if name_key(one) not in taken and not view.is_reserved(parent, one))


def files_below(connection: Connection, top: NodeRow, prefix: str = "") -> Iterator[tuple[str, NodeRow]]:
    """The files in a folder with their paths relative to it; a file itself has the empty path."""
    if not top.folder:
        yield prefix, top
        return
    for row in nodes.children(connection, top.id):
        yield from files_below(connection, row, f"{prefix}/{row.name}" if prefix else row.name)


def checksum(connection: Connection, top: NodeRow) -> tuple[str, int]:
    """What identifies all that is in a folder, and how many files there are.

    It is the SHA-256, in hex, of a line "SHA-256 of the file, two blanks, path" for each file, by path: what
    `sha256sum` prints of them.
    """
    found = sorted(files_below(connection, top), key=lambda pair: pair[0].encode("utf-8", "replace"))
    digest = hashlib.sha256()
    for path, row in found:
        digest.update(f"{row.sha256}  {path or row.name}\n".encode("utf-8", "replace"))
    return digest.hexdigest(), len(found)
