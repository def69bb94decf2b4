"""The tree of files, for every door: each method is one request of a principal, on paths in their tree."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from ..model.conditions import NO_CONDITIONS, Conditions
from ..model.errors import CygnetError, MethodNotAllowed
from ..model.node import Content, Node
from ..model.principal import Principal
from ..store import nodes, spaces, versions
from ..store.database import Database
from . import commit, relocate
from .access import Action, authorize
from .incoming import Disk, Incoming
from .recent import Found, Recent
from .view import Location, View

T = TypeVar("T")

#: An account whose home was there is believed to have it for so long.
OPENED_SECONDS = 1.0
MAX_OPENED = 10_000


#: From the bytes that a file has to the first byte of the stretch that is wanted and the one behind it.
Wanted = Callable[[int], tuple[int, int]]


def _everything(size: int) -> tuple[int, int]:
    return 0, size


@dataclass(frozen=True)
class Quota:
    """Bytes used by a space, and its limit; None: none."""

    used: int
    total: int | None

    @property
    def free(self) -> int | None:
        """Bytes left; None: no limit."""
        return None if self.total is None else max(self.total - self.used, 0)


@dataclass(frozen=True)
class OpenFile:
    """A version of a file, to be read. It stays readable however the file changes meanwhile.

    Args:
        glanced: the first byte of a stretch, and the stretch, where it is few bytes that were read already.
    """

    node: Node
    content: Content
    disk: Disk
    glanced: tuple[int, bytes] | None = None

    async def read(self, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `offset` on, `length` of them or all, in blocks of at most 1 MiB."""
        end = self.content.size if length is None else min(offset + length, self.content.size)
        known = self.known(offset, end)
        if known is not None:
            yield known
            return
        blocks = self.disk.contents.stretch(self.content, offset, end)
        left = end - offset
        try:
            while left > 0:
                block = await self.disk.run(lambda: next(blocks))
                left -= len(block)
                yield block
        finally:
            blocks.close()

    def known(self, start: int, end: int) -> bytes | None:
        """The bytes from `start` to `end` if they were read already."""
        if self.glanced is None:
            return None
        first, data = self.glanced
        return data[start - first : end - first] if first <= start and end <= first + len(data) else None

    async def gather(self, stretches: Sequence[tuple[int, int]]) -> list[bytes]:
        """The bytes of several stretches [start, end), together small enough for memory."""
        contents = self.disk.contents
        return await self.disk.run(
            lambda: [b"".join(contents.stretch(self.content, start, end)) for start, end in stretches]
        )


class Tree:
    """Files and folders.

    Args:
        database: the metadata.
        disk: the contents.
        instance: the random name of this installation.
    """

    def __init__(self, database: Database, disk: Disk, instance: str) -> None:
        self.database = database
        self.disk = disk
        self.instance = instance
        self._opened: dict[str, float] = {}
        self._recent = Recent(database.stillness)
        #: Hears of a file in a class that somebody reads.
        self.on_class_read: Callable[[Principal, Location], Awaitable[None]] | None = None

    def view(self, connection: Connection, principal: Principal) -> View:
        """The principal's tree in the transaction of `connection`."""
        return View(connection, principal, self.instance)

    async def open_account(self, user: str, display_name: str = "", quota: int | None = None) -> None:
        """Make the home of a person who has none yet; `quota` in bytes counts only then."""
        now = time.monotonic()
        if now < self._opened.get(user, 0.0):
            return
        if await self.database.read(lambda connection: spaces.home(connection, user)) is None:
            await self.database.write(
                lambda connection: spaces.open_account(connection, user, display_name, quota)
            )
        if len(self._opened) >= MAX_OPENED:
            self._opened.clear()
        self._opened[user] = now + OPENED_SECONDS

    async def stat(self, principal: Principal, path: str) -> Node:
        """The node at `path`.

        Raises:
            NotFound, Forbidden.
        """

        def run(view: View) -> Node:
            here = view.find(path)
            authorize(principal, Action.STAT, here)
            return view.nodes([here])[0]

        return await self._read(principal, run)

    async def tell(
        self, principal: Principal, path: str, take: Callable[[Node, Sequence[Node] | None], None]
    ) -> None:
        """Hand on the node at `path` with its children by name, seen at one moment; a file has None.

        Args:
            take: called in a reader's thread with a few children at a time, so that memory stays flat.
        """

        def run(view: View) -> None:
            here = view.find(path)
            authorize(principal, Action.LOOK, here)
            own = view.nodes([here])[0]
            if not here.folder:
                take(own, None)
                return
            for page in view.pages(here):
                take(own, view.nodes(page))

        await self._read(principal, run)

    async def owners(self, principal: Principal, path: str) -> frozenset[str]:
        """Who owns the node at `path` and what is directly in it."""

        def run(view: View) -> frozenset[str]:
            here = view.find(path)
            authorize(principal, Action.LOOK, here)
            inside = view.children(here) if here.virtual else []
            return frozenset({here.owner, *(place.owner for place in inside)})

        return await self._read(principal, run)

    async def inside(self, principal: Principal, path: str) -> AsyncIterator[Node]:
        """What is directly in the folder at `path`, by name, looked up while it is read."""
        after: str | None = ""
        while after is not None:
            found, after = await self._read(principal, partial(_page, path, after))
            for node in found:
                yield node

    async def quota(self, principal: Principal, path: str = "/") -> Quota:
        """How full the space is that `path` lies in."""

        def run(view: View) -> Quota:
            here = view.find(path)
            space = spaces.get(view.connection, here.row.space if here.chain else view.home.id)
            root = nodes.get(view.connection, space.root)
            return Quota(root.size if root else 0, space.quota)

        return await self._read(principal, run)

    async def open(self, principal: Principal, path: str, wanted: Wanted = _everything) -> OpenFile:
        """The file at `path`, to be read.

        Args:
            wanted: which stretch of a file of so many bytes will be read first; few bytes are read at once.

        Raises:
            MethodNotAllowed: it is a folder. Also what `wanted` raises.
        """

        moment = self._recent.moment()
        known = self._recent.get(principal, path) if self.disk.contents.never_waits else None
        if known is None:
            found, glanced = await self.database.look(
                lambda connection: self._look_at(self.view(connection, principal), path, wanted)
            )
            self._recent.keep(principal, path, found, moment)
        else:
            found = known
            authorize(principal, Action.READ, found.place)
            glanced = self.disk.contents.glance(found.content, *wanted(found.content.size))
        mount = found.place.mount
        if mount is not None and mount.fixed and self.on_class_read is not None:
            await self.on_class_read(principal, found.place)
        return OpenFile(found.node, found.content, self.disk, glanced)

    def _look_at(self, view: View, path: str, wanted: Wanted) -> tuple[Found, tuple[int, bytes] | None]:
        """The file at `path`, and what is wanted of it if it is few bytes."""
        here = view.find(path)
        authorize(view.principal, Action.READ, here)
        if here.folder:
            raise MethodNotAllowed("A folder has no contents of its own to read.")
        content = versions.current_content(view.connection, here.row)
        glanced = self.disk.contents.glance(content, *wanted(content.size))
        return Found(here, view.node(here), content), glanced

    def incoming(self, announced: Iterable[str] = ()) -> Incoming:
        """A body that is about to come; `put` makes a file of what its `finish` returns.

        Args:
            announced: kinds of checksums that `finish` will be given, e.g. {"SHA1"}.
        """
        return Incoming(self.disk, self.disk.contents.digests(announced))

    async def check_put(
        self, principal: Principal, path: str, size: int | None, conditions: Conditions
    ) -> None:
        """Refuse early what `put` would refuse, before the body is sent. `put` checks again.

        Args:
            size: bytes that are announced, if they are.
        """
        await self._read(principal, lambda view: commit.check_put(view, path, size or 0, conditions))

    async def put(
        self,
        principal: Principal,
        path: str,
        content: Content,
        *,
        mtime: float | None = None,
        conditions: Conditions = NO_CONDITIONS,
    ) -> tuple[Node, bool]:
        """Make `content` the file at `path`: (its node, whether it is new).

        Raises:
            Conflict: there is no folder for it. Also QuotaExceeded, Locked, PreconditionFailed, Forbidden.
        """
        change = self._change(
            principal,
            lambda view: commit.put_file(view, path, content, mtime=mtime, conditions=conditions),
        )
        return await self.keep_or_forget(content, change)

    async def keep_or_forget(self, content: Content, change: Awaitable[T]) -> T:
        """The result of a change that uses `content`; if it is refused, nothing of `content` stays."""
        try:
            return await change
        except CygnetError:
            await self.forget(content)
            raise

    async def forget(self, content: Content) -> None:
        """Delete contents that became part of nothing."""
        for piece in content.pieces:
            await self.disk.run(lambda key=piece.key: self.disk.contents.delete(key))  # type: ignore[misc]

    async def make_folder(
        self,
        principal: Principal,
        path: str,
        *,
        mtime: float | None = None,
        conditions: Conditions = NO_CONDITIONS,
    ) -> Node:
        """Add an empty folder.

        Raises:
            MethodNotAllowed: something is there. Conflict: no folder for it. Also QuotaExceeded, Locked.
        """
        return (
            await self._change(principal, lambda view: commit.make_folder(view, path, conditions, mtime))
        )[0]

    async def delete(
        self,
        principal: Principal,
        path: str,
        *,
        conditions: Conditions = NO_CONDITIONS,
        only_empty: bool = False,
    ) -> None:
        """Put what is at `path` into the trash; a share that was received is declined.

        Raises:
            Conflict: it is a folder with something in it, though `only_empty`.
        """
        await self.database.write(
            lambda connection: commit.delete(
                self.view(connection, principal), path, conditions, only_empty=only_empty
            )
        )

    async def move(
        self,
        principal: Principal,
        source: str,
        destination: str,
        *,
        overwrite: bool = False,
        conditions: Conditions = NO_CONDITIONS,
    ) -> tuple[Node, bool]:
        """Move or rename: (the node at its new place, whether nothing was there before).

        Raises:
            PreconditionFailed: something is there and `overwrite` is False. Conflict: no folder for it.
        """
        return await self._change(
            principal,
            lambda view: relocate.move(view, source, destination, overwrite=overwrite, conditions=conditions),
        )

    async def copy(
        self,
        principal: Principal,
        source: str,
        destination: str,
        *,
        overwrite: bool = False,
        deep: bool = True,
        conditions: Conditions = NO_CONDITIONS,
    ) -> tuple[Node, bool]:
        """Copy, a folder with what is in it if `deep`: (the copy, whether nothing was there before)."""
        return await self._change(
            principal,
            lambda view: relocate.copy(
                view, source, destination, overwrite=overwrite, deep=deep, conditions=conditions
            ),
        )

    async def search(self, principal: Principal, query: str, limit: int = 100) -> list[Node]:
        """Nodes whose name contains every word of `query`, upper or lower case.

        Raises:
            Forbidden: the credential is not good for reading everything.
        """
        words = query.split()

        def run(view: View) -> list[Node]:
            authorize(principal, Action.READ, view.root)
            return view.nodes(view.search(words, limit)) if words else []

        return await self._read(principal, run)

    async def walk(self, principal: Principal, path: str) -> AsyncIterator[Node]:
        """The node at `path` and everything below it, folders before what is in them."""
        yield await self.stat(principal, path)
        waiting = [self.inside(principal, path)]
        while waiting:
            node = await anext(waiting[-1], None)
            if node is None:
                waiting.pop()
                continue
            yield node
            if node.is_folder:
                waiting.append(self.inside(principal, node.path))

    async def _read(self, principal: Principal, run: Callable[[View], T]) -> T:
        return await self.database.read(lambda connection: run(self.view(connection, principal)))

    async def _change(self, principal: Principal, run: Callable[[View], commit.Change]) -> tuple[Node, bool]:
        def change(connection: Connection) -> tuple[Node, bool]:
            view = self.view(connection, principal)
            done = run(view)
            if done.here is not None:
                return view.nodes([done.here])[0], done.created
            after = self.view(connection, principal)
            return after.nodes([after.find(done.path)])[0], done.created

        return await self.database.write(change)


def _page(path: str, after: str, view: View) -> tuple[list[Node], str | None]:
    """One page of what is in the folder at `path`."""
    here = view.find(path)
    authorize(view.principal, Action.LOOK, here)
    found, following = view.page(here, after)
    return view.nodes(found), following
