"""Which files have contents that the service has not acknowledged, and that the journal knows of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .. import errors
from .journal import Journal, Pending
from .room import Room
from .spool import LocalFile
from .state import StateFile
from .tree import Entry, Tree

# What may pass by itself, or when the person logs in again or makes room; everything else is final.
KEPT = (errors.Unavailable, errors.NotLoggedIn, errors.Busy)
PASSING = (*KEPT, errors.QuotaExceeded)

SMALL = 1 << 20  # contents up to this size are written into the journal and sent in batches


class Unsaved:
    """The files with contents, and the folders, that the service does not have.

    Args:
        tree: knows their paths.
        journal: makes them survive this process.
        room: told how much is on its way.
        state: told how many they are.
    """

    def __init__(self, tree: Tree, journal: Journal, room: Room, state: StateFile) -> None:
        self._tree, self._journal, self._room, self._state = tree, journal, room, state
        self._entries: dict[Entry, None] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def note(self, entry: Entry) -> None:
        """Note that an entry has something new."""
        self._entries[entry] = None
        self._state.count(len(self._entries))

    def settled(self, entry: Entry, local: LocalFile) -> None:
        """Note that nothing of an entry waits any more."""
        if local.dirty:
            return
        if local.record is not None:
            self._journal.done(local.record)
            local.record = None
        self.forget(entry)

    def forget(self, entry: Entry) -> None:
        """Note that an entry has nothing new any more."""
        self._entries.pop(entry, None)
        self._state.count(len(self._entries))
        if not self._entries:
            self._state.say("waiting", "")

    async def write_down(self, entry: Entry) -> None:
        """Make what an entry has survive the end of this process."""
        local = entry.local
        if local is None or local.safe or entry.parent is None:
            return
        async with local.lock:
            self.put_down(entry, local)

    def put_down(self, entry: Entry, local: LocalFile) -> None:
        """Do so at once with contents that nobody changes meanwhile."""
        local.record = local.record or self._journal.number()
        held = local.source
        large = held.name if isinstance(held, Path) and local.size > SMALL else None
        contents = large or local.read(0, local.size)
        path, size = self._tree.path(entry), local.size
        pending = Pending(path, local.base, local.mtime_ns, contents, size, entry.mode)
        self._journal.put(local.record, pending, local.fd if large else None)
        local.journalled = local.generation
        self._room.spend(local.size)

    def rewrite(self, entry: Entry, local: LocalFile) -> None:
        """Write down another path, base or time stamp of contents which are in the journal."""
        if local.record is not None:
            pending = Pending(self._tree.path(entry), local.base, local.mtime_ns, mode=entry.mode)
            self._journal.meta(local.record, pending)
            local.journalled = local.generation

    def drop(self, entry: Entry) -> None:
        """Forget what was written: something else has its name."""
        if entry.local is not None:
            entry.local.clean()
            self.settled(entry, entry.local)
