"""Small files, fetched together when the first is opened: of its folder, on a walk of the next ones too."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from .. import errors
from ..models import Node
from .blocks import BLOCK
from .reader import Version
from .store import Store
from .tasks import Tasks
from .tree import Entry, Tree

_MOST_FILES, _MOST_BYTES, _LONGEST = 200, 4 << 20, 24_000  # the last: letters of the paths in one request
_MOST_FOLDERS = 64


class Walk:
    """Sees that somebody goes from folder to folder, by those whose files had to be fetched."""

    def __init__(self) -> None:
        self._last: Entry | None = None
        self._ahead = 0

    def at(self, folder: Entry) -> list[Entry]:
        """Note that files of a folder are to be fetched; return the folders which are to be expected next."""
        last, self._last = self._last, folder
        if folder.parent is None or last is None or last.parent is not folder.parent:
            self._ahead = 0
        elif last is not folder:
            self._ahead = min(max(1, 2 * self._ahead), _MOST_FOLDERS)
        if not self._ahead or folder.parent is None:
            return []
        beside = [one for one in folder.parent.children.values() if one.is_folder]
        here = beside.index(folder) + 1
        return beside[here : here + self._ahead]


class Together:
    """Fetches neighbours.

    Args:
        store: holds the files.
        tree: knows the neighbours.
        tasks: owns the fetches.
        version: gives the contents that an entry has at the service.
    """

    def __init__(self, store: Store, tree: Tree, tasks: Tasks, version: Callable[[Entry], Version]) -> None:
        self._store, self._tree, self._tasks, self._version = store, tree, tasks, version
        self._walk = Walk()

    def opened(self, entry: Entry) -> None:
        """Fetch a file that was opened to be read, if it is small, and those beside it that are."""
        if not self._store.batches or not self._missing(entry):
            return
        if entry.parent is None:
            return
        wanted = list(self._neighbours(entry, entry.parent, self._walk.at(entry.parent)))
        if len(wanted) > 1:
            versions = {self._tree.path(one): self._version(one) for one in wanted}
            for version in versions.values():
                version.promise()
            self._tasks.start(self._fetch(versions), "mount fetch of small files")

    def _missing(self, entry: Entry) -> bool:
        small = entry.node is not None and not entry.is_folder and 0 < entry.node.size <= BLOCK
        return small and entry.local is None and entry.fresh and not self._version(entry).here

    def _neighbours(self, entry: Entry, folder: Entry, ahead: list[Entry]) -> Iterator[Entry]:
        """Give the file and what is to be fetched with it, as far as it fits in a request."""
        beside = list(folder.children.values())
        here = beside.index(entry)
        below = (one for after in ahead for one in self._tree.walk(after))
        expected = itertools.chain(beside[here:], beside[:here], below)
        size = letters = 0
        for count, one in enumerate(filter(self._missing, expected)):
            size += one.size
            letters += len(self._tree.path(one)) + 2 * len(one.name.encode()) + 8
            if count and (count >= _MOST_FILES or size > _MOST_BYTES or letters > _LONGEST):
                return
            yield one

    async def _fetch(self, versions: dict[str, Version]) -> None:
        found: dict[tuple[str, str], bytes | None] = {}
        try:
            answer: list[tuple[Node, bytes | None]] = await self._store.read_many(list(versions), BLOCK)
            found = {(node.id, node.etag): data for node, data in answer}
        except errors.ServiceError:
            return  # each is fetched by itself then, and tells what is wrong with it
        finally:
            for version in versions.values():
                version.deliver(found.get(version.identity))
