"""Following the changes feed: what others change is forgotten here and in the kernel at once."""

from __future__ import annotations

import asyncio

from .. import errors
from ..client.feed import Connected, Disconnected, FeedItem
from ..models import Change
from .namespace import Namespace
from .state import StateFile
from .tree import Entry


class Follower:
    """Applies the changes feed to the tree.

    Args:
        names: the tree.
        state: told whether the service is there.
    """

    def __init__(self, names: Namespace, state: StateFile) -> None:
        self._names, self._tree, self._kernel = names, names.tree, names.kernel
        self._state = state
        self.settled = asyncio.Event()  # it is known whether there is a feed

    async def run(self) -> None:
        """Follow for as long as the mount lives."""
        async for item in self._names.store.changes():
            self._apply(item)

    def _apply(self, item: FeedItem) -> None:
        if isinstance(item, Change):
            self.change(item)
        elif isinstance(item, Connected):
            self._connected(item)
        else:
            self._disconnected(item)

    def _connected(self, item: Connected) -> None:
        if item.fresh and self.settled.is_set():
            self.forget_all()
        self._names.coherent = True
        self._state.set("ready")
        self.settled.set()

    def _disconnected(self, item: Disconnected) -> None:
        if isinstance(item.error, (errors.NotFound, errors.Unsupported)):
            self._names.coherent = False
            self._state.set("degraded", "The service has no changes feed; changes show after a second")
            self.settled.set()
        elif isinstance(item.error, errors.NotLoggedIn):
            self._state.set("offline", "The login of this session has ended")
        else:
            self._state.set("offline", str(item.error))

    def forget_all(self) -> None:
        """Believe nothing that was learnt before."""
        for entry in list(self._tree.walk()):
            self._doubt(entry)

    def _doubt(self, entry: Entry) -> None:
        entry.fresh = entry.listed = False
        entry.epoch += 1
        self._kernel.listing(entry.ino) if entry.is_folder else self._kernel.inode(entry.ino)
        for name in entry.absent:
            self._kernel.entry(entry.ino, name)
        entry.absent.clear()
        if entry.handles and entry.parent is not None:
            self._kernel.entry(entry.parent.ino, entry.name)

    def change(self, change: Change) -> None:
        """Apply one change."""
        entry = self._tree.find(change.path)
        if change.op == "delete":
            self._deleted(change.path, entry)
        elif change.op == "move":
            self._moved(change)
        elif change.op == "share":
            self._shared(change.path, entry)
        elif entry is None or entry is self._tree.root:
            self._folder_changed(change.path)
        elif entry.node is None or change.etag is None or entry.node.etag != change.etag:
            self._doubt(entry) if not entry.is_folder else self._doubt_attributes(entry)

    def _doubt_attributes(self, entry: Entry) -> None:
        entry.fresh = False
        entry.epoch += 1
        self._kernel.inode(entry.ino, attributes_only=True)

    def _folder_changed(self, path: str) -> None:
        """Note that a name came or went in the folder of `path`."""
        parent, _, name = path.rpartition("/")
        folder = self._tree.find(parent)
        if folder is None:
            return
        folder.listed = False
        self._doubt_attributes(folder)
        self._kernel.listing(folder.ino)
        if name in folder.absent:
            folder.absent.discard(name)
            self._kernel.entry(folder.ino, name)

    def _deleted(self, path: str, entry: Entry | None) -> None:
        if entry is not None:
            self._names.gone(entry)
        self._folder_changed(path)

    def _moved(self, change: Change) -> None:
        old = change.old_path or change.path
        entry, target = self._tree.find(old), self._tree.find(change.path)
        if target is not None and target is not entry and not target.dirty:
            self._names.gone(target)
        folder = self._tree.find(change.path.rpartition("/")[0])
        if entry is not None and entry.parent is not None and change.path != old:
            if folder is None:
                self._names.gone(entry)
            else:
                self._kernel.entry(entry.parent.ino, entry.name)
                self._tree.move(entry, folder, change.path.rpartition("/")[2])
                entry.fresh = False
        self._folder_changed(old)
        self._folder_changed(change.path)

    def _shared(self, path: str, entry: Entry | None) -> None:
        """Doubt what is at a path and below: permissions may have changed, a share come or gone."""
        self._folder_changed(path)
        if entry is None:
            self._doubt(self._tree.root)
            return
        waiting = [entry]
        while waiting:
            below = waiting.pop()
            self._doubt(below)
            waiting.extend(below.children.values())
