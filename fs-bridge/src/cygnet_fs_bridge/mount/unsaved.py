"""Which files have contents that the service has not acknowledged, and that the journal knows of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

from .journal import Journal, Pending
from .room import Room
from .spool import LocalFile
from .state import StateFile
from .tree import Entry, Tree

SMALL = 1 << 20  # contents up to this size are written into the journal and sent in batches


class Unsaved:
    """The entries with something that the service does not have.

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
            generation, pending = local.generation, self._pending(entry, local)
            if isinstance(pending.contents, str):
                await asyncio.to_thread(os.fdatasync, local.fd)
            number = local.record = local.record or self._journal.number()
            await self._journal.put(number, pending)
            local.journalled = generation
            if local.record is None:
                self._journal.done(number)  # removed, or sent, while it was written down
        self._room.spend(local.size)

    def _pending(self, entry: Entry, local: LocalFile) -> Pending:
        contents = local.read(0, local.size) if local.size <= SMALL else local.path.name
        return Pending(self._tree.path(entry), local.base, local.mtime_ns, contents)

    async def rewrite(self, entry: Entry, local: LocalFile) -> None:
        """Write down another path, base or time stamp of contents which are in the journal."""
        if local.record is not None:
            generation = local.generation
            pending = Pending(self._tree.path(entry), local.base, local.mtime_ns)
            await self._journal.meta(local.record, pending)
            local.journalled = generation

    async def removed(self, entry: Entry) -> None:
        """Forget what was written to a file that was removed, for good when this returns."""
        if entry.local is not None and entry.local.record is not None:
            await self._journal.drop(entry.local.record)
        self.drop(entry)

    def drop(self, entry: Entry) -> None:
        """Forget what was written: something else has its name."""
        if entry.local is not None:
            entry.local.clean()
            self.settled(entry, entry.local)
