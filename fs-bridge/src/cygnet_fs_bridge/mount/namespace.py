"""Names: making, renaming and removing them, in memory and at the service."""

from __future__ import annotations

import errno
from dataclasses import replace

from ..models import Node
from .knowledge import Knowledge, refuse
from .tree import Entry


class Namespace(Knowledge):
    """The tree of the store, as the system calls change it; arguments as of `Knowledge`."""

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
        with self.changing(folder) as asked:
            node = await self.store.mkdir(self.child_path(folder, name))
        folder.absent.discard(name)
        entry = folder.children.get(name) or self.tree.add(folder, name, node)
        entry.listed, entry.heard = True, self.tree.heard  # it was made empty; what came since was heard of
        self.born(entry, node, asked)
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
            self.uncover(folder, entry.name)

    async def _delete(self, entry: Entry) -> None:
        with self.changing(entry, *([entry.parent] if entry.parent is not None else [])):
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
        before = entry.parent
        if before is None:
            raise refuse(errno.ENOENT, entry)  # somebody else was faster, and its contents are kept elsewhere
        if target is not None:
            if not target.may("W"):
                raise refuse(errno.EACCES, target)
            self.tree.detach(target)
        if entry.local is not None:
            entry.local.base = target.base if target is not None else None
        self.touched(before)
        self.touched(folder)
        self.uncover(before, entry.name)
        self.tree.move(entry, folder, name)
        folder.absent.discard(name)

    async def rename(self, entry: Entry, folder: Entry, name: str, target: Entry | None) -> None:
        """Move an entry which the store has to `name` in `folder`, over `target` if that is there."""
        if not entry.may("NV"):
            raise refuse(errno.EACCES, entry)
        source, destination = self.tree.path(entry), self.child_path(folder, name)
        before = entry.parent or folder
        with self.changing(entry, before, folder) as asked:
            node = await self.store.move(source, destination, target is not None)
        if target is not None:
            self.tree.detach(target)
        self.tree.move(entry, folder, name)
        folder.absent.discard(name)
        self.touched(before)
        self.touched(folder)
        self._moved(entry, node, asked)

    def _moved(self, entry: Entry, node: Node, asked: int) -> None:
        before = entry.node
        if entry.version is not None and before is not None and node.etag != before.etag:
            entry.version = None
        if entry.local is not None and not self.store.keeps_identity:
            entry.local.base = node.etag
        self.born(entry, node, asked)
        if self.store.keeps_identity and before is not None and before.id != node.id:
            self._moved_another(entry)
        elif entry.is_folder or self.tree.heard > asked:
            # Events about its old path that come from now on, and those about its new one that came, miss it.
            self.doubt_below(entry)
        elif before is None or replace(before, name=node.name, path=node.path) != node:
            self.doubt(entry)

    def _moved_another(self, entry: Entry) -> None:
        """Note that something else had got the name of an entry, and was moved in its place."""
        if entry.parent is not None:
            self.doubt(entry.parent)
        self.gone(entry)
