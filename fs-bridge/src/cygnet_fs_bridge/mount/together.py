"""The small files of a folder, fetched together when the first of them is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .. import errors
from ..models import Node
from .blocks import BLOCK
from .reader import Version
from .store import Store
from .tasks import Tasks
from .tree import Entry, Tree

_MOST_FILES, _MOST_BYTES, _LONGEST = 200, 4 << 20, 24_000  # the last: letters of the paths in one request


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

    def opened(self, entry: Entry) -> None:
        """Fetch a file that was opened to be read, if it is small, and those beside it that are."""
        if not self._store.batches or not self._missing(entry):
            return
        wanted = list(self._neighbours(entry))
        if len(wanted) > 1:
            versions = {self._tree.path(one): self._version(one) for one in wanted}
            for version in versions.values():
                version.promise()
            self._tasks.start(self._fetch(versions), "mount fetch of small files")

    def _missing(self, entry: Entry) -> bool:
        small = entry.node is not None and not entry.is_folder and 0 < entry.node.size <= BLOCK
        return small and entry.local is None and entry.fresh and not self._version(entry).here

    def _neighbours(self, entry: Entry) -> Iterator[Entry]:
        """Give the file and what is beside it: first what comes after it, as far as it fits in a request."""
        if entry.parent is None:
            return
        beside = list(entry.parent.children.values())
        here, size, letters = beside.index(entry), 0, 0
        prefix = len(self._tree.path(entry.parent))
        for count, one in enumerate(beside[here:] + beside[:here]):
            if one.node is None or not self._missing(one):
                continue
            size, letters = size + one.node.size, letters + prefix + 3 * len(one.name.encode()) + 8
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
