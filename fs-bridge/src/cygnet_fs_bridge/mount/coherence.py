"""Following the changes feed: what others change is forgotten here and in the kernel at once."""

from __future__ import annotations

import asyncio
from typing import TypeGuard

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
        if item.fresh:
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
        """Believe nothing that was learnt before, or is being asked."""
        self._names.doubt_below(self._tree.root)
        self._tree.heard = self._tree.later()

    def change(self, change: Change) -> None:
        """Apply one change."""
        entry = self._tree.find(change.path)
        if change.op == "delete":
            self._deleted(change, entry)
        elif change.op == "move":
            self._moved(change)
        elif change.op == "share":
            self._shared(change.path, entry)
        elif entry is None or entry is self._tree.root:
            self._folder_changed(change.path)
        else:
            self._changed(change, entry)
        self._tree.heard = self._tree.later()

    def _changed(self, change: Change, entry: Entry) -> None:
        known = entry.node is not None and change.etag is not None and entry.node.etag == change.etag
        if not _is_meant(entry, change):
            self._names.doubt(entry)  # somebody has put something else where ours waits
            self._folder_changed(change.path)
        elif known and change.op != "props":
            entry.heard = self._tree.later()  # an answer that is under way may still be older
        elif entry.is_folder:
            self._names.doubt_attributes(entry)
        else:
            self._names.doubt(entry)

    def _folder_changed(self, path: str) -> None:
        """Note that a name came or went in the folder of `path`."""
        parent, _, name = path.rpartition("/")
        folder, unknown = self._tree.nearest(parent)
        if unknown:
            folder.heard = self._tree.later()  # what it is just being asked for may be older
            return
        folder.listed = False
        self._names.doubt_attributes(folder)
        self._kernel.listing(folder.ino)
        if name in folder.absent:
            folder.absent.discard(name)
            self._kernel.entry(folder.ino, name)

    def _deleted(self, change: Change, entry: Entry | None) -> None:
        if _is_meant(entry, change):
            self._names.gone(entry)
        elif entry is not None:
            self._names.doubt(entry)  # it has the name since; perhaps not for long
        self._folder_changed(change.path)

    def _moved(self, change: Change) -> None:
        old = change.old_path or change.path
        entry, target = self._tree.find(old), self._tree.find(change.path)
        if _is_meant(entry, change) and entry is not target:
            self._move(change, entry, target)
        elif target is not None:
            self._names.doubt(target)
        self._folder_changed(old)
        self._folder_changed(change.path)

    def _move(self, change: Change, entry: Entry, target: Entry | None) -> None:
        parent, _, name = change.path.rpartition("/")
        folder = self._tree.find(parent)
        if (
            target is not None
            and target.node is not None
            and not target.dirty
            and not _is_meant(target, change)
        ):
            self._names.gone(target)
            target = None
        if folder is None or not folder.is_folder or target is not None or entry.parent is None:
            # Its place is not known here, or something of ours waits there, or it was seen there already.
            self._names.gone(entry)
            return
        self._kernel.entry(entry.parent.ino, entry.name)
        self._tree.move(entry, folder, name)
        self._names.doubt(entry) if not entry.is_folder else self._names.doubt_attributes(entry)

    def _shared(self, path: str, entry: Entry | None) -> None:
        """Doubt what is at a path and below: permissions may have changed, a share come or gone."""
        self._folder_changed(path)
        if entry is None:
            self._names.doubt(self._tree.root)
        else:
            self._names.doubt_below(entry)


def _is_meant(entry: Entry | None, change: Change) -> TypeGuard[Entry]:
    """Whether an entry is what has changed, and not something else that has its name meanwhile."""
    if entry is None:
        return False
    return change.node is None or (entry.node is not None and entry.node.id == change.node)
