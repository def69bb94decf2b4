"""Uploads in parts: parts come in any order, become durable one by one, and are joined without being copied.

A finished upload is remembered for a while, so that a client that did not hear the answer and repeats the
last request gets the same one.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from ..model.conditions import Conditions
from ..model.errors import BadRequest, Conflict, CygnetError, MethodNotAllowed, NotFound
from ..model.names import check_name
from ..model.node import Checksums, Content, Node, Piece
from ..model.principal import Principal
from ..store import uploads as store
from ..store.database import Database
from ..store.digests import KINDS, Digests
from ..store.uploads import Part, UploadRow
from . import commit
from .access import require_upload
from .incoming import Disk, Incoming, compare
from .tree import Tree
from .view import View

MAX_PARTS = 10_000
#: Digests of this many uploads go on in memory; others are read again at the end.
MAX_RUNNING = 500
#: The kind of checksum that clients announce when an upload is finished, and not before.
EXPECTED = ("SHA1",)

_LEADING_NUMBER = re.compile(r"\d{1,18}")


@dataclass(frozen=True)
class Running:
    """The digests over the parts that came so far, in this order."""

    digests: Digests
    keys: tuple[str, ...] = ()
    last_number: int = -1

    def covers(self, pieces: Sequence[Piece], announced: Iterable[str]) -> bool:
        """Whether they are over just these pieces, and of all these kinds."""
        same = self.keys == tuple(piece.key for piece in pieces)
        return same and self.digests.kinds >= KINDS & set(announced)


class PartIncoming:
    """A part on its way in.

    Args:
        disk: where it goes.
        announced: kinds of checksums that it will be compared with.
        base: the digests that it goes on from, if it comes next in order.
    """

    def __init__(self, disk: Disk, announced: Iterable[str], base: Running | None) -> None:
        self.base = base
        self.digests = base.digests.copy() if base else None
        # The whole has a digest of its own; a part has one only where the whole must be read again.
        own = disk.contents.digests(announced) if base is None else Digests(announced)
        self.incoming = Incoming(disk, own, self.digests)


class Uploads:
    """Uploads in parts.

    Args:
        tree: where they go.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._database: Database = tree.database
        self._disk = tree.disk
        self._running: OrderedDict[tuple[str, str], Running] = OrderedDict()

    async def begin(self, principal: Principal, upload_id: str, total: int | None, target: str = "") -> None:
        """Open an upload under an id that the client chose.

        Args:
            total: bytes of the whole, if they are announced.
            target: path of the file that it is to become, if that is said already.

        Raises:
            MethodNotAllowed: it is open already. QuotaExceeded: `total` bytes have no room.
        """
        require_upload(principal, target)
        check_name(upload_id)

        def run(connection: Connection) -> None:
            if store.get(connection, principal.user, upload_id) is not None:
                raise MethodNotAllowed("This upload has begun already.")
            view = self._tree.view(connection, principal)
            _check_room(view, target, total or 0)
            store.add(connection, principal.user, upload_id, "chunks", target=target, total=total)

        await self._database.write(run)
        self.start_digests(principal, upload_id, EXPECTED)

    def start_digests(self, principal: Principal, upload_id: str, announced: Iterable[str]) -> None:
        """Compute the checksums of a new upload while its parts come: also those of these kinds."""
        self._remember(principal, upload_id, Running(self._disk.contents.digests(announced)))

    async def receive(
        self,
        principal: Principal,
        upload_id: str,
        name: str,
        announced: Iterable[str] = (),
        total: int | None = None,
    ) -> PartIncoming:
        """A part that is about to come.

        Args:
            announced: kinds of checksums that the part will be compared with, e.g. {"SHA1"}.
            total: bytes of the whole, if they are announced with the part.

        Raises:
            NotFound: there is no such upload. BadRequest: the name does not begin with a number.
            QuotaExceeded: `total` bytes have no room.
        """
        number = part_number(name)

        def run(connection: Connection) -> None:
            row = _open(connection, principal, upload_id)
            require_upload(principal, row.target)
            if total is not None:
                _check_room(self._tree.view(connection, principal), row.target, total)

        await self._database.read(run)
        return self.next_part(principal, upload_id, number, announced)

    def next_part(
        self, principal: Principal, upload_id: str, number: int, announced: Iterable[str] = ()
    ) -> PartIncoming:
        """A part of an upload that is known to be open; see `receive`."""
        base = self._running.get((principal.user, upload_id))
        return PartIncoming(self._disk, announced, base if base and number > base.last_number else None)

    async def put(
        self,
        principal: Principal,
        upload_id: str,
        name: str,
        part: PartIncoming,
        content: Content,
        *,
        at: int | None = None,
    ) -> None:
        """Record a part whose bytes have come.

        Args:
            at: how many bytes must have come before, where parts may come in order only.

        Raises:
            Conflict: another number of bytes came before.
            QuotaExceeded: the parts together have no room. NotFound: the upload was cancelled meanwhile.
        """

        def run(connection: Connection) -> None:
            row = _open(connection, principal, upload_id)
            require_upload(principal, row.target)
            others = [p for p in store.parts(connection, principal.user, upload_id) if p.name != name]
            if len(others) >= MAX_PARTS:
                raise BadRequest("An upload can have {parts} parts.", parts=MAX_PARTS)
            before = sum(p.size for p in others)
            if at is not None and at != before:
                raise Conflict("This upload goes on at byte {before}, not at {at}.", before=before, at=at)
            _check_room(self._tree.view(connection, principal), row.target, content.size + before)
            store.put_part(connection, principal.user, upload_id, name, part_number(name), content)

        try:
            await self._database.write(run)
        except CygnetError:
            await self._tree.forget(content)
            raise
        self._advance(principal, upload_id, name, part, content)

    def _advance(
        self, principal: Principal, upload_id: str, name: str, part: PartIncoming, content: Content
    ) -> None:
        key = (principal.user, upload_id)
        if part.base is None or part.digests is None or self._running.get(key) is not part.base:
            return  # out of order: the whole will be read again at the end
        keys = (*part.base.keys, *(piece.key for piece in content.pieces))
        self._remember(principal, upload_id, Running(part.digests, keys, part_number(name)))

    def _remember(self, principal: Principal, upload_id: str, running: Running) -> None:
        self._running[principal.user, upload_id] = running
        self._running.move_to_end((principal.user, upload_id))
        while len(self._running) > MAX_RUNNING:
            self._running.popitem(last=False)

    async def parts(self, principal: Principal, upload_id: str) -> list[Part]:
        """The parts that have come, in their order.

        Raises:
            NotFound: there is no such upload.
        """

        def run(connection: Connection) -> list[Part]:
            require_upload(principal, _open(connection, principal, upload_id).target, "files:read")
            return store.parts(connection, principal.user, upload_id)

        return await self._database.read(run)

    async def cancel(self, principal: Principal, upload_id: str) -> None:
        """Forget an upload.

        Raises:
            NotFound: there is no such upload.
        """

        def run(connection: Connection) -> None:
            row = store.get(connection, principal.user, upload_id)
            if row is None:
                raise _unknown()
            require_upload(principal, row.target)
            store.drop(connection, principal.user, upload_id)

        await self._database.write(run)
        self._running.pop((principal.user, upload_id), None)

    async def assemble(
        self,
        principal: Principal,
        upload_id: str,
        destination: str,
        *,
        total: int | None,
        checksums: Mapping[str, str],
        mtime: float | None,
        conditions: Conditions,
    ) -> tuple[Node, bool]:
        """Make the parts a file at `destination`: (its node, whether it is new).

        Args:
            total: bytes that the file must have, if they were announced.
            checksums: that it must have, e.g. {"SHA1": "hex"}.

        Raises:
            BadRequest: parts are missing. ChecksumMismatch, and what `Tree.put` raises.
        """
        done = await self._finished(principal, upload_id, destination)
        if done is not None:
            return done
        parts = await self.parts(principal, upload_id)
        content = await self._join(principal, upload_id, parts, total, checksums)
        compare(content.checksums, checksums)

        def run(connection: Connection) -> tuple[Node, bool]:
            view = self._tree.view(connection, principal)
            done = _outcome(view, principal, upload_id, destination)
            if done is not None:
                return done  # somebody else was quicker
            row = _open(connection, principal, upload_id)
            if row.target not in ("", destination):
                raise BadRequest("This upload was begun for another file.")
            if store.parts(connection, principal.user, upload_id) != parts:
                raise BadRequest("Parts of this upload changed while it was being finished.")
            change = commit.put_file(view, destination, content, mtime=mtime, conditions=conditions)
            after = self._tree.view(connection, principal)
            node = after.node(after.find(change.path))
            version = node.version_id or 0
            store.finish(connection, principal.user, upload_id, node.id, version, created=change.created)
            return node, change.created

        result = await self._database.write(run)
        self._running.pop((principal.user, upload_id), None)
        return result

    async def _finished(
        self, principal: Principal, upload_id: str, destination: str
    ) -> tuple[Node, bool] | None:
        """What an upload was finished with before, if it was."""

        def run(connection: Connection) -> tuple[Node, bool] | None:
            return _outcome(self._tree.view(connection, principal), principal, upload_id, destination)

        return await self._database.read(run)

    async def _join(
        self,
        principal: Principal,
        upload_id: str,
        parts: Sequence[Part],
        total: int | None,
        announced: Iterable[str],
    ) -> Content:
        size = sum(part.size for part in parts)
        if total is not None and size != total:
            raise BadRequest(
                "{total} bytes were announced and {size} came; parts are missing.", total=total, size=size
            )
        pieces = tuple(Piece(p.key, 0, p.size, p.sums or b"") for p in parts if p.key is not None)
        running = self._running.get((principal.user, upload_id))
        if running is not None and running.covers(pieces, announced):
            return Content(size, pieces, running.digests.checksums())
        joined = Content(size, pieces)
        return replace(joined, checksums=await self._disk.run(lambda: self._digest(joined, announced)))

    def _digest(self, content: Content, announced: Iterable[str]) -> Checksums:
        digests = self._disk.contents.digests(announced)
        for block in self._disk.contents.stretch(content, 0, content.size):
            digests.update(block)
        return digests.checksums()


def part_number(name: str) -> int:
    """The place of a part: the number that its name begins with, be it an index or an offset.

    Raises:
        BadRequest: it does not begin with one.
    """
    match = _LEADING_NUMBER.match(check_name(name))
    if match is None:
        raise BadRequest("The name of a part must begin with its number or its offset.")
    return int(match.group())


def _check_room(view: View, target: str, size: int) -> None:
    """Whether `size` bytes have room: where the upload goes, or, as long as that is not known, at home."""
    if target:
        commit.check_room_at(view, target, size)
    else:
        commit.check_room(view, view.home.id, size, creates=True)


def _open(connection: Connection, principal: Principal, upload_id: str) -> UploadRow:
    row = store.get(connection, principal.user, upload_id)
    if row is None or row.result_node is not None:
        raise _unknown()
    return row


def _outcome(view: View, principal: Principal, upload_id: str, destination: str) -> tuple[Node, bool] | None:
    row = store.get(view.connection, principal.user, upload_id)
    if row is None:
        raise _unknown()
    if row.result_node is None:
        return None
    return _result(view, row, destination), row.result_created


def _result(view: View, row: UploadRow, destination: str) -> Node:
    here = view.find(destination)
    if here.row.id != row.result_node:
        raise _unknown()
    done = here.row._replace(version=row.result_version)
    return replace(view.node(here), etag=view.row_etag(done), version_id=row.result_version)


def _unknown() -> NotFound:
    return NotFound("There is no such upload; begin it again.")
