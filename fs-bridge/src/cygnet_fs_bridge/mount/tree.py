"""What the mount knows of the tree: entries with inode numbers, kept in memory."""

from __future__ import annotations

import asyncio
import errno
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..models import Node
from .modes import Modes

if TYPE_CHECKING:
    from .reader import Version
    from .spool import LocalFile

ROOT_INODE = 1


@dataclass(eq=False, slots=True)
class Entry:
    """A file or folder that the kernel may know.

    `node` is what the service last told; None for what exists in the mount only, because it was not sent yet.
    `parent` is None for the root and for what was removed while somebody has it open.
    """

    ino: int
    name: str
    parent: Entry | None
    is_folder: bool
    node: Node | None
    mode: int
    children: dict[str, Entry] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)  # names that the kernel was told not to exist
    going: set[str] = field(default_factory=set)  # names that were removed here and not yet at the service
    # Names of those, and of what is not yet at the service, where that was seen to have something:
    hidden: set[str] = field(default_factory=set)
    listed: bool = False  # children are all there, and nothing has changed since
    fresh: bool = True  # `node` is what the service would tell now
    # Moments, see `Tree.later`:
    told: int = 0  # when that was asked for which `node` is the answer
    names_told: int = 0  # the same for the children
    heard: int = 0  # when an event about it came
    changed: int = 0  # when it was last changed here
    seen: float = 0.0  # when `node` was told, by the loop's clock
    lookups: int = 0  # how often the kernel was told of it, less what it forgot
    handles: int = 0
    local: LocalFile | None = None
    version: Version | None = None
    replaced: str | None = None  # the path at which somebody else has put another version meanwhile
    lost: str | None = None  # its path, when somebody else removed its folder before it was saved
    refreshing: asyncio.Future[None] | None = None
    changed_ns: int = 0  # time stamp of a folder that the service does not have yet

    @property
    def size(self) -> int:
        """Bytes of a file as the person sees it now."""
        if self.local is not None and self.local.loaded:
            return self.local.size
        return self.node.size if self.node is not None else 0

    @property
    def mtime_ns(self) -> int:
        """Time stamp as the person sees it now, in nanoseconds."""
        if self.local is not None and self.local.dirty:
            return self.local.mtime_ns
        return round(self.node.mtime * 1e6) * 1000 if self.node is not None else self.changed_ns

    @property
    def dirty(self) -> bool:
        """Whether it has contents that the service has not acknowledged."""
        return self.local is not None and self.local.dirty

    @property
    def base(self) -> str | None:
        """Etag of what the service has at this path: perhaps of a file that this one will replace."""
        if self.local is not None:
            return self.local.base
        return self.node.etag if self.node is not None else None

    def may(self, letters: str) -> bool:
        """Whether the service grants any of the permission letters; it is asked about new files at upload."""
        return self.node is None or any(letter in self.node.permissions for letter in letters)


class Tree:
    """All entries, by inode number.

    Args:
        root: the top folder.
        modes: knows mode bits.
    """

    def __init__(self, root: Node, modes: Modes) -> None:
        self.modes = modes
        self._numbers = itertools.count(ROOT_INODE + 1)
        self.now = 0
        self.heard = 0  # when the last event of all came
        self.root = Entry(ROOT_INODE, "", None, True, root, modes.of(root), lookups=1)
        self.by_ino: dict[int, Entry] = {ROOT_INODE: self.root}

    def later(self) -> int:
        """Go on to the next moment: what happens later in the life of the tree has a larger number."""
        self.now += 1
        return self.now

    def path(self, entry: Entry) -> str:
        """Return the path of an entry in the person's tree; raise FileNotFoundError if it was removed."""
        names = []
        while entry.parent is not None:
            names.append(entry.name)
            entry = entry.parent
        if entry is not self.root:
            raise FileNotFoundError(errno.ENOENT, "It was removed", entry.name)
        return "/" + "/".join(reversed(names))

    def find(self, path: str) -> Entry | None:
        """Return the entry at `path` if it is known."""
        entry, rest = self.nearest(path)
        return None if rest else entry

    def nearest(self, path: str) -> tuple[Entry, list[str]]:
        """Return the lowest entry on the way to `path` that is known, and the names from there on."""
        entry, names = self.root, [name for name in path.split("/") if name]
        for position, name in enumerate(names):
            child = entry.children.get(name)
            if child is None:
                return entry, names[position:]
            entry = child
        return entry, []

    def add(self, parent: Entry, name: str, node: Node | None, mode: int | None = None) -> Entry:
        """Put a new entry under `parent` and return it."""
        is_folder = node is not None and node.is_folder
        bits = mode if mode is not None else self.modes.of(node) if node is not None else 0o644
        entry = Entry(next(self._numbers), name, parent, is_folder, node, bits)
        parent.children[name] = self.by_ino[entry.ino] = entry
        return entry

    def detach(self, entry: Entry) -> None:
        """Take an entry, and what is below it, out of the tree; open handles go on using it."""
        parent = entry.parent
        if parent is not None and parent.children.get(entry.name) is entry:
            del parent.children[entry.name]
        entry.parent = None
        for child in list(entry.children.values()):
            self.detach(child)
        self._drop_if_unused(entry)

    def move(self, entry: Entry, parent: Entry, name: str) -> None:
        """Give an entry another place, and take what is there out of the tree."""
        there = parent.children.get(name)
        if there is not None and there is not entry:
            self.detach(there)
        if entry.parent is not None:
            del entry.parent.children[entry.name]
        entry.parent, entry.name = parent, name
        parent.children[name] = self.by_ino[entry.ino] = entry

    def forget(self, ino: int, count: int) -> None:
        """Note that the kernel forgot an inode `count` times."""
        entry = self.by_ino.get(ino)
        if entry is not None:
            entry.lookups = max(0, entry.lookups - count)
            self._drop_if_unused(entry)

    def release(self, entry: Entry) -> None:
        """Note that a handle was closed."""
        entry.handles -= 1
        self._drop_if_unused(entry)

    def _drop_if_unused(self, entry: Entry) -> None:
        removed = entry.parent is None and entry is not self.root
        if removed and entry.lookups == 0 and entry.handles == 0:
            self.by_ino.pop(entry.ino, None)

    def walk(self, top: Entry | None = None) -> Iterator[Entry]:
        """Give every entry of the tree, or of what is at `top` and below; that comes first."""
        waiting = [self.root if top is None else top]
        while waiting:
            entry = waiting.pop()
            yield entry
            waiting.extend(entry.children.values())
