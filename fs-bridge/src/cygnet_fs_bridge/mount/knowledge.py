"""What is known of the tree, and what of it may be believed, in whatever order answers and events come.

An answer says what was there at some time after its question. What happened later is told by an event, which
may well overtake the answer. So questions, events and changes of our own are moments of one clock
(`Tree.later`):

- an answer is taken unless a younger one, or a change of our own since its question, has told more;
- it is believed until the next event only if none was heard about the same thing since its question;
- the answer to a change of our own is as old as the request.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from .. import errors
from ..models import Node
from ..transport import NeverSent
from .kernel import Invalidator
from .store import Store
from .tree import Entry, Tree

_TRIES = 4  # questions until one is not overtaken by a change of our own


def refuse(number: int, entry: Entry | str) -> OSError:
    """Return the error that a system call gets; raise it."""
    return OSError(number, errno.errorcode[number], entry if isinstance(entry, str) else entry.name)


def may_be_done(error: BaseException) -> bool:
    """Whether a request that failed like this may have done what it asked for."""
    if isinstance(error, errors.Unavailable):
        return not isinstance(error, NeverSent) and error.status not in (502, 503)
    return not isinstance(error, errors.ServiceError)


class Knowledge:
    """The tree of the store, as far as it was looked at.

    Args:
        store: holds the files.
        tree: what is known.
        kernel: told what to forget.
    """

    def __init__(self, store: Store, tree: Tree, kernel: Invalidator) -> None:
        self.store, self.tree, self.kernel = store, tree, kernel
        self.coherent = store.feed  # a changes feed tells when memory is wrong
        self._changing: Counter[Entry] = Counter()

    def valid(self, entry: Entry) -> bool:
        """Whether what is known of an entry is right."""
        if entry.node is None or entry.dirty or (entry.parent is None and entry is not self.tree.root):
            return True
        if not entry.fresh or self.coherent:
            return entry.fresh
        return asyncio.get_running_loop().time() - entry.seen < self.store.lifetime

    def known(self, folder: Entry) -> bool:
        """Whether the children of a folder are known."""
        return folder.is_folder and (folder.listed or folder.node is None) and self.valid(folder)

    def certain(self, folder: Entry, name: str) -> bool:
        """Whether it is known what `name` means in a folder."""
        if not self.known(folder):
            return False
        child = folder.children.get(name)
        return child is None or self.valid(child)

    async def current(self, entry: Entry) -> Entry:
        """Return the entry after making sure that what is known of it is right."""
        if not self.valid(entry):
            now = self.tree.later()
            await self._asked(entry, lambda: self.valid(entry) or entry.told >= now)
        return entry

    async def listed(self, folder: Entry) -> dict[str, Entry]:
        """Return the children of a folder."""
        if not folder.is_folder:
            raise refuse(errno.ENOTDIR, folder)
        if not self.known(folder):
            now = self.tree.later()
            await self._asked(folder, lambda: self.known(folder) or folder.names_told >= now)
        return folder.children

    async def lookup(self, folder: Entry, name: str) -> Entry | None:
        """Return what `name` means in a folder, None if there is nothing."""
        child = (await self.listed(folder)).get(name)
        if child is None:
            return None
        try:
            await self.current(child)
        except FileNotFoundError:
            return None
        # Another version may have come in its place.
        return folder.children.get(name)

    async def _asked(self, entry: Entry, enough: Callable[[], bool]) -> None:
        for _ in range(_TRIES):
            if enough():
                return
            await self._refresh(entry)

    async def _refresh(self, entry: Entry) -> None:
        if entry.refreshing is None:
            entry.refreshing = asyncio.ensure_future(self._ask(entry))
            entry.refreshing.add_done_callback(lambda done: _finished(entry, done))
        await asyncio.shield(entry.refreshing)

    async def _ask(self, entry: Entry) -> None:
        asked, path = self.tree.now, self.tree.path(entry)
        try:
            node, children = await self.store.listing(path)
        except errors.NotFound:
            if not self._counts(entry, asked, path):
                return
            if entry.parent is not None:
                entry.parent.listed = False
            self.gone(entry)
            raise
        if self._counts(entry, asked, path):
            self.absorb(entry, node, asked)
            if children is not None and entry.is_folder and self._has_place(entry):
                self._merge(entry, children, asked)

    def _has_place(self, entry: Entry) -> bool:
        return entry.parent is not None or entry is self.tree.root

    def _counts(self, entry: Entry, asked: int, path: str) -> bool:
        """Whether no change of our own has made an answer worthless; otherwise who waits asks again."""
        if asked < entry.told or asked < entry.changed or not self._has_place(entry):
            return False
        above: Entry | None = entry
        while above is not None:
            if above in self._changing:
                return False
            above = above.parent
        return self.tree.path(entry) == path

    def _merge(self, folder: Entry, nodes: list[Node], asked: int) -> None:
        names = {node.name for node in nodes}
        ours = {name for name, child in folder.children.items() if child.node is None}
        folder.hidden |= names & (folder.going | ours)
        for name, child in list(folder.children.items()):
            if name not in names and child.node is not None and max(child.told, child.changed) <= asked:
                self.gone(child)
        for node in nodes:
            known = folder.children.get(node.name)
            if known is not None:
                self.absorb(known, node, asked)
            elif node.name not in folder.going:
                self._appeared(folder, node, asked)
        folder.names_told, folder.listed = asked, folder.heard <= asked

    def _appeared(self, folder: Entry, node: Node, asked: int) -> Entry:
        entry = self.tree.add(folder, node.name, node)
        entry.seen, entry.told = asyncio.get_running_loop().time(), asked
        entry.fresh = folder.heard <= asked
        if node.name in folder.absent:
            folder.absent.discard(node.name)
            self.kernel.entry(folder.ino, node.name)
        return entry

    def gone(self, entry: Entry) -> None:
        """Note that the store has an entry no more; unsaved contents stay and will be written anew."""
        if entry is self.tree.root:
            return
        entry.heard = self.tree.later()
        if entry.dirty and entry.local is not None:
            entry.node, entry.local.base = None, None
            return
        folder = entry.parent
        for below in self.tree.walk(entry):
            if below.dirty:
                below.lost = self.tree.path(below)
        self.tree.detach(entry)
        if folder is not None:
            self.kernel.entry(folder.ino, entry.name)
            self.kernel.listing(folder.ino)

    def absorb(self, entry: Entry, node: Node, asked: int) -> None:
        """Note what the store tells about an entry in the answer to a question of the moment `asked`."""
        if asked < entry.told or asked < entry.changed:
            return
        before, entry.told, entry.fresh = entry.node, asked, entry.heard <= asked
        entry.seen = asyncio.get_running_loop().time()
        if before == node or entry.dirty or (before is None and entry.is_folder):
            return  # nothing new, or ours is under way and its answer tells
        another = before is None or before.kind != node.kind or before.id != node.id
        if before is None or another or (before.etag != node.etag and entry.handles and not node.is_folder):
            self._replace(entry, node, asked)
        else:
            self._update(entry, before, node)

    def _update(self, entry: Entry, before: Node, node: Node) -> None:
        entry.node = node
        if before.permissions != node.permissions:
            entry.mode = self.tree.modes.of(node)
        if node.is_folder:
            self.kernel.listing(entry.ino)
        elif before.etag != node.etag:
            entry.version = None
            self.kernel.inode(entry.ino)

    def _replace(self, entry: Entry, node: Node, asked: int) -> None:
        """Give the new version its own inode, so that who has the old one open sees no mixture."""
        folder, heard = entry.parent, entry.heard
        if folder is None:
            return
        entry.replaced = self.tree.path(entry)
        self.tree.detach(entry)
        made = self._appeared(
            folder, node if node.name == entry.name else replace(node, name=entry.name), asked
        )
        made.fresh = made.fresh and heard <= asked
        self.kernel.entry(folder.ino, entry.name)

    def doubt(self, entry: Entry) -> None:
        """Note that something has happened to an entry, and perhaps to what is in it."""
        entry.fresh = entry.listed = False
        entry.heard = self.tree.later()
        self.kernel.listing(entry.ino) if entry.is_folder else self.kernel.inode(entry.ino)
        for name in entry.absent:
            self.kernel.entry(entry.ino, name)
        entry.absent.clear()
        if entry.handles and entry.parent is not None:
            self.kernel.entry(entry.parent.ino, entry.name)

    def doubt_below(self, top: Entry) -> None:
        """Doubt an entry and everything that is known in it."""
        for entry in list(self.tree.walk(top)):
            self.doubt(entry)

    def doubt_attributes(self, entry: Entry) -> None:
        """Note that time stamp, permissions or the like of an entry are others."""
        entry.fresh = False
        entry.heard = self.tree.later()
        self.kernel.inode(entry.ino, attributes_only=True)

    @contextlib.contextmanager
    def changing(self, *entries: Entry) -> Iterator[int]:
        """Give the moment at which a change of these entries is asked for; no answer counts until it is done.

        A change that fails may have been done all the same: its answer got lost, and no event tells of it.
        """
        self._changing.update(entries)
        try:
            yield self.tree.now
        except BaseException as error:
            if may_be_done(error):
                for entry in entries:
                    self.doubt(entry)
            raise
        finally:
            self._changing.subtract(entries)
            self._changing = +self._changing

    def uncover(self, folder: Entry, name: str) -> None:
        """Note that something of ours has not got a name any more, behind which the service may have more."""
        if name in folder.hidden:
            folder.hidden.discard(name)
            self.doubt(folder)

    def touched(self, folder: Entry) -> None:
        """Note that a name came or went here: answers under way are older, and the time stamp is now."""
        folder.changed = self.tree.later()
        if folder.node is not None:
            folder.node = replace(folder.node, mtime=time.time())
        else:
            folder.changed_ns = time.time_ns() // 1000 * 1000

    def born(self, entry: Entry, node: Node, asked: int) -> None:
        """Note the answer to a change of our own that was asked for at a moment, and seen here since then."""
        entry.node, entry.fresh, entry.seen = node, True, asyncio.get_running_loop().time()
        entry.told = entry.changed = self.tree.later()
        self.tree.modes.keep(node, entry.mode)
        if entry.heard > asked:
            # It, or what came after it, was heard of before the answer: perhaps its name is gone by now.
            self.doubt(entry)
            if entry.parent is not None:
                self.doubt(entry.parent)


def _finished(entry: Entry, done: asyncio.Future[None]) -> None:
    entry.refreshing = None
    if not done.cancelled():
        done.exception()
