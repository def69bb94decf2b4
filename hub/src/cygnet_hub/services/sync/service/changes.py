"""The changes feed: what happened in a principal's tree since a cursor, at once or as it happens.

A cursor names a row of the journal and the set of mounts at that time, so that a share that came or went is
told too. One task reads the journal for all listeners and wakes those whose spaces changed; it also asks once
a second, since another process may have written.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ..model.errors import BadRequest, CygnetError
from ..model.names import CLASSES, SHARES, child_path, join_path, split_path
from ..model.node import Kind
from ..model.principal import Principal
from ..store import journal, nodes
from ..store.journal import Entry
from .access import require_scope
from .mounts import Mount
from .tree import Tree
from .view import View

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
#: More changes than a listener has use for: it is told to look at everything anew.
MAX_CHANGES = 5000


@dataclass(frozen=True)
class Change:
    """One change, in the listener's tree.

    Args:
        op: put, mkdir, move, delete, props or share.
        path: where it is now; for a deletion where it was.
        old_path: for a move where it was.
        node: its id.
        etag: what it has now; empty when it is gone.
    """

    op: str
    path: str
    old_path: str | None
    kind: Kind
    node: int
    etag: str


@dataclass(frozen=True)
class Batch:
    """Changes up to `cursor`; with `reset` the listener must forget everything that it knew."""

    cursor: str
    changes: tuple[Change, ...] = ()
    reset: bool = False


@dataclass(frozen=True)
class _Look:
    """A batch, and the spaces whose changes can make another."""

    batch: Batch
    spaces: frozenset[int]


class Changes:
    """Feeds of changes.

    Args:
        tree: whose.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._stopped = False
        self._waiting: dict[asyncio.Future[None], frozenset[int]] = {}
        self._pump: asyncio.Task[None] | None = None
        self._written: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        tree.database.on_commit(self._committed)

    @property
    def stopped(self) -> bool:
        """Whether every feed has ended."""
        return self._stopped

    @property
    def listeners(self) -> int:
        """How many wait for something to happen."""
        return len(self._waiting)

    async def since(self, principal: Principal, cursor: str | None) -> Batch:
        """What happened since `cursor`; without one only where the feed is now.

        Raises:
            BadRequest: it is not a cursor.
        """
        return (await self._look(principal, cursor)).batch

    async def wait(self, principal: Principal, cursor: str, seconds: float) -> Batch:
        """`since`, but wait up to `seconds` until there is something to tell."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while True:
            woken = self._register()
            look = await self._look(principal, cursor)
            left = end - loop.time()
            if look.batch.changes or look.batch.reset or left <= 0 or self._stopped:
                self._waiting.pop(woken, None)
                return look.batch
            cursor = look.batch.cursor
            await self._sleep(woken, look.spaces, left)

    async def follow(self, principal: Principal, cursor: str | None) -> AsyncIterator[Batch]:
        """What happened since `cursor`, and then what happens, for as long as it is read.

        The first batch comes at once; one without changes comes when nothing happened that the listener sees.
        """
        while not self._stopped:
            woken = self._register()
            look = await self._look(principal, cursor)
            if look.batch.changes or look.batch.reset or look.batch.cursor != cursor:
                self._waiting.pop(woken, None)
                cursor = look.batch.cursor
                yield look.batch
                continue
            await self._sleep(woken, look.spaces, None)

    async def stop(self) -> None:
        """End every feed, and the task that reads the journal."""
        self._stopped = True
        for woken in list(self._waiting):
            self._wake(woken)
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump
            self._pump = None

    def _register(self) -> asyncio.Future[None]:
        """A future that the next change completes; made before looking, so that none is missed."""
        loop = asyncio.get_running_loop()
        if self._pump is None or self._pump.done():
            self._loop, self._written = loop, asyncio.Event()
            self._pump = loop.create_task(self._read_journal(), name="changes-feed")
        woken: asyncio.Future[None] = loop.create_future()
        self._waiting[woken] = frozenset()
        return woken

    async def _sleep(
        self, woken: asyncio.Future[None], spaces: frozenset[int], seconds: float | None
    ) -> None:
        if woken in self._waiting:
            self._waiting[woken] = spaces
        try:
            async with asyncio.timeout(seconds):
                await woken
        except TimeoutError:
            return
        finally:
            self._waiting.pop(woken, None)

    async def _look(self, principal: Principal, cursor: str | None) -> _Look:
        require_scope(principal, "files:read")

        def run(connection: Connection) -> _Look:
            return _Reader(self._tree.view(connection, principal)).look(cursor)

        return await self._tree.database.read(run)

    def _committed(self) -> None:
        """Called in the writer's thread."""
        loop, written = self._loop, self._written
        if loop is not None and written is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it all listeners
                loop.call_soon_threadsafe(written.set)

    async def _read_journal(self) -> None:
        last: int | None = None
        while True:
            try:
                last = await self._wake_those_concerned(last)
                await self._until_written()
            except (CygnetError, DBAPIError):
                log.warning("the journal cannot be read; trying again", exc_info=True)
                await asyncio.sleep(POLL_SECONDS)

    async def _wake_those_concerned(self, last: int | None) -> int:
        """Wake whoever may have something to see since row `last`, and return the newest row."""
        read = self._tree.database.read
        if last is None:
            # Whoever waits already looked before this: what was written in between would be missed.
            newest, spaces = await read(journal.last_id), None
        else:
            spaces, newest = await read(partial(journal.touched, after=last))
        for woken, interest in list(self._waiting.items()):
            # One that has not said yet which spaces it cares about is still looking: let it look again.
            if spaces is None or (spaces and (not interest or interest & spaces)):
                self._wake(woken)
        return newest

    def _wake(self, woken: asyncio.Future[None]) -> None:
        self._waiting.pop(woken, None)
        if not woken.done():
            woken.set_result(None)

    async def _until_written(self) -> None:
        written = self._written
        if written is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await written.wait()
        written.clear()


class _Reader:
    """One look at the journal with one principal's eyes."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._mounts = self._find_mounts()

    def _find_mounts(self) -> dict[str, Mount]:
        if self._view.principal.kind == "link":
            mount = self._view.link
            return {"/": mount} if mount.row.folder else {child_path("/", mount.row.name): mount}
        return self._view.mounted

    def look(self, cursor: str | None) -> _Look:
        connection = self._view.connection
        last = journal.last_id(connection)
        mounts = self._signature()
        now = f"{self._view.instance}-{last}-{mounts}"
        if cursor is None:
            return _Look(Batch(now), self._spaces)
        position, old_mounts = self._parse(cursor)
        if position is None or not journal.first_id(connection) - 1 <= position <= last:
            return _Look(Batch(now, reset=True), self._spaces)
        entries = journal.since(connection, position, list(self._spaces), MAX_CHANGES + 1)
        if len(entries) > MAX_CHANGES:
            return _Look(Batch(now, reset=True), self._spaces)
        changes = self._changes(entries)
        if old_mounts != mounts:
            changes += [self._changed(name) for name in (SHARES, CLASSES) if not _told(changes, name)]
        return _Look(Batch(now, tuple(changes)), self._spaces)

    @property
    def _spaces(self) -> frozenset[int]:
        spaces = {mount.row.space for mount in self._mounts.values()}
        if self._view.principal.kind == "user":
            spaces.add(self._view.home.id)
        return frozenset(spaces)

    def _signature(self) -> str:
        state = sorted((path, m.share_id, m.row.id, int(m.permissions)) for path, m in self._mounts.items())
        return hashlib.sha256(repr(state).encode()).hexdigest()[:12]

    def _parse(self, cursor: str) -> tuple[int | None, str]:
        parts = cursor.split("-")
        if len(parts) != 3 or not parts[1].isdigit() or len(parts[1]) > 18:
            raise BadRequest("This is not a cursor of the changes feed.")
        return (int(parts[1]) if parts[0] == self._view.instance else None), parts[2]

    def _changes(self, entries: list[Entry]) -> list[Change]:
        me = self._view.principal.credential_id
        theirs = [entry for entry in entries if not me or entry.credential != me]
        rows = nodes.many(self._view.connection, {entry.node for entry in theirs})
        found = []
        for entry in theirs:
            row = rows.get(entry.node)
            etag = self._view.row_etag(row) if row and entry.op != "delete" else ""
            found += [change for top in self._tops(entry) if (change := _seen(entry, *top, etag))]
        return found

    def _tops(self, entry: Entry) -> list[tuple[str, int]]:
        """Where an entry's space shows in the principal's tree: (path, id of the node there)."""
        tops = [(path, m.row.id) for path, m in self._mounts.items() if m.row.space == entry.space]
        if self._view.principal.kind == "user" and entry.space == self._view.home.id:
            tops.append(("/", self._view.home.root))
        return tops

    def _changed(self, name: str) -> Change:
        """What is mounted below a folder came or went."""
        etag = self._view.etag(self._view.root)
        return Change("share", join_path(name), None, "folder", -self._view.root.row.id, etag)


def _told(changes: list[Change], name: str) -> bool:
    """Whether a change of shares or classes says so already."""
    return any(change.op == "share" and split_path(change.path)[:1] == (name,) for change in changes)


def _seen(entry: Entry, top: str, top_id: int, etag: str) -> Change | None:
    """An entry as it looks from below `top`, whose node is `top_id`; None when it is out of sight."""
    kind: Kind = "folder" if entry.folder else "file"
    if entry.op == "share":
        if top != "/":
            return None  # whom the owner shares with is not the receivers' business
        return Change("share", entry.path, None, kind, entry.node, etag)
    path = _below(entry.path, entry.lineage, top, top_id)
    if entry.op != "move":
        return Change(entry.op, path, None, kind, entry.node, etag) if path else None
    old_path = _below(entry.old_path or "", entry.old_lineage or "", top, top_id)
    if path and old_path:
        return Change("move", path, old_path, kind, entry.node, etag)
    if path:  # it came from where the listener does not see
        return Change("mkdir" if entry.folder else "put", path, None, kind, entry.node, etag)
    return Change("delete", old_path, None, kind, entry.node, "") if old_path else None


def _below(path: str, lineage: str, top: str, top_id: int) -> str | None:
    """A path in a space as it is below `top`; None when `top_id` is not above it."""
    ids = lineage.strip("/").split("/")
    if str(top_id) not in ids:
        return None
    inner = split_path(path)[ids.index(str(top_id)) :]
    return join_path(*split_path(top), *inner)
