"""Names: finding, listing, making, renaming and removing, answered from memory as long as memory is right."""

from __future__ import annotations

import asyncio
import errno
import time
from dataclasses import replace

from .. import errors
from ..models import Node
from .kernel import Invalidator
from .store import Store
from .tree import Entry, Tree

_TRIES = 4


def refuse(number: int, entry: Entry | str) -> OSError:
    """Return the error that a system call gets; raise it."""
    return OSError(number, errno.errorcode[number], entry if isinstance(entry, str) else entry.name)


class Namespace:
    """The tree of the store, as far as it was looked at.

    Args:
        store: holds the files.
        tree: what is known.
        kernel: told what to forget.
    """

    def __init__(self, store: Store, tree: Tree, kernel: Invalidator) -> None:
        self.store, self.tree, self.kernel = store, tree, kernel
        self.coherent = store.feed  # a changes feed tells when memory is wrong

    def valid(self, entry: Entry) -> bool:
        """Whether what is known of an entry is right."""
        if entry.node is None or (entry.parent is None and entry is not self.tree.root):
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
            await self._refresh(entry)
        return entry

    async def listed(self, folder: Entry) -> dict[str, Entry]:
        """Return the children of a folder."""
        if not folder.is_folder:
            raise refuse(errno.ENOTDIR, folder)
        for _ in range(_TRIES):
            if self.known(folder):
                break
            await self._refresh(folder)
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

    async def _refresh(self, entry: Entry) -> None:
        if entry.refreshing is None:
            entry.refreshing = asyncio.ensure_future(self._ask(entry))
            entry.refreshing.add_done_callback(lambda done: _finished(entry, done))
        await asyncio.shield(entry.refreshing)

    async def _ask(self, entry: Entry) -> None:
        epoch, path = entry.epoch, self.tree.path(entry)
        try:
            node, children = await self.store.listing(path)
        except errors.NotFound:
            self.gone(entry)
            raise
        if epoch != entry.epoch or (entry.parent is None and entry is not self.tree.root):
            return  # something happened meanwhile; whoever waits asks again
        self.absorb(entry, node)
        if children is not None and entry.is_folder:
            self._merge(entry, children)

    def _merge(self, folder: Entry, nodes: list[Node]) -> None:
        nodes = [node for node in nodes if node.name not in folder.going]
        names = {node.name for node in nodes}
        for name, child in list(folder.children.items()):
            if name not in names and child.node is not None:
                self.gone(child)
        for node in nodes:
            known = folder.children.get(node.name)
            if known is None:
                self._appeared(folder, node)
            else:
                self.absorb(known, node)
        folder.listed = True

    def _appeared(self, folder: Entry, node: Node) -> Entry:
        entry = self.tree.add(folder, node.name, node)
        entry.seen = asyncio.get_running_loop().time()
        if node.name in folder.absent:
            folder.absent.discard(node.name)
            self.kernel.entry(folder.ino, node.name)
        return entry

    def gone(self, entry: Entry) -> None:
        """Note that the store has an entry no more; unsaved contents stay and will be written anew."""
        if entry is self.tree.root:
            return
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

    def absorb(self, entry: Entry, node: Node) -> None:
        """Note what the store tells about an entry."""
        before, entry.fresh, entry.seen = entry.node, True, asyncio.get_running_loop().time()
        if before == node or entry.dirty or (before is None and entry.is_folder):
            return  # nothing new, or ours is under way and its answer tells
        another = before is None or before.kind != node.kind or before.id != node.id
        if before is None or another or (before.etag != node.etag and entry.handles and not node.is_folder):
            self._replace(entry, node)
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

    def _replace(self, entry: Entry, node: Node) -> None:
        """Give the new version its own inode, so that who has the old one open sees no mixture."""
        folder = entry.parent
        if folder is None:
            return
        entry.replaced = self.tree.path(entry)
        self.tree.detach(entry)
        self._appeared(folder, node if node.name == entry.name else replace(node, name=entry.name))
        self.kernel.entry(folder.ino, entry.name)

    def touched(self, folder: Entry) -> None:
        """Note that a name came or went here: answers under way are older, and the time stamp is now."""
        folder.epoch += 1
        if folder.node is not None:
            folder.node = replace(folder.node, mtime=time.time())
        else:
            folder.changed_ns = time.time_ns() // 1000 * 1000

    def born(self, entry: Entry, node: Node) -> None:
        """Note what the store answered to a change of our own; it was seen here when it was made."""
        entry.node, entry.fresh, entry.seen = node, True, asyncio.get_running_loop().time()
        entry.epoch += 1
        self.tree.modes.keep(node, entry.mode)
        if entry.parent is not None:
            # Answers under way are older. The time stamp stays: for another the kernel would list again.
            entry.parent.epoch += 1

    def new_folder(self, folder: Entry, name: str) -> Entry:
        """Add a folder that the service does not have yet."""
        folder.absent.discard(name)
        entry = self.tree.add(folder, name, None, 0o755)
        entry.is_folder = entry.listed = True
        self.touched(folder)
        self.touched(entry)
        return entry

    def set_mode(self, entry: Entry, mode: int) -> None:
        """Give an entry other mode bits, which are remembered on this machine."""
        entry.mode = mode & 0o777
        if entry.node is not None:
            self.tree.modes.keep(entry.node, entry.mode)

    async def mkdir(self, folder: Entry, name: str) -> Entry:
        """Make a folder."""
        if not folder.may("K"):
            raise refuse(errno.EACCES, name)
        node = await self.store.mkdir(self.child_path(folder, name))
        folder.absent.discard(name)
        entry = folder.children.get(name) or self.tree.add(folder, name, node)
        entry.listed = True  # it was just made, so it is empty
        self.born(entry, node)
        self.touched(folder)
        return entry

    def child_path(self, folder: Entry, name: str) -> str:
        """Return the path of `name` in a folder."""
        return f"{self.tree.path(folder).rstrip('/')}/{name}"

    async def remove(self, entry: Entry) -> None:
        """Delete a file or an empty folder."""
        if not entry.may("D"):
            raise refuse(errno.EACCES, entry)
        if entry.base is not None or entry.is_folder or (entry.local is not None and entry.local.uncertain):
            await self._delete(entry)
        self.detach(entry)

    def detach(self, entry: Entry) -> None:
        """Take what was removed here out of the tree."""
        folder = entry.parent
        self.tree.detach(entry)
        if folder is not None:
            self.touched(folder)

    async def _delete(self, entry: Entry) -> None:
        try:
            await self.store.delete(self.tree.path(entry))
        except FileNotFoundError:
            return  # somebody else was faster, and it is what was wanted

    async def check_empty(self, folder: Entry) -> None:
        """Raise ENOTEMPTY if a folder has something in it."""
        if await self.listed(folder):
            raise refuse(errno.ENOTEMPTY, folder)

    def rename_here(self, entry: Entry, folder: Entry, name: str, target: Entry | None) -> None:
        """Give an entry which the service does not have yet another name; it will replace `target` there."""
        if target is not None:
            if not target.may("W"):
                raise refuse(errno.EACCES, target)
            self.tree.detach(target)
        if entry.local is not None:
            entry.local.base = target.base if target is not None else None
        for touched in (entry.parent, folder):
            if touched is not None:
                self.touched(touched)
        self.tree.move(entry, folder, name)
        folder.absent.discard(name)

    async def rename(self, entry: Entry, folder: Entry, name: str, target: Entry | None) -> None:
        """Move an entry which the store has to `name` in `folder`, over `target` if that is there."""
        if not entry.may("NV"):
            raise refuse(errno.EACCES, entry)
        source, destination = self.tree.path(entry), self.child_path(folder, name)
        node = await self.store.move(source, destination, target is not None)
        before = entry.parent
        if target is not None:
            self.tree.detach(target)
        self.tree.move(entry, folder, name)
        folder.absent.discard(name)
        for touched in (before, folder):
            if touched is not None:
                self.touched(touched)
        self._moved(entry, node)

    def _moved(self, entry: Entry, node: Node) -> None:
        if entry.version is not None and entry.node is not None and node.etag != entry.node.etag:
            entry.version = None
        if entry.local is not None:
            entry.local.base = node.etag
        self.born(entry, node)


def _finished(entry: Entry, done: asyncio.Future[None]) -> None:
    entry.refreshing = None
    if not done.cancelled():
        done.exception()
