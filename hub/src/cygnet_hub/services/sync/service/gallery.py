"""The gallery: notebooks that people and groups show to everybody, to be searched, looked at and copied.

An entry shows the version that was published. It is there for as long as who published it has the file.
"""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from ..model.errors import Conflict, Forbidden, NotFound, UnsupportedMedia
from ..model.gallery import MAX_ENTRIES, GalleryEntry, NewEntry, clean_about, clean_tags, read_notebook
from ..model.node import Node
from ..model.principal import Principal
from ..store import gallery as store
from ..store import groups, versions
from ..store.database import Database
from ..store.gallery import GalleryRow
from . import class_tree
from .access import Action, authorize, require_scope
from .commit import insert_file
from .opening import place_for
from .people import People
from .preview import MAX_NOTEBOOK
from .tree import OpenFile, Tree
from .view import View

#: Entries that are shown at once; who wants others searches.
MOST = 200
MOST_TAGS = 40


@dataclass(frozen=True)
class Found:
    """Entries, and the tags of all that was searched with how many have each."""

    entries: tuple[GalleryEntry, ...]
    tags: tuple[tuple[str, int], ...]


class Gallery:
    """What people publish.

    Args:
        database: where it lies.
        tree: the files.
        people: who is in which group.
        clock: seconds since 1970.
    """

    def __init__(
        self, database: Database, tree: Tree, people: People, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._tree = tree
        self._people = people
        self._clock = clock

    async def publish(self, principal: Principal, path: str, new: NewEntry) -> GalleryEntry:
        """Show a notebook to everybody as it is now; published again, it takes its own place.

        Raises:
            NotFound: nothing is there. UnsupportedMedia: it is no notebook.
            Forbidden: the principal may not share it, or is not in the group. BadRequest, Conflict.
        """
        require_scope(principal, "shares")
        about, tags = clean_about(new.about), clean_tags(new.tags)
        file = await self._tree.open(principal, path)
        title, text = await _read(file)
        words = " ".join((title, about, *tags, new.group, principal.display_name, text)).casefold()

        def run(connection: Connection) -> int:
            here = self._tree.view(connection, principal).find(path)
            authorize(principal, Action.SHARE, here)
            if here.row.version != file.node.version_id:
                raise Conflict("The notebook was changed just now. Please try again.")
            known = store.of_node(connection, here.row.id)
            if known is not None and known.author != principal.user:
                raise Conflict("Somebody else has published this notebook.")
            if known is None and store.count(connection, principal.user) >= MAX_ENTRIES:
                raise Conflict("You can have {most} notebooks in the gallery.", most=MAX_ENTRIES)
            if new.group and not groups.has(connection, new.group, principal.user, principal.groups):
                raise Forbidden('You are not in the group "{group}".', group=new.group)
            return store.put(
                connection,
                node=here.row.id,
                version=here.row.version,
                author=principal.user,
                group=new.group,
                title=title,
                about=about,
                tags=tags,
                words=words,
                published=self._clock(),
            )

        return await self.one(await self._database.write(run))

    async def one(self, entry_id: int) -> GalleryEntry:
        """One entry.

        Raises:
            NotFound: there is none, or who published it has the file no more.
        """
        return (await self._database.read(lambda c: self._entry(c, entry_id)))[0]

    async def of_path(self, principal: Principal, path: str) -> GalleryEntry | None:
        """What the principal has published of what is at a path."""

        def run(connection: Connection) -> GalleryEntry | None:
            here = self._tree.view(connection, principal).find(path)
            row = None if here.virtual else store.of_node(connection, here.row.id)
            shown = self._shown(connection, [row] if row and row.author == principal.user else [])
            return shown[0] if shown else None

        return await self._database.read(run)

    async def search(self, query: str, tag: str) -> Found:
        """The entries with every word of `query` and with the tag, if one is named; the newest first."""
        words = query.casefold().split()[:20]

        def run(connection: Connection) -> Found:
            rows = store.listing(connection, words)
            counted = Counter(one for row in rows for one in row.tags)
            chosen = [row for row in rows if not tag or tag in row.tags][:MOST]
            return Found(tuple(self._shown(connection, chosen)), tuple(counted.most_common(MOST_TAGS)))

        return await self._database.read(run)

    async def remove(self, principal: Principal, entry_id: int) -> None:
        """Take an entry out: one's own, or as who runs the platform.

        Raises:
            NotFound: there is none that the principal published.
        """
        require_scope(principal, "shares")

        def run(connection: Connection) -> None:
            row = store.get(connection, entry_id)
            if row is None or not (principal.admin or row.author == principal.user):
                raise _missing()
            principal.note("gallery.remove", node=row.node)
            store.remove(connection, entry_id)

        await self._database.write(run)

    async def open(self, entry_id: int) -> OpenFile:
        """The notebook of an entry, to be read.

        Raises:
            NotFound: see `one`.
        """

        def run(connection: Connection) -> OpenFile:
            entry, row = self._entry(connection, entry_id)
            content = versions.content_of(connection, row.version)
            return OpenFile(entry.node, content, self._tree.disk)

        return await self._database.read(run)

    async def copy(self, principal: Principal, entry_id: int, destination: str) -> Node:
        """Copy the notebook of an entry into a folder of the principal's, under the first free name.

        Raises:
            NotFound: there is no such entry. Also what `place_for` raises.
        """
        require_scope(principal, "files:write")

        def run(connection: Connection) -> Node:
            entry, row = self._entry(connection, entry_id)
            view = self._tree.view(connection, principal)
            parent = place_for(view, destination, entry.node.size)
            name = class_tree.free_name(view, parent, entry.node.name, folder=False)
            manifest = versions.manifest_of(connection, row.version)
            insert_file(view, parent, name, manifest, entry.node.size, view.now)
            again = self._tree.view(connection, principal)
            return again.nodes([again.find(f"{parent.path.rstrip('/')}/{name}")])[0]

        return await self._database.write(run)

    def _entry(self, connection: Connection, entry_id: int) -> tuple[GalleryEntry, GalleryRow]:
        row = store.get(connection, entry_id)
        shown = self._shown(connection, [row] if row else [])
        if row is None or not shown:
            raise _missing()
        return shown[0], row

    def _shown(self, connection: Connection, rows: Iterable[GalleryRow]) -> list[GalleryEntry]:
        """Entries whose notebooks their authors have, as they see them."""
        views: dict[str, View] = {}
        found = []
        for row in rows:
            if row.author not in views:
                views[row.author] = self._tree.view(connection, self._as(row.author))
            place = views[row.author].by_id(row.node)
            if place is not None:
                size = versions.content_of(connection, row.version).size
                node = dataclasses.replace(views[row.author].node(place), version_id=row.version, size=size)
                found.append(
                    GalleryEntry(
                        row.id, node, row.author, row.group, row.title, row.about, row.tags, row.published
                    )
                )
        return found

    def _as(self, author: str) -> Principal:
        lately = self._people.groups_lately
        return Principal("user", author, lately(author), frozenset({"files:read"}), groups_of=lately)


def _missing() -> NotFound:
    return NotFound("There is no such notebook in the gallery.")


async def _read(file: OpenFile) -> tuple[str, str]:
    """The title and the text of a notebook."""
    if not file.node.name.endswith(".ipynb") or file.content.size > MAX_NOTEBOOK:
        raise UnsupportedMedia("Only notebooks of at most 20 MB can be published.")
    return read_notebook(file.node.name, b"".join([block async for block in file.read()]))
