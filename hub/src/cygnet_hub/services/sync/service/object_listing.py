"""Listings of S3: everything below a prefix in the order of its keys, page by page, never all of it sorted.

A folder's children come in the order of their names. The keys below a folder begin with its name and a
slash, and a slash stands behind some characters (`a-b` comes before `a/b`), so folders wait in a heap.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..model.errors import Forbidden, InvalidName
from ..model.names import child_path, is_inside, name_key, split_path
from ..model.node import Checksums, Permission
from ..model.objects import EMPTY_MD5, etag_of
from ..model.principal import Principal
from ..store import objects as store
from ..store.objects import ListedRow
from .access import require_scope
from .tree import Tree
from .view import Location, View

#: Children that are fetched at a time.
FETCHED = 1000
#: Keys that are looked at for one page; what is rolled up by unusual delimiters goes on at the next.
MAX_LOOKED_AT = 50_000
#: Behind every key that begins with the same text.
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Wanted:
    """What to list.

    Args:
        base: the folder that is the bucket.
        after: only keys behind this one.
        limit: how many keys and common prefixes.
    """

    base: str
    prefix: str = ""
    delimiter: str = ""
    after: str = ""
    limit: int = 1000


@dataclass(frozen=True)
class Entry:
    """An object in a listing; `modified` in seconds since 1970."""

    key: str
    size: int
    etag: str
    modified: float


@dataclass
class Page:
    """A part of a listing; `next_after` is where the next one begins, None after the last."""

    entries: list[Entry] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next_after: str | None = None


@dataclass(frozen=True)
class _Place:
    """A folder on the way: its path, how keys in it begin, and its id unless the view has to be asked."""

    path: str
    key: str
    node: int | None = None


async def list_objects(tree: Tree, principal: Principal, wanted: Wanted) -> Page:
    """A page of a listing, seen at one moment.

    Raises:
        Forbidden: the principal may not read there.
    """
    require_scope(principal, "files:read")
    return await tree.database.read(
        lambda connection: _Lister(tree.view(connection, principal), wanted).page()
    )


class _Lister:
    def __init__(self, view: View, wanted: Wanted) -> None:
        self._view, self._wanted = view, wanted
        self._page = Page()
        self._looked_at = 0
        # A page that ended with a common prefix goes on behind everything that it stands for.
        rolled_up = bool(wanted.delimiter) and wanted.after.endswith(wanted.delimiter)
        self._after = name_key(wanted.after + (_LAST if rolled_up else ""))

    def page(self) -> Page:
        if self._wanted.limit == 0:
            return self._page
        start = self._start()
        for entry in self._walk(start) if start else ():
            if not self._take(entry):
                break
        return self._page

    def _start(self) -> _Place | None:
        """The deepest folder that everything below the prefix is in."""
        folder = self._wanted.prefix.rpartition("/")[0]
        key = folder + "/" if folder else ""
        if "//" in key or key.startswith("/"):
            return None
        try:
            names = split_path(folder)
        except InvalidName:
            return None
        path = self._wanted.base
        for name in names:
            path = child_path(path, name)
        if not self._shown(path, folder=True):
            raise Forbidden("This key is limited to another folder.")
        here = self._view.lookup(path)
        if here is None or not here.folder:
            return None
        if Permission.READ not in here.permissions:
            raise Forbidden("You are not allowed to see this.")
        return _Place(here.path, key, _id_of(here))

    def _shown(self, path: str, *, folder: bool) -> bool:
        """Whether the principal's credential is good for a path, or for something below it."""
        limit = self._view.principal.folder
        return self._view.principal.reaches(path) or (folder and limit is not None and is_inside(limit, path))

    def _take(self, entry: Entry) -> bool:
        """Add an entry, or the common prefix that it is rolled up in; False when the page is full."""
        self._looked_at += 1
        if self._full():
            self._page.next_after = self._last()
            return False
        group = self._group(entry.key)
        if group is None:
            self._page.entries.append(entry)
        elif not self._page.prefixes or self._page.prefixes[-1] != group:
            self._page.prefixes.append(group)
        return True

    def _full(self) -> bool:
        page = self._page
        return len(page.entries) + len(page.prefixes) >= self._wanted.limit or self._looked_at > MAX_LOOKED_AT

    def _last(self) -> str:
        entry = self._page.entries[-1].key if self._page.entries else ""
        return max(entry, self._page.prefixes[-1] if self._page.prefixes else "")

    def _group(self, key: str) -> str | None:
        delimiter, prefix = self._wanted.delimiter, self._wanted.prefix
        if not delimiter:
            return None
        end = key.find(delimiter, len(prefix))
        return None if end < 0 else key[: end + len(delimiter)]

    def _walk(self, start: _Place) -> Iterator[Entry]:
        stack = [self._inside(start)]
        while stack:
            found = next(stack[-1], None)
            if found is None:
                stack.pop()
            elif isinstance(found, Entry):
                yield found
            else:
                stack.append(self._inside(found))

    def _inside(self, place: _Place) -> Iterator[Entry | _Place]:
        """The objects and folders in a folder that the page may need, by key; of an empty one its marker."""
        empty = True
        for row, path, node in self._children(place):
            empty = False
            yield from self._needed(place, row, path, node)
        marker = place.key
        if empty and marker and not self._is_before(marker) and marker.startswith(self._wanted.prefix):
            yield Entry(marker, 0, EMPTY_MD5, self._view.now)

    def _needed(
        self, place: _Place, row: ListedRow | None, path: str, node: int | None
    ) -> Iterator[Entry | _Place]:
        name = path.rpartition("/")[2]
        folder = row is None or row.folder
        key = place.key + name + ("/" if folder else "")
        prefix = self._wanted.prefix
        below = key.startswith(prefix) or (folder and prefix.startswith(key))
        if not below or not self._shown(path, folder=folder) or self._is_before(key, folder=folder):
            return
        if not folder and row is not None:
            yield _entry(key, row)
        elif self._group(key) is not None and self._wanted.delimiter == "/":
            yield Entry(key, 0, EMPTY_MD5, 0.0)  # rolled up, whatever is in it
        else:
            yield _Place(path, key, node)

    def _is_before(self, key: str, *, folder: bool = False) -> bool:
        """Whether a key, or for a folder every key in it, comes no later than where the page begins."""
        plain = name_key(key)
        return plain <= self._after and not (
            folder and self._after.startswith(plain) and self._after != plain + _LAST
        )

    def _children(self, place: _Place) -> Iterator[tuple[ListedRow | None, str, int | None]]:
        """What is in a folder, with path and id, in the order of keys; None for what only this view has."""
        if place.node is None:
            yield from self._of_view(place)
            return
        for row in in_order(self._rows(place.node, place.key)):
            yield row, child_path(place.path, row.name), row.id

    def _of_view(self, place: _Place) -> list[tuple[ListedRow | None, str, int | None]]:
        """The children of a folder in which shares are shown."""
        here = self._view.find(place.path)
        inside = [item for item in self._view.children(here) if Permission.READ in item.permissions]
        rows = store.by_id(self._view.connection, [item.row.id for item in inside if item.chain])
        found = [(rows[i.row.id] if i.chain else None, i.path, _id_of(i)) for i in inside]
        return sorted(
            found, key=lambda item: name_key(item[1] + ("/" if item[0] is None or item[0].folder else ""))
        )

    def _rows(self, node: int, key: str) -> Iterator[ListedRow]:
        """The rows of a folder's children by name, from about where the page begins."""
        rest = self._after[len(key) :] if self._after.startswith(key) else ""
        # No name has a NUL, and PostgreSQL takes none.
        name = rest.partition("/")[0].partition("\0")[0].rstrip(_LAST)
        if name:
            # A folder whose name is the beginning of another's may still come: `a/` is behind `a-b`.
            yield from store.named(self._view.connection, node, [name[:n] for n in range(1, len(name) + 1)])
        while rows := store.after(self._view.connection, node, name, FETCHED):
            yield from rows
            name = rows[-1].key


def _id_of(here: Location) -> int | None:
    """The id of a folder whose children are just those of the tree; None where the view adds some."""
    return None if here.virtual or here.path == "/" else here.row.id


def _entry(key: str, row: ListedRow) -> Entry:
    etag = etag_of(row.etag, Checksums(md5=row.md5 or ""), row.version or 0)
    return Entry(key, row.size, etag, row.created or 0.0)


def in_order(rows: Iterable[ListedRow]) -> Iterator[ListedRow]:
    """Rows that come by name, in the order of their keys: a folder's ends in a slash."""
    waiting: list[tuple[str, int, ListedRow]] = []
    for row in rows:
        while waiting and waiting[0][0] <= row.key:
            yield heapq.heappop(waiting)[2]
        heapq.heappush(waiting, (row.key + "/" if row.folder else row.key, row.id, row))
    while waiting:
        yield heapq.heappop(waiting)[2]
