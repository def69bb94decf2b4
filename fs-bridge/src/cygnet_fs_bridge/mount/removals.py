"""What was removed here and is still at the service: gone for programs at once, sent in the background."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import time
from collections.abc import Callable
from dataclasses import dataclass

from .. import errors
from .delivery import words
from .journal import Journal, Pending
from .knowledge import refuse
from .namespace import Namespace
from .state import StateFile
from .tasks import Tasks
from .tree import Entry
from .unsaved import KEPT, Unsaved

_GATHER = 0.05  # seconds in which more come together: a request costs more than a removal
_MOST = 200  # removals in one request
_RETRY_PAUSE = 1.0
_WAITING = (errors.Unavailable, errors.NotLoggedIn)  # what passes by itself, or when the person logs in again


@dataclass(frozen=True)
class _Removal:
    folder: Entry
    name: str
    path: str
    etag: str | None
    record: int
    there: asyncio.Task[bool] | None


class Removals:
    """Removes files and empty folders.

    Args:
        names: the tree.
        journal: makes removals survive this process.
        unsaved: counts them with everything else that waits.
        tasks: owns what runs in the background.
        state: told what could not be removed.
    """

    def __init__(
        self, names: Namespace, journal: Journal, unsaved: Unsaved, tasks: Tasks, state: StateFile
    ) -> None:
        self._names, self._store, self._tree = names, names.store, names.tree
        self._journal, self._unsaved, self._tasks, self._state = journal, unsaved, tasks, state
        self._queue: dict[Entry, _Removal] = {}
        self._paths: set[str] = set()
        self._request: asyncio.Task[None] | None = None
        self._soon: asyncio.TimerHandle | None = None

    def remove(self, entry: Entry, there: asyncio.Task[bool] | None = None) -> None:
        """Take a file or an empty folder away; raise OSError if it cannot be written down.

        Args:
            entry: what is removed.
            there: of what is still being made, tells in the end whether there is something to remove.
        """
        folder = entry.parent
        if folder is None:
            raise refuse(errno.ENOENT, entry)
        path, etag = self._tree.path(entry), None if entry.is_folder else entry.base
        record = self._journal.number()
        self._journal.put(record, Pending(path, etag, time.time_ns(), None, gone=True))
        self._queue[entry] = _Removal(folder, entry.name, path, etag, record, there)
        self._paths.add(path)
        folder.going.add(entry.name)
        self._names.detach(entry)
        self._unsaved.note(entry)
        self._send_after(_GATHER)

    def waits(self, path: str) -> bool:
        """Whether the service still has what was removed at a path."""
        return path in self._paths

    async def sent(self) -> None:
        """Return when the service has removed everything; raise what keeps it from that."""
        while self._queue:
            await asyncio.shield(self._sending())

    async def sent_at(self, path: Callable[[], str]) -> None:
        """Do so if something waits at a path."""
        if self._queue and self.waits(path()):
            await self.sent()

    def _send_after(self, pause: float) -> None:
        if self._soon is None and self._request is None:
            self._soon = asyncio.get_running_loop().call_later(pause, self._sending)

    def _sending(self) -> asyncio.Task[None]:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        if self._request is None or self._request.done():
            self._request = self._tasks.start(self._send(), "mount removals", quiet=True)
            self._request.add_done_callback(self._sent)
        return self._request

    def _sent(self, done: asyncio.Task[None]) -> None:
        if self._request is not done:
            return  # the next is under way already
        self._request = None
        if self._queue and not done.cancelled():
            self._send_after(0 if done.exception() is None else _RETRY_PAUSE)

    async def _send(self) -> None:
        batch = dict(list(self._queue.items())[:_MOST])
        there = {one.path: one.etag for one in batch.values() if one.there is None or await one.there}
        failed = await self._asked(there) if there else {}
        for entry, one in batch.items():
            error = failed.get(one.path)
            if not isinstance(error, _WAITING):
                self._settled(entry, one)
                if error is not None and not isinstance(error, errors.NotFound):
                    self._show_again(one, error)
        for error in failed.values():
            if isinstance(error, _WAITING):
                raise error

    async def _asked(self, etags: dict[str, str | None]) -> dict[str, errors.ServiceError]:
        try:
            return await self._store.delete_many(etags)
        except KEPT:
            raise
        except errors.ServiceError as error:
            return dict.fromkeys(etags, error)  # the request as a whole is refused, and would be again

    def _settled(self, entry: Entry, one: _Removal) -> None:
        del self._queue[entry]
        self._paths.discard(one.path)
        one.folder.going.discard(one.name)
        one.folder.changed = self._tree.later()  # a listing that is under way may still have it
        self._names.uncover(one.folder, one.name)  # it may have come back since
        self._journal.done(one.record)
        self._unsaved.forget(entry)

    def _show_again(self, one: _Removal, error: errors.ServiceError) -> None:
        self._state.say("kept", f"{one.name} could not be removed: {words(error)}")
        self._names.doubt(one.folder)
        self._names.kernel.entry(one.folder.ino, one.name)

    async def adopt(self, pending: Pending, entry: Entry | None) -> None:
        """Take over what an earlier mount had to remove, unless it is something else now."""
        if entry is None or (None if entry.is_folder else entry.base) != pending.base:
            return
        with contextlib.suppress(OSError):  # there is something in it now
            if entry.is_folder:
                await self._names.check_empty(entry)
            self.remove(entry)
