"""What was written here and has still to come to the service, as the system calls see it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from .. import errors
from .blocks import BlockCache
from .delivery import Delivery
from .folders import Folders
from .journal import Journal, Pending
from .knowledge import refuse
from .namespace import Namespace
from .removals import Removals
from .room import Room
from .sender import Sender, in_order
from .spool import LocalFile, Spool
from .state import StateFile
from .tasks import Tasks
from .tree import Entry
from .unsaved import KEPT, Unsaved

log = logging.getLogger(__name__)

Consistency = Literal["close", "fsync"]


class Outbox:
    """Everything that the service has not acknowledged.

    Args:
        names: the tree.
        cache: gets small contents once the service has them.
        spool: where they lie.
        journal: makes them survive this process.
        room: tells when the space is nearly full, so that the writer has to hear of it.
        tasks: owns what runs in the background.
        state: told how much waits, and what went wrong.
        consistency: what `close` waits for: the service, or only the journal.
    """

    def __init__(
        self,
        names: Namespace,
        cache: BlockCache,
        spool: Spool,
        journal: Journal,
        room: Room,
        tasks: Tasks,
        state: StateFile,
        consistency: Consistency,
    ) -> None:
        self._names, self._spool, self._room, self._state = names, spool, room, state
        self._consistency = consistency
        self._unsaved = Unsaved(names.tree, journal, room, state)
        self._delivery = Delivery(names, cache, spool, self._unsaved, state)
        self.removals = Removals(names, journal, self._unsaved, tasks, state)
        self.folders = Folders(names, journal, self._unsaved, self.removals, tasks, state)
        self._sender = Sender(
            names.store,
            names.tree,
            self._unsaved,
            self._delivery,
            self.folders,
            self.removals,
            room,
            tasks,
            state,
        )
        self.note, self.drop = self._unsaved.note, self._unsaved.drop
        self.secure = journal.sync
        self.save, self.keep_aside = self._sender.save, self._delivery.keep_aside

    @property
    def left(self) -> int:
        """How many files the service has not acknowledged."""
        return len(self._unsaved)

    def closed_at_once(self, entry: Entry) -> bool:
        """Do what `close` promises if that needs no waiting; False if `closed` has to be called."""
        local = entry.local
        if local is None or not local.dirty:
            return True
        if self._consistency == "close" or entry.parent is None or self._room.tight(local.size):
            return False
        if not local.safe:
            if local.lock.locked():
                return False
            try:
                self._unsaved.put_down(entry, local)
            except OSError:
                return False  # it is tried again by who can ask the service
            self._sender.send_soon(entry)
        return True

    async def closed(self, entry: Entry) -> None:
        """Do what `close` promises; raise what went wrong."""
        local = entry.local
        if local is None or not local.dirty:
            return
        if self._consistency == "close" or entry.parent is None or self._room.tight(local.size):
            await self.synced(entry)
        elif not local.safe:
            await self._accept(entry)

    async def synced(self, entry: Entry) -> None:
        """Do what `fsync` promises: return when the service has it, raise what went wrong."""
        try:
            await self.save(entry)
        except KEPT:
            raise
        except OSError:
            if entry.local is not None:
                entry.local.told = entry.local.dirty
            raise

    async def _accept(self, entry: Entry) -> None:
        try:
            await self._unsaved.write_down(entry)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
                raise
            # No room for the journal on this machine: the service is asked to take it at once.
            try:
                await self.save(entry)
            except errors.Unavailable:
                raise error from None
            return
        self._sender.send_soon(entry)

    def stamped(self, entry: Entry, local: LocalFile, mtime_ns: int) -> None:
        """Give contents that wait another time stamp."""
        was_safe = local.safe and local.record is not None
        local.touch(mtime_ns)
        if was_safe:
            self._unsaved.rewrite(entry, local)
            self._sender.send_soon(entry)

    @contextlib.asynccontextmanager
    async def still(self, *entries: Entry | None) -> AsyncIterator[None]:
        """Hold sending of entries, so that their names can change; wait for what is under way."""
        there = in_order(entry for entry in entries if entry is not None)
        try:
            async with contextlib.AsyncExitStack() as held:
                for entry in there:
                    if entry.local is not None:
                        await held.enter_async_context(entry.local.sending)
                yield
        finally:
            for entry in there:
                if entry.local is not None and entry.local.safe:
                    self._sender.send_soon(entry)  # meanwhile the sender has passed it over

    def renamed(self, entry: Entry) -> None:
        """Note that an entry whose sending is held has another name."""
        if entry.dirty and entry.local is not None and entry.local.safe:
            self._unsaved.rewrite(entry, entry.local)

    def released(self, entry: Entry) -> None:
        """Note that nobody has an entry open any more."""
        local = entry.local
        if local is None:
            return
        if not local.dirty:
            self._delivery.close_local(entry)
        elif local.told:
            self._delivery.give_up(entry, OSError(errno.EIO, "its writer was told so"))
        else:
            self._sender.send_soon(entry)

    @property
    def waits_for_folders(self) -> bool:
        """Whether a new folder has to be at the service before it can be used."""
        return self._consistency == "close"

    async def mkdir(self, folder: Entry, name: str) -> Entry:
        """Make a folder, at the service if `close` waits for that too."""
        if self.waits_for_folders:
            return await self._names.mkdir(folder, name)
        return self.folders.make(folder, name)

    async def remove(self, entry: Entry) -> None:
        """Remove a file or an empty folder, at the service too if `close` waits for that."""
        if self.removed_at_once(entry):
            return
        if entry.is_folder:
            await self.folders.made(entry)
        await self._names.remove(entry)

    def removed_at_once(self, entry: Entry) -> bool:
        """Remove a file or an empty folder if that needs no waiting; False if `remove` has to be called."""
        if entry.is_folder and self.folders.drop(entry):
            self._names.detach(entry)
            return True
        uncertain = entry.local is not None and entry.local.uncertain
        if self._consistency == "close" or not self._names.store.batches or uncertain:
            return False
        if not entry.may("D"):
            raise refuse(errno.EACCES, entry)
        if entry.base is None and not entry.is_folder:
            self._names.detach(entry)
            return True
        making = self.folders.waits(entry)
        if (entry.node is None and not making) or not entry.parent:
            return False
        try:
            self.folders.remove(entry) if making else self.removals.remove(entry)
        except OSError:
            return False  # no room for the journal on this machine: the service is asked at once
        return True

    async def save_below(self, folder: Entry) -> None:
        """Wait until a folder and everything in it is acknowledged."""
        await self.removals.sent()
        await self.folders.made_below(folder)
        await asyncio.gather(*(self.save(entry) for entry in self._unsaved if _is_below(entry, folder)))

    async def finish(self, limit: float, patience: float) -> int:
        """Send everything; return how many files are left, which are safe in the journal.

        Args:
            limit: most seconds that it takes.
            patience: most seconds to wait for a service that is away.
        """
        if self._unsaved:
            self._state.say("end", f"Sending {len(self._unsaved)} changed files before it stops")
        await self._sender.send_all(limit, patience)
        for entry in self._unsaved:
            await self._last_resort(entry)
        count = len(self._unsaved)
        words = f"{count} changed files wait on this machine until the next start" if count else ""
        self._state.say("end", words)
        return count

    async def _last_resort(self, entry: Entry) -> None:
        try:
            await self._unsaved.write_down(entry)
        except OSError as error:
            log.error("%s is neither at the service nor in the journal: %s", entry.name, error)

    async def adopt(self, entry: Entry, pending: Pending, contents: bytes | Path) -> None:
        """Take over what an earlier mount had in its journal."""
        base = pending.base if entry.node is not None else None
        if entry.local is not None:  # older contents with the same name
            self.drop(entry)
            self._delivery.close_local(entry)
        entry.local = self._spool.adopt(contents, base, pending.mtime_ns)
        entry.local.uncertain, entry.mode = True, pending.mode
        self.note(entry)
        await self._unsaved.write_down(entry)
        self._sender.send_soon(entry)


def _is_below(entry: Entry, folder: Entry) -> bool:
    above = entry.parent
    while above is not None and above is not folder:
        above = above.parent
    return above is folder
