"""Folders made here that the service does not have yet: usable at once, sent in the background."""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from dataclasses import replace

from .. import errors
from ..models import Node
from .delivery import conflict_name, words
from .journal import Journal, Pending
from .knowledge import may_be_done, refuse
from .namespace import Namespace
from .removals import Removals
from .state import StateFile
from .tasks import Tasks
from .tree import Entry
from .unsaved import PASSING, Unsaved

log = logging.getLogger(__name__)

_AT_ONCE = 16
_RETRY_PAUSE = 1.0


class Folders:
    """Makes folders.

    Args:
        names: the tree.
        journal: makes them survive this process.
        unsaved: counts them with everything else that waits.
        removals: go before what is made at the same path.
        tasks: owns what runs in the background.
        state: told what could not be made.
    """

    def __init__(
        self,
        names: Namespace,
        journal: Journal,
        unsaved: Unsaved,
        removals: Removals,
        tasks: Tasks,
        state: StateFile,
    ) -> None:
        self._names, self._store, self._tree, self._removals = names, names.store, names.tree, removals
        self._journal, self._unsaved, self._tasks, self._state = journal, unsaved, tasks, state
        self._records: dict[Entry, int] = {}
        self._under_way: dict[Entry, asyncio.Task[None]] = {}
        # Those that the service may have made, by what asked it to: that may still be under way.
        self._asked: dict[Entry, asyncio.Task[None] | None] = {}
        self._sending = False
        self._retry: asyncio.TimerHandle | None = None

    def make(self, parent: Entry, name: str) -> Entry:
        """Make a folder that can be used at once; raise OSError if that is refused."""
        if not parent.may("K"):
            raise refuse(errno.EACCES, name)
        record = self._journal.number()
        path = self._names.child_path(parent, name)
        self._journal.put(record, Pending(path, None, time.time_ns(), None))
        entry = self._names.new_folder(parent, name)
        self._records[entry] = record
        self._unsaved.note(entry)
        self._send_soon()
        return entry

    def waits(self, entry: Entry | None) -> bool:
        """Whether the service does not have a folder yet."""
        return entry in self._records

    async def made(self, folder: Entry | None) -> None:
        """Return when the service has a folder and those above it; raise what went wrong."""
        if folder is not None and folder in self._records:
            await self.made(folder.parent)
            await asyncio.shield(self._made(folder))

    async def made_below(self, top: Entry) -> None:
        """Return when the service has all folders at `top` and below."""
        for entry in list(self._tree.walk(top)):
            await self.made(entry)

    def _made(self, folder: Entry) -> asyncio.Task[None]:
        task = self._under_way.get(folder)
        if task is None:
            task = self._under_way[folder] = self._tasks.start(self._make(folder), "mount folder", quiet=True)
            task.add_done_callback(lambda _: self._under_way.pop(folder, None))
        return task

    def _send_soon(self) -> None:
        if not self._sending and self._retry is None:
            self._sending = True
            self._tasks.start(self._send(), "mount folders")

    async def _send(self) -> None:
        try:
            while ready := [entry for entry in self._records if not self.waits(entry.parent)][:_AT_ONCE]:
                await asyncio.gather(*map(self._made, ready), return_exceptions=True)
                if any(self.waits(entry) for entry in ready):
                    self._retry = asyncio.get_running_loop().call_later(_RETRY_PAUSE, self._again)
                    return
        finally:
            self._sending = False

    def _again(self) -> None:
        self._retry = None
        self._send_soon()

    async def send_all(self) -> None:
        """Try once to bring every folder to the service."""
        for entry in list(self._records):
            try:
                await self.made(entry)
            except OSError:
                continue  # those that nothing can help are given up already; the others stay in the journal

    async def _make(self, entry: Entry) -> None:
        if entry.parent is None:
            self._settled(entry)  # the folder that it is in was removed elsewhere
            return
        try:
            with self._names.changing(entry) as asked:
                node = await self._made_or_found(entry)
        except PASSING:
            raise
        except OSError as error:
            if entry in self._records:
                self._give_up(entry, error)
            raise
        if entry not in self._records:
            return  # it was removed meanwhile
        self._settled(entry)
        # What programs saw of its time stamp stays: the kernel would drop its listing for another.
        self._names.born(entry, replace(node, mtime=entry.changed_ns / 1e9), asked)

    async def _made_or_found(self, entry: Entry) -> Node:
        await self._removals.sent_at(lambda: self._tree.path(entry))
        path = self._tree.path(entry)
        certain = entry not in self._asked
        self._asked[entry] = asyncio.current_task()
        try:
            return await self._store.mkdir(path)
        except errors.AlreadyExists:
            node, _ = await self._store.listing(path)
        except errors.ServiceError as error:
            if certain and not may_be_done(error):
                self._asked.pop(entry, None)
            raise
        if node.is_folder:
            self._names.doubt(entry)  # somebody else made it, or an answer was lost: who knows what is in it
            return node
        self._asked.pop(entry, None)
        return await self._make_beside(entry, conflict_name(path, time.time()))

    async def _make_beside(self, entry: Entry, path: str) -> Node:
        folder = entry.parent
        if folder is None:
            raise errors.NotFound("Its folder was removed elsewhere", path)
        node = await self._store.mkdir(path)
        self._names.kernel.entry(folder.ino, entry.name)
        self._names.doubt(folder)
        if entry.parent is folder:
            self._tree.move(entry, folder, path.rpartition("/")[2])
        return node

    def _give_up(self, entry: Entry, error: OSError) -> None:
        self._state.say("kept", f"The folder {entry.name} could not be made: {words(error)}")
        self._settled(entry)
        self._names.gone(entry)

    def _settled(self, entry: Entry) -> None:
        record = self._records.pop(entry, None)
        if record is not None:
            self._journal.done(record)
            self._unsaved.forget(entry)
            self._asked.pop(entry, None)

    def drop(self, entry: Entry) -> bool:
        """Forget a folder that was removed again; False if the service has it, or may have it."""
        if entry not in self._records or entry in self._asked:
            return False
        self._settled(entry)
        return True

    def remove(self, entry: Entry) -> None:
        """Remove a folder that the service may have; raise OSError if it cannot be written down."""
        there = self._tasks.start(self._may_be_there(entry), "mount removed folder")
        try:
            self._removals.remove(entry, there)
        except OSError:
            there.cancel()
            raise
        self._journal.done(self._records.pop(entry))

    async def _may_be_there(self, entry: Entry) -> bool:
        """Return, when it is not being made any more, whether the service may have a removed folder."""
        making = self._asked.get(entry)
        if making is not None:
            await asyncio.wait([making])
        there = entry in self._asked
        self._asked.pop(entry, None)
        return there
