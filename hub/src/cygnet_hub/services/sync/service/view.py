"""The tree as one principal sees it in one transaction: paths become locations, locations become nodes.

A person sees their home at the root, accepted shares below /Shares, and the folders of their classes below
/Classes/NAME; the holder of a link sees the shared item. Folders that exist only in this view (Shares,
Classes and the folder of each class, and the folder around a single linked file) are virtual.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import Connection

from ..model.errors import Conflict, NotFound, Unauthorized
from ..model.names import (
    CLASSES,
    SHARES,
    base_name,
    child_path,
    is_inside,
    join_path,
    name_key,
    parent_path,
    split_path,
)
from ..model.node import ALL, Kind, Node, Permission, permission_letters
from ..model.principal import Principal
from ..store import nodes, share_kinds, spaces
from ..store.nodes import NodeRow
from ..store.spaces import SpaceRow
from .access import require_sight
from .class_doors import doors_of
from .location import Location as Location  # the doors name it beside View
from .location import lineage as lineage
from .mounts import Mount, link_mount, mounts_of
from .rechecks import still_counts

#: Entries of a folder that are looked at together.
PAGE = 1000

#: What a view looks up once, though changes of the tree can change it: rows of nodes that are mounted.
_REMEMBERED = frozenset({"mounts", "classes", "link"})

#: Far from the ids of nodes.
_CLASSES_ID = 1 << 50


class EtagForms(NamedTuple):
    """Formats of etags: of a file for its version, of a folder for its id and the last change in it."""

    file: str
    folder: str


class View:
    """One principal's tree in one transaction.

    Args:
        connection: of the transaction.
        principal: whose tree.
        instance: the random name of this installation.
    """

    def __init__(self, connection: Connection, principal: Principal, instance: str) -> None:
        if principal.kind not in ("user", "link"):
            raise Unauthorized("Please sign in.")
        self.connection = connection
        self.principal = principal
        self.instance = instance
        self.now = time.time()
        if principal.recheck and not still_counts(connection, principal.recheck, self.now):
            raise Unauthorized("The password or token was revoked, or has expired.")

    def again(self) -> View:
        """A view of what the transaction has made of the tree; the same if it remembers nothing of that."""
        if _REMEMBERED.isdisjoint(vars(self)):
            return self
        return View(self.connection, self.principal, self.instance)

    @cached_property
    def home(self) -> SpaceRow:
        """The principal's own space."""
        space = spaces.home(self.connection, self.principal.user)
        if space is None:
            raise NotFound('There is no account "{user}" here yet.', user=self.principal.user)
        return space

    @cached_property
    def mounts(self) -> dict[str, Mount]:
        """What others shared with the principal, by NFC name."""
        return mounts_of(self.connection, self.principal) if self.principal.kind == "user" else {}

    @cached_property
    def classes(self) -> dict[str, tuple[str, dict[str, Mount]]]:
        """The classes that the principal is in, by NFC name, each with its folders; see `doors_of`."""
        return doors_of(self.connection, self.principal.user) if self.principal.kind == "user" else {}

    @cached_property
    def root(self) -> Location:
        """The top of the tree."""
        if self.principal.kind == "link":
            return self._link_root()
        row = nodes.get(self.connection, self.home.root)
        if row is None:
            raise NotFound("Your files are not there.")
        return Location("/", (row,), ALL, self.home.owner)

    @cached_property
    def link(self) -> Mount:
        """What the link shows."""
        mount = link_mount(self.connection, self.principal.link_share or 0, self.principal.groups_of)
        if mount is None:
            raise NotFound("This link does not exist, or is no longer valid.")
        return mount

    def _link_root(self) -> Location:
        mount = self.link
        if mount.row.folder:
            return Location("/", mount.chain, mount.permissions, mount.owner, mount)
        return Location("/", (), Permission.READ, mount.owner)

    def lookup(self, path: str) -> Location | None:
        """What is at `path`, or None.

        Raises:
            Forbidden: the principal's token is for other places.
        """
        require_sight(self.principal, path)
        location: Location | None = self.root
        for name in split_path(path):
            if location is None:
                return None
            location = self.child(location, name)
        return location

    def find(self, path: str) -> Location:
        """What is at `path`.

        Raises:
            NotFound: nothing.
        """
        location = self.lookup(path)
        if location is None:
            raise NotFound('There is nothing at "{path}".', path=path)
        return location

    def parent(self, path: str) -> Location:
        """The folder that is to hold `path`.

        Raises:
            Conflict: it is missing or is a file (RFC 4918 wants 409), or `path` is the root.
        """
        if path == "/":
            raise Conflict("The root folder is always there.")
        location = self.lookup(parent_path(path))
        if location is None or not location.folder:
            raise Conflict('The folder for "{name}" does not exist.', name=base_name(path))
        return location

    def child(self, parent: Location, name: str) -> Location | None:
        """The child of this name."""
        if parent.virtual:
            return self._virtual_child(parent, name)
        if self._holds_shares(parent) and name_key(name) == name_key(SHARES):
            return self._shares() if self.mounts else None
        if self._holds_shares(parent) and name_key(name) == name_key(CLASSES) and self.classes:
            return self._classes()
        if not parent.folder:
            return None
        row = nodes.child(self.connection, parent.row.id, name)
        return self._below(parent, row) if row else None

    def children(self, parent: Location) -> list[Location]:
        """Everything directly in a folder, by name; nothing in a file."""
        if parent.virtual:
            if self.principal.kind == "link":
                return [self._linked_file()]
            return self._virtual_children(parent)
        if not parent.folder:
            return []
        found = self.below(parent, nodes.children(self.connection, parent.row.id))
        return found + self.added(parent)

    def page(self, parent: Location, after: str, most: int = PAGE) -> tuple[list[Location], str | None]:
        """Some of `children`, since a folder may have more than memory has room for.

        Args:
            after: what the page before ended with; at first an empty text.

        Returns:
            Them, and what to ask the next page with; None when there is none.
        """
        if parent.virtual or not parent.folder:
            return self.children(parent), None
        rows = nodes.page(self.connection, parent.row.id, after, most)
        found = self.below(parent, rows)
        if len(rows) < most:
            return found + self.added(parent), None
        return found, name_key(rows[-1].name)

    def pages(self, parent: Location) -> Iterator[list[Location]]:
        """All of `children`, page by page."""
        after: str | None = ""
        while after is not None:
            found, after = self.page(parent, after)
            yield found

    def added(self, parent: Location) -> list[Location]:
        """What is in a folder only as the principal sees it."""
        if not self._holds_shares(parent):
            return []
        return [*([self._shares()] if self.mounts else []), *([self._classes()] if self.classes else [])]

    def search(self, words: Sequence[str], limit: int) -> list[Location]:
        """Locations whose name contains every one of `words`, the principal's own before shared ones."""
        tops = self._tops
        found = nodes.search(self.connection, [top.row.id for top in tops], words, limit)
        chains = nodes.lineages(self.connection, [row.id for row in found])
        return [self._located(tops, chains[row.id]) for row in found]

    def search_in(self, here: Location, words: Sequence[str], limit: int) -> list[Location]:
        """`search` below one folder only."""
        if here.path == "/" or here.virtual:
            found = self.search(words, limit)
            return [place for place in found if is_inside(place.path, here.path)]
        rows = nodes.search(self.connection, [here.row.id], words, limit)
        chains = nodes.lineages(self.connection, [row.id for row in rows])
        return [self._located([here], chains[row.id]) for row in rows]

    def by_id(self, node_id: int) -> Location | None:
        """Where the principal sees a node; None when they do not."""
        tops = self._tops
        chain = nodes.lineages(self.connection, [node_id]).get(node_id, [])
        if not {row.id for row in chain} & {top.row.id for top in tops}:
            return None
        return self._located(tops, chain)

    @cached_property
    def _tops(self) -> list[Location]:
        """Where real trees begin: the principal's own, the shares, the folders of classes."""
        own = [self.root] if self.root.chain else []
        return own + [self._mounted(parent_path(path), mount) for path, mount in self.mounted.items()]

    @property
    def mounted(self) -> dict[str, Mount]:
        """What of others' spaces is in the tree, by path."""
        found = {join_path(SHARES, mount.name): mount for mount in self.mounts.values()}
        for name, doors in self.classes.values():
            found |= {join_path(CLASSES, name, door.name): door for door in doors.values()}
        return found

    def _located(self, tops: Sequence[Location], chain: list[NodeRow]) -> Location:
        ids = [row.id for row in chain]
        top = next(top for top in tops if top.row.id in ids)
        location = top
        for row in chain[ids.index(top.row.id) + 1 :]:
            location = self._below(location, row)
        return location

    def is_reserved(self, parent: Location, name: str) -> bool:
        """Whether a name in this folder is kept for what others share, or for classes."""
        return self._holds_shares(parent) and name_key(name) in (name_key(SHARES), name_key(CLASSES))

    def _holds_shares(self, location: Location) -> bool:
        return location.path == "/" and self.principal.kind == "user"

    def below(self, parent: Location, rows: Sequence[NodeRow]) -> list[Location]:
        """Where nodes are that lie directly in a folder."""
        inside = parent.inside
        return [
            Location(
                child_path(parent.path, row.name), (*parent.chain, row), inside, parent.owner, parent.mount
            )
            for row in rows
        ]

    def _below(self, parent: Location, row: NodeRow) -> Location:
        path = child_path(parent.path, row.name)
        return Location(path, (*parent.chain, row), parent.inside, parent.owner, parent.mount)

    def _shares(self) -> Location:
        return Location(f"/{SHARES}", (), Permission.READ, self.principal.user)

    def _classes(self) -> Location:
        return Location(f"/{CLASSES}", (), Permission.READ, self.principal.user)

    def _class(self, name: str) -> Location:
        return Location(join_path(CLASSES, name), (), Permission.READ, self.principal.user)

    def _virtual_child(self, parent: Location, name: str) -> Location | None:
        if self.principal.kind == "link":
            return self._linked_file() if name_key(self.link.row.name) == name_key(name) else None
        if name_key(parent.path) == name_key(f"/{CLASSES}"):
            known = self.classes.get(name_key(name))
            return self._class(known[0]) if known else None
        mount = self._mounts_in(parent).get(name_key(name))
        return self._mounted(parent.path, mount) if mount else None

    def _virtual_children(self, parent: Location) -> list[Location]:
        if name_key(parent.path) == name_key(f"/{CLASSES}"):
            return [self._class(name) for name, _ in self.classes.values()]
        return [self._mounted(parent.path, mount) for mount in self._mounts_in(parent).values()]

    def _mounts_in(self, folder: Location) -> dict[str, Mount]:
        """What is mounted below a virtual folder, by NFC name; below Classes the folders of all."""
        if name_key(folder.path) == name_key(f"/{SHARES}"):
            return self.mounts
        known = self.classes.get(name_key(base_name(folder.path)))
        if known and parent_path(folder.path) != "/":
            return known[1]
        return {
            f"{key}/{name}": door for key, (_, doors) in self.classes.items() for name, door in doors.items()
        }

    def _linked_file(self) -> Location:
        mount = self.link
        return Location(child_path("/", mount.row.name), mount.chain, mount.permissions, mount.owner, mount)

    def _mounted(self, folder: str, mount: Mount) -> Location:
        path = child_path(folder, mount.name)
        kept = mount.permissions & ~(Permission.UPDATE | Permission.DELETE)
        return Location(path, mount.chain, kept if mount.fixed else mount.permissions, mount.owner, mount)

    def etag(self, location: Location) -> str:
        """The etag, without quotes. Where shares are mounted it covers them too."""
        own = self.row_etag(location.row) if location.chain else ""
        if self._holds_shares(location) and (self.mounts or self.classes):
            return f"{own}.{self._mounts_etag(self.mounted)}"
        if own:
            return own
        if self.principal.kind == "link":
            return self.row_etag(self.link.row)
        return self._mounts_etag(self._mounts_in(location))

    def row_etag(self, row: NodeRow) -> str:
        """A file's names its version, so that it survives a move; a folder's changes with all below it."""
        forms = self.etag_forms(row.space)
        return forms.folder % (row.id, row.tree_seq) if row.folder else forms.file % (row.version or 0)

    def etag_forms(self, space: int) -> EtagForms:
        """How etags in a space are made."""
        return EtagForms(f"{self.instance}f%x", f"{self.instance}d{space:x}.%x.%x")

    def _mounts_etag(self, mounts: dict[str, Mount]) -> str:
        state = [
            (key, m.name, m.share_id, int(m.permissions), self.row_etag(m.row)) for key, m in mounts.items()
        ]
        return self.instance + hashlib.sha256(repr(sorted(state)).encode()).hexdigest()[:16]

    def node(self, location: Location, share_types: tuple[int, ...] = ()) -> Node:
        """What the doors show of a location."""
        if location.virtual:
            return self._virtual_node(location)
        row = location.row
        shared = location.mount is not None and self.principal.kind == "user"
        kind: Kind = "folder" if row.folder else "file"
        permissions = location.permissions
        return Node(
            id=row.id,
            name=base_name(location.path),
            path=location.path,
            kind=kind,
            size=row.size,
            mtime=row.mtime,
            etag=self.etag(location),
            permissions=permissions,
            owner=location.owner,
            space_id=row.space,
            version_id=row.version,
            created=row.created,
            checksums=row.checksums,
            shared=shared,
            mounted=shared and location.mounted,
            share_types=share_types,
            letters=permission_letters(kind, permissions, shared=shared, mounted=shared and location.mounted),
        )

    def _virtual_node(self, location: Location) -> Node:
        if self.principal.kind == "link":
            rows, identifier, space_id = [self.link.row], -self.link.row.id, self.link.row.space
        else:
            mounts = self._mounts_in(location)
            rows, identifier, space_id = (
                [m.row for m in mounts.values()],
                self._virtual_id(location),
                self.home.id,
            )
        return Node(
            id=identifier,
            name=base_name(location.path),
            path=location.path,
            kind="folder",
            size=sum(row.size for row in rows),
            mtime=max((row.mtime for row in rows), default=0.0),
            etag=self.etag(location),
            permissions=location.permissions,
            owner=location.owner,
            space_id=space_id,
            letters="G",
        )

    def _virtual_id(self, location: Location) -> int:
        """Ids below zero are those of no node: Shares, then Classes, then the root of each class's space."""
        if name_key(location.path) == name_key(f"/{SHARES}"):
            return -self.home.root
        if parent_path(location.path) == "/":
            return -self.home.root - _CLASSES_ID
        return -next(iter(self._mounts_in(location).values())).chain[0].id

    def nodes(self, locations: Sequence[Location]) -> list[Node]:
        """`node` of each, with the kinds of the shares that the principal's own nodes have."""
        own = [item.row.id for item in locations if item.chain and item.mount is None]
        kinds = self._share_types(own)
        return [self.node(item, kinds.get(item.row.id, ()) if item.chain else ()) for item in locations]

    def _share_types(self, ids: list[int]) -> dict[int, tuple[int, ...]]:
        if not ids:
            return {}
        numbers = {"user": 0, "group": 1, "link": 3}
        found: dict[int, set[int]] = {}
        for node_id, kind in share_kinds.of_nodes(self.connection, self.principal.user, ids):
            found.setdefault(node_id, set()).add(numbers[kind])
        return {node_id: tuple(sorted(kinds)) for node_id, kinds in found.items()}
