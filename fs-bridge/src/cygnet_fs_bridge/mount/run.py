"""One mount from its beginning to its end."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import logging
import os
import secrets
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .. import errors
from ..client.api import ApiClient
from ..client.caller import Caller
from ..credentials import Endpoint
from ..fuse.attach import OPTIONS, CannotMount, attach_by_helper
from ..fuse.device import Device
from ..fuse.session import Session
from ..models import Node
from .blocks import BlockCache
from .coherence import Follower
from .files import Files
from .journal import Journal
from .kernel import KernelInvalidator, is_ours, is_stale, unmount
from .modes import Modes
from .namespace import Namespace
from .operations import Operations
from .outbox import Consistency, Outbox
from .plain import Address, open_store
from .recovery import private_folder, take_over
from .room import Room
from .spool import Spool
from .state import StateFile
from .store import ServiceStore, Store
from .tasks import Tasks
from .tree import Tree

log = logging.getLogger(__name__)

_SETTLE = 10.0
_LAST_CALLS = 2.0  # seconds for programs to end theirs on a mount that was taken away
_LEAST_SILENCE = 5.0  # seconds that a service which has taken a request may need to begin its answer


@dataclass(frozen=True)
class Settings:
    """How to mount.

    Args:
        folder: where; it has to exist and be empty.
        cache_dir: folder on local disk for the cache and for what is being written.
        state_file: told the state, None for nowhere.
        cache_bytes: most bytes of the read cache.
        patience: for how many seconds a call waits for a service that is away, or for one that is silent.
        flush_limit: for how many seconds the end waits until everything is sent.
        consistency: what `close` waits for: the service, or only the journal on local disk.
    """

    folder: Path
    cache_dir: Path
    state_file: Path | None = None
    cache_bytes: int = 1 << 30
    patience: float = 30.0
    flush_limit: float = 60.0
    consistency: Consistency = "fsync"


async def serve(settings: Settings, endpoint: Endpoint, mounted: Callable[[], None]) -> None:
    """Mount the files of a person, and serve them until SIGTERM, SIGINT or an unmount.

    Args:
        settings: how to mount.
        endpoint: the service.
        mounted: called when the tree can be used.

    Raises:
        ServiceError: the service refused the login or cannot be reached.
        OSError: it cannot be mounted there.
    """
    state = StateFile(settings.state_file)
    client, silence = f"mount-{secrets.token_hex(8)}", max(_LEAST_SILENCE, settings.patience)
    caller = Caller.to(endpoint, settings.patience, client, silence)
    try:
        user = endpoint.user or (await ApiClient(caller).me()).name
        whose = {"service": endpoint.url, "user": user}
        store = ServiceStore(caller, user)
        root, _ = await store.listing("/")
        await _Mount(settings, store, state, whose).serve(root, mounted)
    finally:
        await caller.close()


async def serve_address(settings: Settings, address: Address, mounted: Callable[[], None]) -> None:
    """Mount what is at any address of fsspec; the rest is as for `serve`.

    Raises:
        NotConfigured: there is no such kind of store.
        ServiceError: the store cannot be reached.
        OSError: it cannot be mounted there.
    """
    store = open_store(address, settings.patience)
    whose = {"service": address.url, "user": str(os.geteuid())}
    root = store.root
    if not _is_descriptor(settings.folder):  # who mounts by hand is told at once that a store is away
        root, _ = await store.listing("/")
    await _Mount(settings, store, StateFile(settings.state_file), whose).serve(root, mounted)


class _Mount:
    def __init__(self, settings: Settings, store: Store, state: StateFile, whose: dict[str, str]) -> None:
        self._settings, self._store, self._state, self._whose = settings, store, state, whose
        self._tasks = Tasks()

    async def serve(self, root: Node, mounted: Callable[[], None]) -> None:
        cache_dir = self._settings.cache_dir
        with private_folder(cache_dir, self._whose) as private:
            cache = BlockCache(private.path / "blocks", self._settings.cache_bytes)
            spool = Spool(private.path / "spool", cache_dir / "unsaved")
            journal, kernel = Journal(private.path / "journal", self._tasks), KernelInvalidator()
            names, room = Namespace(self._store, Tree(root, self._modes()), kernel), Room(self._store)
            consistency = self._settings.consistency
            outbox = Outbox(names, cache, spool, journal, room, self._tasks, self._state, consistency)
            files = Files(names, cache, spool, outbox, self._tasks)
            try:
                await take_over(cache_dir, self._whose, names, outbox)
                await self._serve(names, files, outbox, room, kernel, mounted)
            finally:
                await self._tasks.stop()
                kernel.stop()
                journal.close()
                cache.close()
                self._state.close()
                private.left = outbox.left

    def _modes(self) -> Modes:
        """Return what is remembered of this person's files at this service."""
        whose = hashlib.sha256(json.dumps(self._whose, sort_keys=True).encode()).hexdigest()[:16]
        return Modes(self._settings.cache_dir / f"modes-{whose}")

    async def _serve(
        self,
        names: Namespace,
        files: Files,
        outbox: Outbox,
        room: Room,
        kernel: KernelInvalidator,
        mounted: Callable[[], None],
    ) -> None:
        await self._follow(names)
        await room.quota()
        folder = self._settings.folder
        operations = Operations(names, files, outbox, room, _owner(folder))
        device = Device(await asyncio.to_thread(_attach, folder))
        kernel.device = device
        session = self._tasks.start(Session(device, operations).run(), "mount system calls")
        try:
            await self._until_the_end(session, outbox, mounted)
            if not session.done() and not _is_descriptor(folder):
                await asyncio.to_thread(unmount, folder)
                await asyncio.wait({session}, timeout=_LAST_CALLS)
        finally:
            kernel.stop()  # before the number of the descriptor can become that of something else
            await _ended(session)
            device.close()

    async def _follow(self, names: Namespace) -> None:
        if not self._store.feed:
            self._state.set("ready")
            return
        follower = Follower(names, self._state)
        following = self._tasks.start(follower.run(), "mount changes feed")
        await _first(follower.settled, following)

    async def _until_the_end(
        self, session: asyncio.Task[None], outbox: Outbox, mounted: Callable[[], None]
    ) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        asked = self._tasks.start(stop.wait(), "mount stop")
        mounted()
        await asyncio.wait({session, asked}, return_when=asyncio.FIRST_COMPLETED)
        self._state.set("stopping")
        if left := await outbox.finish(self._settings.flush_limit, self._settings.patience):
            log.warning("%d changed files wait in %s for the next mount", left, self._settings.cache_dir)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def _first(settled: asyncio.Event, following: asyncio.Task[None]) -> None:
    waiting = asyncio.ensure_future(settled.wait())
    try:
        await asyncio.wait({waiting, following}, timeout=_SETTLE, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if not settled.is_set():
        raise errors.Unavailable("The service does not send its changes feed")


def _is_descriptor(folder: Path) -> bool:
    """Whether the kernel's side is mounted already, and `/dev/fd/N` names the open descriptor to serve."""
    return folder.parent == Path("/dev/fd")


def _attach(folder: Path) -> int:
    """Return the descriptor of a new mount, or of the one that was made for us."""
    if _is_descriptor(folder):
        return int(folder.name)
    if is_stale(folder):
        unmount(folder)
    if is_ours(folder):
        raise FileExistsError(errno.EEXIST, "Your files are mounted there already", str(folder))
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "There is no such folder to mount on", str(folder))
    # Root mounts for the owner of the folder.
    options = f"{OPTIONS},allow_other" if os.geteuid() == 0 else OPTIONS
    try:
        return attach_by_helper(folder, options)
    except CannotMount as error:
        raise OSError(errno.EIO, f"It cannot be mounted there: {error}", str(folder)) from error


def _owner(folder: Path) -> tuple[int, int]:
    """Return who the files belong to: the owner of the folder if root mounts, otherwise who mounts."""
    if os.geteuid() != 0 or _is_descriptor(folder) or is_stale(folder) or not folder.exists():
        return os.geteuid(), os.getegid()
    found = folder.stat()
    return found.st_uid, found.st_gid
