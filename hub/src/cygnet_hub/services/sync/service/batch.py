"""Many small files at once: their bytes become one extent, flushed once, and each file is a stretch of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from ..model.conditions import NO_CONDITIONS, Conditions
from ..model.errors import BadRequest, CygnetError, QuotaExceeded, TooLarge
from ..model.node import Content, Node
from ..model.principal import Principal
from ..store import versions
from ..store.contents import BLOCK
from ..store.digests import IDENTITY, Digests
from . import commit
from .access import Action, authorize
from .incoming import compare
from .newcomers import Newcomers
from .tree import Tree
from .view import Location, View

#: Bytes of contents in one request.
MAX_BYTES = 32 << 20
MAX_FILES = 10_000
#: So many are committed before others get their turn.
GROUP = 100


@dataclass(frozen=True)
class NewFile:
    """A file to be stored.

    Args:
        path: where.
        data: its bytes.
        mtime: seconds since 1970; None: now.
        checksums: that the bytes must have, e.g. {"MD5": "hex"}.
        conditions: what is expected of the path.
    """

    path: str
    data: bytes
    mtime: float | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)
    conditions: Conditions = NO_CONDITIONS


@dataclass(frozen=True)
class Stored:
    """What came of one file: its node and whether it is new, or why it was refused."""

    node: Node | None = None
    created: bool = False
    error: CygnetError | None = None


@dataclass(frozen=True)
class Fetched:
    """One file that was asked for: its bytes, None where it was too large to be sent along."""

    node: Node
    data: bytes | None


@dataclass(frozen=True)
class _Job:
    """A file whose bytes lie in the extent of the batch; `error`: they are not those that were announced."""

    file: NewFile
    content: Content
    error: CygnetError | None = None


class Batch:
    """Stores and fetches many small files.

    Args:
        tree: where they are.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    async def store(self, principal: Principal, files: Sequence[NewFile]) -> list[Stored]:
        """Store files, each for itself: one that is refused does not hold up the others.

        Raises:
            TooLarge: they are too many, or too large together.
        """
        if len(files) > MAX_FILES or sum(len(file.data) for file in files) > MAX_BYTES:
            raise TooLarge(
                "One request can carry {files} files and {bytes} MiB.", files=MAX_FILES, bytes=MAX_BYTES >> 20
            )
        whole, jobs = await self._tree.disk.run(lambda: self._write(files))
        groups = [jobs[start : start + GROUP] for start in range(0, len(jobs), GROUP)]
        done = await asyncio.gather(*(self._commit(principal, whole, group) for group in groups))
        results = [result for group in done for result in group]
        if not any(result.node for result in results):
            await self._tree.forget(whole)
        return results

    def _write(self, files: Sequence[NewFile]) -> tuple[Content, list[_Job]]:
        """Write all bytes to one extent, and make it durable. Blocks."""
        writer = self._tree.disk.contents.create(Digests(IDENTITY, small=0))
        try:
            for some in _runs(files):
                writer.write(some)
            whole = writer.finish()
        except BaseException:
            writer.discard()
            raise
        jobs, offset = [], 0
        for file in files:
            jobs.append(_job(file, whole, offset))
            offset += len(file.data)
        return whole, jobs

    async def _commit(self, principal: Principal, whole: Content, jobs: Sequence[_Job]) -> list[Stored]:
        def run(connection: Connection) -> list[Stored]:
            view = self._tree.view(connection, principal)
            results = _put_new(view, jobs, whole)
            for position, job in enumerate(jobs):
                if position not in results:
                    # What is mounted may just have changed.
                    view = self._tree.view(connection, principal) if view.mounts else view
                    results[position] = _put(view, job, whole)
            return [results[position] for position in range(len(jobs))]

        return await self._tree.database.write(run)

    async def fetch(
        self, principal: Principal, paths: Sequence[str], largest: int, limit: int = MAX_BYTES
    ) -> list[Fetched]:
        """Files, and those directly in folders, with their bytes where they have at most `largest`.

        Args:
            limit: bytes of all together; what does not fit comes without its bytes.

        Raises:
            NotFound: one of the paths is not there.
        """

        def run(connection: Connection) -> list[tuple[Node, Content | None]]:
            view = self._tree.view(connection, principal)
            places = [place for path in paths for place in _files(view, path)]
            if len(places) > MAX_FILES:
                raise BadRequest("One request can ask for {files} files.", files=MAX_FILES)
            found, left = [], limit
            for node, place in zip(view.nodes(places), places, strict=True):
                fits = node.size <= min(largest, left)
                left -= node.size if fits else 0
                found.append(
                    (node, versions.content_of(connection, place.row.version or 0) if fits else None)
                )
            return found

        found = await self._tree.database.read(run)
        contents = self._tree.disk.contents
        return await self._tree.disk.run(
            lambda: [
                Fetched(node, b"".join(contents.stretch(content, 0, content.size)) if content else None)
                for node, content in found
            ]
        )


def _job(file: NewFile, whole: Content, offset: int) -> _Job:
    digests = Digests()
    digests.update(file.data)
    size, sums = len(file.data), digests.checksums()
    pieces = tuple(replace(piece, offset=offset, length=size) for piece in whole.pieces if size)
    content = Content(size, pieces, sums)
    try:
        compare(sums, file.checksums)
    except CygnetError as error:
        return _Job(file, content, error)
    return _Job(file, content)


def _runs(files: Sequence[NewFile]) -> Iterator[bytes]:
    """The bytes of all files in runs of some size: a run costs as much as a file."""
    waiting: list[bytes] = []
    size = 0
    for file in files:
        waiting.append(file.data)
        size += len(file.data)
        if size >= BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)


def _put_new(view: View, jobs: Sequence[_Job], whole: Content) -> dict[int, Stored]:
    """Make all files that are new together: what came of each by its position; none if not all have room."""
    newcomers, added = Newcomers(view), list[int]()
    results: dict[int, Stored] = {}
    for position, job in enumerate(jobs):
        if job.error is None and job.file.conditions == NO_CONDITIONS:
            try:
                if newcomers.add(job.file.path, job.content, job.file.mtime):
                    added.append(position)
            except CygnetError as error:
                results[position] = Stored(error=error)
    if not added:
        return results
    try:
        with view.connection.begin_nested():
            _record(view, whole)
            nodes = view.nodes(newcomers.commit())
    except QuotaExceeded:
        return results
    made = zip(added, nodes, strict=True)
    return results | {position: Stored(node, created=True) for position, node in made}


def _record(view: View, whole: Content) -> None:
    """Record the extent with its whole size; again, it is the same."""
    for piece in whole.pieces:
        versions.add_extent(view.connection, piece, whole.checksums.sha256)


def _put(view: View, job: _Job, whole: Content) -> Stored:
    if job.error is not None:
        return Stored(error=job.error)
    file = job.file
    try:
        with view.connection.begin_nested():
            _record(view, whole)  # with the first file that uses it
            done = commit.put_file(view, file.path, job.content, mtime=file.mtime, conditions=file.conditions)
            return Stored(view.node(done.here or view.find(done.path)), done.created)
    except CygnetError as error:
        return Stored(error=error)


def _files(view: View, path: str) -> list[Location]:
    """The file at `path`, or those directly in the folder there."""
    here = view.find(path)
    authorize(view.principal, Action.READ, here)
    return [place for place in view.children(here) if not place.folder] if here.folder else [here]
