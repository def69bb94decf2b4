"""Resumable uploads by TUS 1.0: bytes are appended at an offset, and what has come stays.

Each request's bytes are a part of their own, durable when it is answered; the last one makes the file. An
upload belongs to whoever began it, and to the path that was named then.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from ..model.conditions import Conditions
from ..model.errors import Conflict, Gone, NotFound
from ..model.node import Content, Node
from ..model.principal import Principal
from ..store import uploads as store
from ..store.uploads import UploadRow
from . import commit
from .access import require_upload
from .tokens import new_token
from .tree import Tree
from .uploads import PartIncoming, Uploads

#: Seconds after which an upload that nobody continues is forgotten.
LIFETIME = 86400.0


@dataclass(frozen=True)
class Plan:
    """What an upload is to become.

    Args:
        target: path of the file.
        total: its bytes.
        mtime: seconds since 1970; None: now.
        checksums: that it must have, e.g. {"SHA1": "hex"}.
        if_match, if_none_match: etags that are expected when it is finished.
    """

    target: str
    total: int
    mtime: float | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)
    if_match: tuple[str, ...] | None = None
    if_none_match: tuple[str, ...] | None = None

    def to_json(self) -> str:
        """As the database keeps what has no column of its own."""
        kept = {"mtime": self.mtime, "checksums": dict(self.checksums)}
        return json.dumps({**kept, "if_match": self.if_match, "if_none_match": self.if_none_match})

    @classmethod
    def of(cls, row: UploadRow) -> Plan:
        """The plan of an upload."""
        kept = json.loads(row.meta)
        match, none_match = (kept[key] and tuple(kept[key]) for key in ("if_match", "if_none_match"))
        return cls(row.target, row.total or 0, kept["mtime"], kept["checksums"], match, none_match)


@dataclass(frozen=True)
class Progress:
    """How far an upload has come; `expires` in seconds since 1970."""

    id: str
    offset: int
    plan: Plan
    expires: float
    finished: bool = False

    @property
    def complete(self) -> bool:
        """Whether every byte has come."""
        return self.offset == self.plan.total


class Tus:
    """Resumable uploads.

    Args:
        tree: where they go.
        uploads: joins their parts.
    """

    def __init__(self, tree: Tree, uploads: Uploads) -> None:
        self._tree = tree
        self._uploads = uploads

    async def create(self, principal: Principal, plan: Plan, conditions: Conditions) -> Progress:
        """Begin an upload.

        Args:
            conditions: of the request that begins it.

        Raises:
            what `Tree.check_put` raises for its target.
        """
        upload_id = new_token()

        def run(connection: Connection) -> None:
            view = self._tree.view(connection, principal)
            commit.check_put(view, plan.target, plan.total, conditions)
            _add(connection, principal, upload_id, plan)

        await self._tree.database.write(run)
        self._uploads.start_digests(principal, upload_id, plan.checksums)
        return Progress(upload_id, 0, plan, time.time() + LIFETIME)

    async def store_whole(
        self, principal: Principal, plan: Plan, content: Content, conditions: Conditions
    ) -> tuple[Progress, Node, bool]:
        """Make a file of contents that came with the request that began the upload."""
        upload_id = new_token()

        def run(connection: Connection) -> tuple[Node, bool]:
            view = self._tree.view(connection, principal)
            done = commit.put_file(view, plan.target, content, mtime=plan.mtime, conditions=conditions)
            node = view.node(done.here or view.find(done.path))
            _add(connection, principal, upload_id, plan)
            version = node.version_id or 0
            store.finish(connection, principal.user, upload_id, node.id, version, created=done.created)
            return node, done.created

        node, created = await self._tree.keep_or_forget(content, self._tree.database.write(run))
        return Progress(upload_id, plan.total, plan, time.time() + LIFETIME, True), node, created

    async def progress(self, principal: Principal, upload_id: str) -> Progress:
        """How far an upload has come.

        Raises:
            NotFound: the principal has no such upload. Gone: nobody continued it for a day.
        """

        def run(connection: Connection) -> Progress:
            row = store.get(connection, principal.user, upload_id)
            if row is None or row.kind != "tus":
                raise NotFound("There is no such upload; begin it again.")
            require_upload(principal, row.target)
            if row.touched < time.time() - LIFETIME:
                raise Gone("Nobody continued this upload for a day; begin it again.")
            finished = row.result_node is not None
            came = sum(part.size for part in store.parts(connection, principal.user, upload_id))
            plan = Plan.of(row)
            offset = plan.total if finished else came
            return Progress(upload_id, offset, plan, row.touched + LIFETIME, finished)

        return await self._tree.database.read(run)

    async def settled(self, principal: Principal, upload_id: str) -> Progress:
        """`progress` for a client that will go away if all has come: then the file is made first.

        The service may have died after it kept the last bytes and before it made the file.

        Raises:
            what `progress` and `finish` raise.
        """
        known = await self.progress(principal, upload_id)
        if known.complete and not known.finished:
            await self.finish(principal, known, Conditions())
            known = replace(known, finished=True)
        return known

    async def receive(
        self, principal: Principal, upload_id: str, offset: int, announced: Iterable[str] = ()
    ) -> tuple[Progress, PartIncoming]:
        """The bytes from `offset` on, which are about to come.

        Args:
            announced: kinds of checksums that they will be compared with.

        Raises:
            Conflict: it goes on from another offset. NotFound, Gone: see `progress`.
        """
        known = await self.progress(principal, upload_id)
        if known.offset != offset:
            raise Conflict(
                "This upload goes on at byte {offset}, not at {given}.", offset=known.offset, given=offset
            )
        return known, self._uploads.next_part(principal, upload_id, offset, announced)

    async def append(
        self, principal: Principal, upload_id: str, offset: int, part: PartIncoming, content: Content
    ) -> None:
        """Keep bytes that have come.

        Raises:
            Conflict: others came meanwhile. QuotaExceeded: there is no room for them.
        """
        await self._uploads.put(principal, upload_id, f"{offset:016d}", part, content, at=offset)

    async def finish(
        self, principal: Principal, known: Progress, conditions: Conditions
    ) -> tuple[Node, bool]:
        """Make the file, when every byte has come; again, the same answer.

        Args:
            conditions: of the last request; what was expected when the upload began counts as well.
        """
        plan = known.plan
        both = Conditions(
            conditions.if_match or plan.if_match,
            conditions.if_none_match or plan.if_none_match,
            conditions.lists,
        )
        return await self._uploads.assemble(
            principal,
            known.id,
            plan.target,
            total=plan.total,
            checksums=plan.checksums,
            mtime=plan.mtime,
            conditions=both,
        )

    async def cancel(self, principal: Principal, upload_id: str) -> None:
        """Forget an upload."""
        await self._uploads.cancel(principal, upload_id)


def _add(connection: Connection, principal: Principal, upload_id: str, plan: Plan) -> None:
    store.add(
        connection,
        principal.user,
        upload_id,
        "tus",
        target=plan.target,
        total=plan.total,
        meta=plan.to_json(),
    )
