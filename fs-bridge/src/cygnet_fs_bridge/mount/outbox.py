"""What was written here and has still to come to the service: journalled, sent in batches, tried again."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path, PurePosixPath
from typing import Literal

from .. import errors
from ..models import Node
from ..transport import NeverSent
from .blocks import BLOCK, BlockCache
from .journal import Journal, Pending
from .namespace import Namespace, refuse
from .room import Room
from .spool import LocalFile, Spool
from .state import StateFile
from .store import Upload
from .tasks import Tasks
from .tree import Entry

log = logging.getLogger(__name__)

Consistency = Literal["close", "fsync"]

SMALL = 1 << 20  # contents up to this size are written into the journal and sent in batches
_BATCH_FILES, _BATCH_BYTES = 100, 4 << 20
_BATCHES = 2  # under way at a time: small files do not wait behind a large one
_GATHER = 0.05  # seconds between batches, in which more files come together: a request costs more than a file
_RETRY_PAUSE, _LONG_PAUSE = 1.0, 5.0

# What may pass by itself, or when the person logs in again or makes room; everything else is final.
_KEPT = (errors.Unavailable, errors.NotLoggedIn, errors.Busy)
_PASSING = (*_KEPT, errors.QuotaExceeded)


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
        self._names, self._store, self._tree = names, names.store, names.tree
        self._cache, self._spool, self._journal, self._room = cache, spool, journal, room
        self._tasks, self._state, self._consistency = tasks, state, consistency
        self._unsaved: dict[Entry, None] = {}
        self._queue: dict[Entry, None] = {}  # to be sent without anybody waiting
        self._senders = 0
        self._idle = asyncio.Event()
        self._retry: asyncio.TimerHandle | None = None
        self._complained = False
        self._away = False  # the last failure was that of a service which cannot be reached

    @property
    def left(self) -> int:
        """How many files the service has not acknowledged."""
        return len(self._unsaved)

    def note(self, entry: Entry) -> None:
        """Note that an entry has something new."""
        self._unsaved[entry] = None
        self._state.count(len(self._unsaved))

    def _settled(self, entry: Entry, local: LocalFile) -> None:
        """Note that nothing of an entry waits any more."""
        if local.dirty:
            return
        if local.record is not None:
            self._journal.done(local.record)
            local.record = None
        self._unsaved.pop(entry, None)
        self._queue.pop(entry, None)
        self._state.count(len(self._unsaved))
        if self._complained and not self._unsaved:
            self._complained = False
            self._state.set(message="")

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
        except _KEPT:
            raise
        except OSError:
            if entry.local is not None:
                entry.local.told = entry.local.dirty
            raise

    async def _accept(self, entry: Entry) -> None:
        try:
            await self.write_down(entry)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
                raise
            # No room for the journal on this machine: the service is asked to take it at once.
            try:
                await self.save(entry)
            except errors.Unavailable:
                raise error from None
            return
        self.send_soon(entry)

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

    async def stamped(self, entry: Entry, local: LocalFile, mtime_ns: int) -> None:
        """Give contents that wait another time stamp."""
        was_safe = local.safe and local.record is not None
        local.touch(mtime_ns)
        if was_safe:
            await self._rewrite(entry, local)
            self.send_soon(entry)

    async def _rewrite(self, entry: Entry, local: LocalFile) -> None:
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
            self._settled(entry, entry.local)

    @contextlib.asynccontextmanager
    async def still(self, *entries: Entry | None) -> AsyncIterator[None]:
        """Hold sending of entries, so that their names can change; wait for what is under way."""
        async with contextlib.AsyncExitStack() as held:
            for entry in _in_order(entry for entry in entries if entry is not None):
                if entry.local is not None:
                    await held.enter_async_context(entry.local.sending)
            yield

    async def renamed(self, entry: Entry) -> None:
        """Note that an entry whose sending is held has another name."""
        local = entry.local
        if local is None or not local.dirty:
            return
        if local.safe:
            await self._rewrite(entry, local)
            self.send_soon(entry)

    async def save(self, entry: Entry) -> None:
        """Bring a file to the service and wait until it is acknowledged; if it is away, keep it for later."""
        local = entry.local
        if local is None:
            return
        try:
            async with local.sending:
                if local.dirty:
                    await self._save(entry, local)
        except _PASSING as error:
            if isinstance(error, errors.QuotaExceeded):
                self._room.full()
            with contextlib.suppress(OSError):  # the writer hears of the failure of the service already
                await self.write_down(entry)
            self._send_later(_RETRY_PAUSE)
            raise

    async def _save(self, entry: Entry, local: LocalFile) -> None:
        async with local.lock:
            if entry.parent is None:
                await self._save_orphan(entry, local)
                return
            generation = local.generation
            upload = Upload(local.path, local.size, local.mtime_ns / 1e9, local.base)
            try:
                node = await self._store.write(self._tree.path(entry), upload)
            except errors.Unavailable as error:
                local.uncertain = local.uncertain or _may_have_arrived(error)
                raise
            except (errors.Changed, errors.AlreadyExists) as error:
                await self._keep_both(entry, local, self._tree.path(entry))
                raise refuse(errno.ESTALE, entry) from error
        self._arrived(entry, local, generation, node)

    def _arrived(self, entry: Entry, local: LocalFile, generation: int, node: Node) -> None:
        local.acknowledged, local.base, local.uncertain = generation, node.etag, False
        entry.version = None
        self._names.born(entry, node)
        if local.dirty:
            return
        if local.size <= SMALL:
            self._remember(local, node)
        self._settled(entry, local)
        self.close_local(entry)

    def _remember(self, local: LocalFile, node: Node) -> None:
        """Keep contents for readers, who would otherwise fetch what was just sent."""
        for start in range(0, local.size, BLOCK):
            self._cache.put((node.id, node.etag, start // BLOCK), local.read(start, BLOCK))

    def close_local(self, entry: Entry) -> None:
        """Give the disk space back when nobody needs it any more."""
        local = entry.local
        if local is not None and not local.dirty and entry.handles == 0 and not local.lock.locked():
            entry.local = None
            local.close()

    async def _save_orphan(self, entry: Entry, local: LocalFile) -> None:
        """Treat contents whose name is gone: removed here, replaced elsewhere, or removed with its folder."""
        if entry.lost is not None:
            raise errors.NotFound("Its folder was removed elsewhere", entry.lost)
        if entry.replaced is not None:
            await self._keep_both(entry, local, entry.replaced)
            raise refuse(errno.ESTALE, entry)
        self.drop(entry)

    async def _keep_both(self, entry: Entry, local: LocalFile, path: str) -> None:
        """Save our contents beside those of somebody who was faster, under a name that says so."""
        copy = conflict_name(path, time.time())
        await self._store.write(copy, Upload(local.path, local.size, local.mtime_ns / 1e9, None))
        local.clean()
        self._settled(entry, local)
        self._state.set(message=f"{path} was changed elsewhere; your version is in {copy}")
        folder = entry.parent
        if folder is not None:
            folder.epoch, folder.listed = folder.epoch + 1, False
            entry.fresh = False
            if entry.node is None:
                self._names.gone(entry)

    def released(self, entry: Entry) -> None:
        """Note that nobody has an entry open any more."""
        local = entry.local
        if local is None:
            return
        if not local.dirty:
            self.close_local(entry)
        elif local.told:
            self.give_up(entry, OSError(errno.EIO, "its writer was told so"))
        else:
            self.send_soon(entry)

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
                await self._send_batch(self._next_batch())
        finally:
            self._senders -= 1
            if not self._senders:
                self._idle.set()

    def _next_batch(self) -> list[Entry]:
        batch: list[Entry] = []
        size = 0
        for entry in list(self._queue):
            local = entry.local
            if local is None or not local.dirty or local.sending.locked():
                # What is under way already is queued again by whoever finds it changed meanwhile.
                del self._queue[entry]
                continue
            if batch and (len(batch) == _BATCH_FILES or size + local.size > _BATCH_BYTES):
                break
            batch.append(entry)
            size += local.size
            del self._queue[entry]
        return batch

    async def _send_batch(self, batch: list[Entry]) -> None:
        alone = [entry for entry in batch if entry.parent is None or entry.size > SMALL]
        async with contextlib.AsyncExitStack() as held:
            sent: list[tuple[Entry, LocalFile, int]] = []
            uploads: list[tuple[str, Upload]] = []
            for entry in _in_order(batch):
                local = entry.local
                if entry in alone or local is None or not local.dirty:
                    continue
                await held.enter_async_context(local.sending)
                sent.append((entry, local, local.generation))
                uploads.append((self._tree.path(entry), await self._snapshot(local)))
            answers = await self._store.write_many(uploads) if uploads else []
            # Before the locks are given back: whoever renames or removes has to know what the service has.
            for (entry, local, generation), answer in zip(sent, answers, strict=True):
                if not self._answered(entry, local, generation, answer):
                    alone.append(entry)
        for entry in alone:
            await self._send_one(entry)

    async def _snapshot(self, local: LocalFile) -> Upload:
        async with local.lock:
            contents = local.read(0, local.size)
            return Upload(contents, len(contents), local.mtime_ns / 1e9, local.base)

    def _answered(
        self, entry: Entry, local: LocalFile, generation: int, answer: Node | errors.ServiceError
    ) -> bool:
        """Take an answer; return whether that settles it, or the file is to be sent alone."""
        if isinstance(answer, Node):
            self._arrived(entry, local, generation, answer)
            if local.dirty and local.safe:
                self.send_soon(entry)
        elif isinstance(answer, (errors.Changed, errors.AlreadyExists)):
            return False  # to be saved beside the other version
        else:
            local.uncertain = local.uncertain or _may_have_arrived(answer)
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
        self.close_local(entry)

    def _failed(self, entry: Entry, error: OSError) -> None:
        if not isinstance(error, _PASSING):
            self.give_up(entry, error)
            return
        self._away = isinstance(error, errors.Unavailable)
        if not self._away:
            self._complain(f"{entry.name} waits to be saved: {_words(error)}")
        self._send_later(_RETRY_PAUSE if self._away else _LONG_PAUSE)

    def _complain(self, message: str) -> None:
        self._complained = True
        self._state.set(message=message)

    def give_up(self, entry: Entry, error: OSError) -> None:
        """Keep contents that can never be saved on this machine, and say where."""
        local = entry.local
        if local is None or not local.dirty:
            return
        kept = self._spool.keep(local.path, entry.name)
        local.clean()
        self._settled(entry, local)
        self._state.set(message=f"{entry.name} could not be saved: {_words(error)}. A copy is in {kept}")
        entry.fresh = False
        self._names.kernel.inode(entry.ino)
        if entry.node is None:
            self._names.gone(entry)
        self.close_local(entry)

    async def save_below(self, folder: Entry) -> None:
        """Wait until everything in a folder is acknowledged."""
        await asyncio.gather(*(self.save(entry) for entry in list(self._unsaved) if _is_below(entry, folder)))

    async def finish(self, limit: float, patience: float) -> int:
        """Send everything; return how many files are left, which are safe in the journal.

        Args:
            limit: most seconds that it takes.
            patience: most seconds to wait for a service that is away.
        """
        self._stop_waiting()
        if self._unsaved:
            self._state.set(message=f"Sending {len(self._unsaved)} changed files before it stops")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._save_all(asyncio.get_running_loop().time() + patience)
        for entry in list(self._unsaved):
            await self._last_resort(entry)
        if self._unsaved:
            count = len(self._unsaved)
            self._state.set(message=f"{count} changed files wait on this machine until the next start")
        return len(self._unsaved)

    async def _save_all(self, deadline: float) -> None:
        while self._unsaved:
            self._away = False
            self._stop_waiting()
            for entry in list(self._unsaved):
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

    async def _last_resort(self, entry: Entry) -> None:
        try:
            await self.write_down(entry)
        except OSError as error:
            log.error("%s is neither at the service nor in the journal: %s", entry.name, error)

    async def adopt(self, entry: Entry, pending: Pending, contents: bytes | Path) -> None:
        """Take over what an earlier mount had in its journal."""
        base = pending.base if entry.node is not None else None
        if entry.local is not None:  # older contents with the same name
            self.drop(entry)
            self.close_local(entry)
        entry.local = self._spool.adopt(contents, base, pending.mtime_ns)
        entry.local.uncertain = True
        self.note(entry)
        await self.write_down(entry)
        self.send_soon(entry)

    def keep_lost(self, pending: Pending, contents: bytes | Path) -> None:
        """Keep contents of an earlier mount whose folder is there no more."""
        name = PurePosixPath(pending.path).name
        kept = self._spool.keep(contents, name)
        self._state.set(message=f"The folder of {pending.path} is gone. A copy of {name} is in {kept}")


def _may_have_arrived(error: errors.ServiceError) -> bool:
    """Whether a request without an answer may have done what it asked for."""
    never = isinstance(error, NeverSent) or error.status in (502, 503)
    return isinstance(error, errors.Unavailable) and not never


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries in the one order in which several may be locked."""
    return sorted(entries, key=lambda entry: entry.ino)


def _words(error: OSError) -> str:
    return error.message if isinstance(error, errors.ServiceError) else (error.strerror or str(error))


def _is_below(entry: Entry, folder: Entry) -> bool:
    above = entry.parent
    while above is not None and above is not folder:
        above = above.parent
    return above is folder


def conflict_name(path: str, now: float) -> str:
    """Return the path of the copy that is kept when two people wrote one file."""
    parsed = PurePosixPath(path)
    stamp = time.strftime("%Y-%m-%d %H%M%S", time.localtime(now))
    return str(parsed.with_name(f"{parsed.stem} (conflicted copy {stamp}){parsed.suffix}"))
