"""Multipart uploads of S3: parts come in any order, also at the same time, and become a file uncopied.

Each part is an extent. Finishing writes the list of those that were named, however many bytes they have.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from ..model.conditions import NO_CONDITIONS
from ..model.errors import BadRequest, ChecksumMismatch
from ..model.node import Content, Piece
from ..model.objects import Expected, Facts, InvalidPart, InvalidPartOrder, NoSuchUpload, StoredObject
from ..model.principal import Principal
from ..store import uploads as store
from ..store.uploads import Part, UploadRow
from . import checksums, commit
from .access import require_reach, require_scope
from .objects import check_expected, described, store_file
from .tokens import new_token
from .tree import Tree
from .view import View

MAX_PARTS = 10_000
KIND = "s3"


@dataclass(frozen=True)
class Plan:
    """What an upload is to become.

    Args:
        path: of the file, in the principal's tree.
        algorithm: of its checksum, one of `checksums.ALGORITHMS`.
        kind: FULL_OBJECT or COMPOSITE.
    """

    path: str
    facts: Facts
    algorithm: str
    kind: str

    def to_json(self) -> str:
        """As the database keeps what has no column of its own."""
        return json.dumps({"facts": self.facts.to_json(), "algorithm": self.algorithm, "kind": self.kind})

    @classmethod
    def of(cls, row: UploadRow) -> Plan:
        """The plan of an upload."""
        kept = json.loads(row.meta)
        return cls(row.target, Facts.of(kept["facts"]), kept["algorithm"], kept["kind"])


@dataclass(frozen=True)
class StoredPart:
    """A part that has come: its MD5 in hex is its etag; `checksum` as S3 writes it; `came` since 1970."""

    number: int
    size: int
    etag: str
    checksum: str
    came: float


@dataclass(frozen=True)
class NamedPart:
    """A part as it is named when an upload is finished; `checksums` by kind, empty where none is."""

    number: int
    etag: str
    checksums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Begun:
    """An upload that is open; `created` in seconds since 1970."""

    id: str
    plan: Plan
    created: float


class Multipart:
    """Multipart uploads.

    Args:
        tree: where they go.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    async def begin(self, principal: Principal, plan: Plan) -> str:
        """Open an upload and return its id."""
        require_scope(principal, "files:write")
        upload_id = new_token()

        def run(connection: Connection) -> None:
            view = self._tree.view(connection, principal)
            require_reach(principal, plan.path)
            here = view.lookup(plan.path)
            if here is not None:
                commit.check_put(view, plan.path, 0, NO_CONDITIONS)
            store.add(
                connection, principal.user, upload_id, KIND, target=plan.path, total=None, meta=plan.to_json()
            )

        await self._tree.database.write(run)
        return upload_id

    async def plan(self, principal: Principal, upload_id: str, path: str) -> Plan:
        """What an open upload to `path` is to become.

        Raises:
            NoSuchUpload: it is none of the principal's, or to another path.
        """
        require_scope(principal, "files:write")
        return await self._tree.database.read(lambda c: Plan.of(_open(c, principal, upload_id, path)))

    async def put(
        self, principal: Principal, upload_id: str, path: str, number: int, content: Content, checksum: str
    ) -> StoredPart:
        """Record a part whose bytes are durable, instead of one that came before under the same number.

        Raises:
            BadRequest: the number is not one from 1 to 10,000. QuotaExceeded: they have no room together.
        """
        kept = {"etag": content.checksums.md5, "checksum": checksum}

        def run(connection: Connection) -> StoredPart:
            view = self._tree.view(connection, principal)
            _open(connection, principal, upload_id, path)
            came = [p for p in store.parts(connection, principal.user, upload_id) if p.number != number]
            total = content.size + sum(part.size for part in came)
            commit.check_room(view, _space(view, path), total, creates=True)
            name, meta = str(number), json.dumps({**kept, "came": view.now})
            store.put_part(connection, principal.user, upload_id, name, number, content, meta)
            return StoredPart(number, content.size, kept["etag"], checksum, view.now)

        return await self._tree.keep_or_forget(content, self._tree.database.write(run))

    async def parts(self, principal: Principal, upload_id: str, path: str) -> list[StoredPart]:
        """The parts that have come, by number."""
        require_scope(principal, "files:read")

        def run(connection: Connection) -> list[StoredPart]:
            _open(connection, principal, upload_id, path)
            return [_stored(part) for part in store.parts(connection, principal.user, upload_id)]

        return await self._tree.database.read(run)

    async def begun(self, principal: Principal) -> list[Begun]:
        """The principal's open uploads, by path."""
        require_scope(principal, "files:read")

        def run(connection: Connection) -> list[Begun]:
            rows = store.of_kind(connection, principal.user, KIND)
            return [Begun(row.id, Plan.of(row), row.created) for row in rows if principal.reaches(row.target)]

        return await self._tree.database.read(run)

    async def abort(self, principal: Principal, upload_id: str, path: str) -> None:
        """Forget an upload and its parts."""
        require_scope(principal, "files:write")

        def run(connection: Connection) -> None:
            _open(connection, principal, upload_id, path)
            store.drop(connection, principal.user, upload_id)

        await self._tree.database.write(run)

    async def complete(
        self,
        principal: Principal,
        upload_id: str,
        path: str,
        named: Sequence[NamedPart],
        expected: Expected,
        checksum: tuple[str, str] | None = None,
    ) -> StoredObject:
        """Make a file of the named parts; again, the same answer.

        Args:
            checksum: kind and value that the whole must have, if the client says so.

        Raises:
            InvalidPart, InvalidPartOrder: the list is not of parts that came. ChecksumMismatch.
        """

        def run(connection: Connection) -> StoredObject:
            view = self._tree.view(connection, principal)
            row = _row(connection, principal, upload_id, path)
            if row.result_node is not None:
                return _again(view, row)
            came = {part.number: part for part in store.parts(connection, principal.user, upload_id)}
            plan = Plan.of(row)
            content, etag, facts = _whole(plan, _chosen(plan, came, named))
            _compare(facts, checksum)
            check_expected(view, path, expected)
            done = store_file(view, path, content, etag, facts, Expected())
            version = done.node.version_id or 0
            store.finish(connection, principal.user, upload_id, done.node.id, version, created=True)
            return done

        return await self._tree.database.write(run)


def _row(connection: Connection, principal: Principal, upload_id: str, path: str) -> UploadRow:
    require_reach(principal, path)
    row = store.get(connection, principal.user, upload_id) if upload_id.isalnum() else None
    if row is None or row.kind != KIND or row.target != path:
        raise NoSuchUpload("There is no such upload; begin it again.")
    return row


def _open(connection: Connection, principal: Principal, upload_id: str, path: str) -> UploadRow:
    row = _row(connection, principal, upload_id, path)
    if row.result_node is not None:
        raise NoSuchUpload("This upload was finished already.")
    return row


def _space(view: View, path: str) -> int:
    """The space that a path lies in, also when its folders are still to be made."""
    here = view.root
    for name in path.split("/")[1:-1]:
        below = view.child(here, name)
        if below is None or not below.folder:
            break
        here = below
    return here.row.space if here.chain else view.home.id


def _stored(part: Part) -> StoredPart:
    kept = json.loads(part.meta)
    return StoredPart(part.number, part.size, kept["etag"], kept["checksum"], kept["came"])


def _chosen(plan: Plan, came: dict[int, Part], named: Sequence[NamedPart]) -> list[Part]:
    numbers = [part.number for part in named]
    if numbers != sorted({*numbers}):
        raise InvalidPartOrder("The parts must be named in the order of their numbers, each once.")
    if not named:
        raise BadRequest("An upload needs one part at least.")
    for part in named:
        stored = came.get(part.number)
        kept = json.loads(stored.meta) if stored else {}
        checksum = part.checksums.get(plan.algorithm, "")
        if kept.get("etag") != part.etag or checksum not in ("", kept.get("checksum")):
            raise InvalidPart(
                "Part {number} has not come, or is not the one that is named.", number=part.number
            )
    return [came[number] for number in numbers]


def _whole(plan: Plan, chosen: Sequence[Part]) -> tuple[Content, str, Facts]:
    """The contents, etag and facts of the whole."""
    parts = [_stored(part) for part in chosen]
    pieces = tuple(Piece(p.key, 0, p.size, p.sums or b"") for p in chosen if p.key is not None)
    content = Content(sum(part.size for part in parts), pieces)
    digest = hashlib.md5(b"".join(bytes.fromhex(p.etag) for p in parts), usedforsecurity=False).hexdigest()
    checksum = checksums.joined(plan.algorithm, plan.kind, [(p.checksum, p.size) for p in parts])
    facts = replace(
        plan.facts,
        checksums={plan.algorithm: checksum},
        checksum_type=plan.kind,
        parts=tuple(part.size for part in parts),
    )
    return content, f"{digest}-{len(parts)}", facts


def _compare(facts: Facts, expected: tuple[str, str] | None) -> None:
    """Compare a checksum of the whole with the one that the client sent, if it is of a kind that is known."""
    kind, value = expected or ("", "")
    actual = facts.checksums.get(kind, value)
    if actual.partition("-")[0] != value.partition("-")[0]:
        raise ChecksumMismatch(
            "The checksum of the whole is {actual}, not {value}.", actual=actual, value=value
        )


def _again(view: View, row: UploadRow) -> StoredObject:
    here = view.lookup(row.target)
    if here is None or here.folder or here.row.id != row.result_node:
        raise NoSuchUpload("This upload was finished, and its file is gone.")
    return described(view, here)
