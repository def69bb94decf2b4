"""Many new files in one transaction: what is said of each by itself is said of all of them together.

Nothing else is different: the same checks, the same rows, and every change has its number and its line in the
journal. What is not new, or has conditions, takes the way of a single file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model.conditions import NO_CONDITIONS
from ..model.names import base_name, child_path, name_key, parent_path
from ..model.node import Content
from ..model.principal import Principal
from ..store import journal, nodes, spaces, versions
from ..store.nodes import NodeRow
from ..store.prepared import reserve
from .commit import check_entry, check_room
from .guard import check_entry_locks
from .view import Location, View


@dataclass(frozen=True)
class Newcomer:
    """A file that is new in its folder, and may be; `principal`: whose request it is."""

    principal: Principal
    parent: Location
    name: str
    content: Content
    mtime: float


class Newcomers:
    """New files on their way into the tree.

    Args:
        view: of the writer's transaction.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._folders: dict[str, Location] = {}
        self._names: set[tuple[int, str]] = set()
        self._files: list[Newcomer] = []

    def add(self, principal: Principal, path: str, content: Content, mtime: float | None) -> bool:
        """Whether a file is new; then `commit` will make it.

        Args:
            principal: the one of the view, in the request that the file came with.

        Raises:
            Conflict: there is no folder for it. Also Forbidden, Locked, InvalidName.
        """
        self._view.principal = principal
        parent, name = self._folder(path), base_name(path)
        key = (parent.node_id or 0, name_key(name))
        if key in self._names or self._view.child(parent, name) is not None:
            return False
        check_entry(self._view, parent, name)
        self._names.add(key)
        stamp = self._view.now if mtime is None else mtime
        self._files.append(Newcomer(principal, parent, name, content, stamp))
        return True

    def _folder(self, path: str) -> Location:
        """The folder of a file; whether anything may be added to it is looked up once."""
        known = self._folders.get(parent_path(path))
        if known is None:
            known = self._view.parent(path)
            check_entry_locks(self._view, known, NO_CONDITIONS)
            self._folders[parent_path(path)] = known
        return known

    def commit(self) -> list[Location]:
        """Make them all, and say where they are, in the order in which they were added.

        Raises:
            QuotaExceeded: there is not room for all of them; none was made.
        """
        by_space: dict[int, list[Newcomer]] = {}
        for file in self._files:
            by_space.setdefault(file.parent.row.space, []).append(file)
        for space, files in by_space.items():
            check_room(self._view, space, sum(file.content.size for file in files), creates=True)
        made = {id(file): place for files in by_space.values() for file, place in self._make(files)}
        return [made[id(file)] for file in self._files]

    def _make(self, files: Sequence[Newcomer]) -> list[tuple[Newcomer, Location]]:
        """Make files of one space."""
        connection, count = self._view.connection, len(files)
        total = sum(file.content.size for file in files)
        last = spaces.next_seq(connection, files[0].parent.row.space, total, count)
        manifests = versions.add_manifests(connection, [file.content for file in files])
        ids, version_ids = reserve(connection, "node", count), reserve(connection, "version", count)
        rows = [
            self._row(file, *numbers)
            for file, *numbers in zip(files, ids, version_ids, range(last - count + 1, last + 1), strict=True)
        ]
        nodes.add_files(connection, rows)
        versions.add_versions(connection, rows, manifests, self._view.now, self._view.principal.name)
        places = [self._place(file, row) for file, row in zip(files, rows, strict=True)]
        self._tell(files, places)
        return list(zip(files, places, strict=True))

    def _row(self, file: Newcomer, node_id: int, version_id: int, seq: int) -> NodeRow:
        content, parent = file.content, file.parent.row
        sums = content.checksums
        return NodeRow(
            node_id, parent.space, parent.id, file.name, False, version_id, content.size, file.mtime,
            self._view.now, seq, sums.sha256, sums.sha1, sums.md5, sums.adler32,
        )  # fmt: skip

    def _place(self, file: Newcomer, row: NodeRow) -> Location:
        parent, path = file.parent, child_path(file.parent.path, file.name)
        file.principal.note("put", path, row.id)
        return Location(path, (*parent.chain, row), parent.inside, parent.owner, parent.mount)

    def _tell(self, files: Sequence[Newcomer], places: Sequence[Location]) -> None:
        """Tell the folders above and the journal."""
        connection, view = self._view.connection, self._view
        by_folder: dict[int, list[Location]] = {}
        for place in places:
            by_folder.setdefault(place.chain[-2].id, []).append(place)
        for folder, inside in by_folder.items():
            nodes.set_mtime(connection, folder, view.now)
            above = [row.id for row in inside[0].chain[:-1]]
            newest = max(place.row.tree_seq for place in inside)
            nodes.propagate(connection, above, newest, sum(place.row.size for place in inside))
        journal.append_puts(
            connection,
            [(place.row, place.space_path, place.lineage) for place in places],
            view.principal.name,
            view.principal.credential_id,
            view.now,
        )
