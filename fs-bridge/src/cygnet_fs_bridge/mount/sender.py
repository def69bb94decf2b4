"""Sending what was written, without anybody waiting: in batches, and again when it did not work."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable

from .. import errors
from ..models import Node
from .delivery import Delivery, words
from .folders import Folders
from .removals import Removals
from .room import Room
from .spool import LocalFile
from .state import StateFile
from .store import Store, Upload
from .tasks import Tasks
from .tree import Entry, Tree
from .unsaved import PASSING, SMALL, Unsaved

log = logging.getLogger(__name__)

_BATCH_FILES, _BATCH_BYTES = 100, 4 << 20
_BATCHES = 2  # under way at a time: small files do not wait behind a large one
_GATHER = 0.05  # seconds between batches, in which more files come together: a request costs more than a file
_RETRY_PAUSE, _LONG_PAUSE = 1.0, 5.0


class Sender:
    """The queue of what is to be sent.

    Args:
        store: gets batches.
        tree: knows paths.
        unsaved: what the service has not acknowledged.
        delivery: sends what goes alone.
        folders: have to be there before what is in them.
        removals: go before what gets the same name.
        room: told when there is none.
        tasks: owns what runs in the background.
        state: told what waits for the person to do something.
    """

    def __init__(
        self,
        store: Store,
        tree: Tree,
        unsaved: Unsaved,
        delivery: Delivery,
        folders: Folders,
        removals: Removals,
        room: Room,
        tasks: Tasks,
        state: StateFile,
    ) -> None:
        self._store, self._tree, self._unsaved, self._delivery = store, tree, unsaved, delivery
        self._folders, self._removals = folders, removals
        self._room, self._tasks, self._state = room, tasks, state
        self._queue: dict[Entry, None] = {}
        self._senders = 0
        self._idle = asyncio.Event()
        self._retry: asyncio.TimerHandle | None = None
        self._away = False  # the last failure was that of a service which cannot be reached

    async def save(self, entry: Entry) -> None:
        """Bring a file to the service and wait until it is acknowledged; if it is away, keep it for later."""
        local = entry.local
        if local is None:
            return
        try:
            await self._folders.made(entry.parent)
            await self._removals.sent_at(lambda: self._path(entry))
            async with local.sending:
                if local.dirty:
                    await self._delivery.save(entry, local)
        except PASSING as error:
            if isinstance(error, errors.QuotaExceeded):
                self._room.full()
            with contextlib.suppress(OSError):  # the writer hears of the failure of the service already
                await self._unsaved.write_down(entry)
            self._send_later(_RETRY_PAUSE)
            raise
        finally:
            self._delivery.close_local(entry)  # contents that were put beside it are not its own any more

    def send_soon(self, entry: Entry) -> None:
        """Send an entry without anybody waiting for it."""
        if entry.dirty:
            self._queue[entry] = None
            self._start()

    def _send_later(self, pause: float) -> None:
        if self._retry is None:
            self._retry = asyncio.get_running_loop().call_later(pause, self._again)

    def _again(self) -> None:
        self._retry = None
        for entry in self._unsaved:
            if entry.handles == 0 or (entry.local is not None and entry.local.safe):
                self._queue[entry] = None
        self._start()

    def _start(self) -> None:
        while self._retry is None and self._senders < min(_BATCHES, len(self._queue)):
            self._senders += 1
            self._idle.clear()
            self._tasks.start(self._send(), "mount sender")

    async def _send(self) -> None:
        try:
            while self._retry is None and self._queue:
                await asyncio.sleep(_GATHER)
                if batch := self._next_batch():
                    await self._send_batch(batch)
                elif self._queue:
                    await self._place_of(next(iter(self._queue)))
        except Exception:
            # A defect, which is logged: what was in the batch must not wait for ever because of it.
            self._send_later(_LONG_PAUSE)
            raise
        finally:
            self._senders -= 1
            if not self._senders:
                self._idle.set()

    def _path(self, entry: Entry) -> str:
        """Return its path, or nothing if its name went."""
        return self._tree.path(entry) if entry.parent is not None else ""

    async def _place_of(self, entry: Entry) -> None:
        try:
            await self._folders.made(entry.parent)
            await self._removals.sent_at(lambda: self._path(entry))
        except OSError as error:
            if isinstance(error, PASSING):
                self._failed(entry, error)
            # Otherwise the folder was given up, which took the name from what is in it.

    def _next_batch(self) -> list[Entry]:
        batch: list[Entry] = []
        size = 0
        for entry in list(self._queue):
            local = entry.local
            if local is None or not local.dirty or local.sending.locked():
                # What is under way already is queued again by whoever finds it changed meanwhile.
                del self._queue[entry]
                continue
            if self._folders.waits(entry.parent) or self._removals.waits(self._path(entry)):
                continue  # it stays in the queue
            if batch and (len(batch) == _BATCH_FILES or size + local.size > _BATCH_BYTES):
                break
            batch.append(entry)
            size += local.size
            del self._queue[entry]
        return batch

    async def _send_batch(self, batch: list[Entry]) -> None:
        together = [entry for entry in in_order(batch) if entry.size <= SMALL]
        alone = [entry for entry in batch if entry.size > SMALL]
        for entry in alone + await self._send_together(together):
            await self._send_one(entry)

    async def _send_together(self, batch: list[Entry]) -> list[Entry]:
        """Send small files in one request; return those that are to be sent alone."""
        alone: list[Entry] = []
        async with contextlib.AsyncExitStack() as held:
            sent: list[tuple[Entry, LocalFile, int]] = []
            uploads: list[tuple[str, Upload]] = []
            for entry in batch:
                local = entry.local
                if local is None or not local.dirty:
                    continue
                await held.enter_async_context(local.sending)
                generation, upload = await _snapshot(local)
                if entry.parent is None:  # its name went while the locks were waited for
                    alone.append(entry)
                    continue
                sent.append((entry, local, generation))
                uploads.append((self._tree.path(entry), upload))
            asked = self._tree.now
            answers = await self._store.write_many(uploads) if uploads else []
            # Before the locks are given back: whoever renames or removes has to know what the service has.
            for (entry, local, generation), answer in zip(sent, answers, strict=True):
                if not self._answered(entry, local, generation, answer, asked):
                    alone.append(entry)
        return alone

    def _answered(
        self, entry: Entry, local: LocalFile, generation: int, answer: Node | errors.ServiceError, asked: int
    ) -> bool:
        """Take an answer; return whether that settles it, or the file is to be sent alone."""
        if isinstance(answer, Node):
            self._delivery.arrived(entry, local, generation, answer, asked)
            if local.dirty and local.safe:
                self.send_soon(entry)
        elif isinstance(answer, (errors.Changed, errors.AlreadyExists)):
            return False  # to be saved beside the other version
        else:
            self._delivery.doubt(local, answer)
            if isinstance(answer, errors.QuotaExceeded):
                self._room.full()
            self._failed(entry, answer)
        return True

    async def _send_one(self, entry: Entry) -> None:
        try:
            await self.save(entry)
        except OSError as error:
            if entry.dirty:
                self._failed(entry, error)

    def _failed(self, entry: Entry, error: OSError) -> None:
        if not isinstance(error, PASSING):
            self._delivery.give_up(entry, error)
            return
        self._away = isinstance(error, errors.Unavailable)
        if not self._away:
            self._state.say("waiting", f"{entry.name} waits to be saved: {words(error)}")
        self._send_later(_RETRY_PAUSE if self._away else _LONG_PAUSE)

    async def send_all(self, limit: float, patience: float) -> None:
        """Send everything.

        Args:
            limit: most seconds that it takes.
            patience: most seconds to wait for a service that is away.
        """
        self._stop_waiting()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._send_all(asyncio.get_running_loop().time() + patience)

    async def _send_all(self, deadline: float) -> None:
        while self._unsaved:
            self._away = False
            self._stop_waiting()
            with contextlib.suppress(OSError):  # they stay in the journal
                await self._removals.sent()
            await self._folders.send_all()
            for entry in self._unsaved:
                self.send_soon(entry)
            if self._senders:
                await self._idle.wait()
            if not self._unsaved or not self._away or asyncio.get_running_loop().time() > deadline:
                return  # done, or waiting does not help
            await asyncio.sleep(_RETRY_PAUSE)

    def _stop_waiting(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None


async def _snapshot(local: LocalFile) -> tuple[int, Upload]:
    """Return contents as they are now, and their generation."""
    async with local.lock:
        contents = local.read(0, local.size)
        return local.generation, Upload(contents, len(contents), local.mtime_ns / 1e9, local.base)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries in the one order in which several may be locked."""
    return sorted(entries, key=lambda entry: entry.ino)
