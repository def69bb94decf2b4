"""The changes feed: what happened in a principal's tree since a cursor, at once or as it happens.

A cursor names a row of the journal and the set of mounts at that time, so that a share that came or went is
told too. One task reads the journal for all listeners and wakes those whose spaces changed.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from ..model.errors import BadRequest
from ..model.names import CLASSES, SHARES, child_path, join_path, split_path
from ..model.node import Kind
from ..model.principal import Principal
from ..store import journal, nodes
from ..store.journal import Entry
from .access import require_scope
from .mounts import Mount
from .tree import Tree
from .view import View
from .waiters import Waiters, Written

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
        self._waiters = Waiters(tree.database, "changes-feed", self._ask)

    @property
    def stopped(self) -> bool:
        """Whether every feed has ended."""
        return self._waiters.stopped

    @property
    def listeners(self) -> int:
        """How many wait for something to happen."""
        return len(self._waiters)

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
            with self._waiters.enter() as waiter:
                look = await self._look(principal, cursor)
                left = end - loop.time()
                if look.batch.changes or look.batch.reset or left <= 0 or self.stopped:
                    return look.batch
                cursor = look.batch.cursor
                await waiter.sleep(left, look.spaces)

    async def stop(self) -> None:
        """End every feed, and the task that reads the journal."""
        await self._waiters.stop()

    async def _look(self, principal: Principal, cursor: str | None) -> _Look:
        require_scope(principal, "files:read")

        def run(connection: Connection) -> _Look:
            return _Reader(self._tree.view(connection, principal)).look(cursor)

        return await self._tree.database.read(run)

    async def _ask(self, last: int | None) -> Written[int]:
        """The spaces that changed since row `last` of the journal."""
        read = self._tree.database.read
        if last is None:
            return Written(await read(journal.last_id))
        spaces, newest = await read(partial(journal.touched, after=last))
        return Written(newest, spaces)


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
