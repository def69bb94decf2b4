"""Files whose bytes lie one behind the other in one extent: flushed once, and committed in one transaction.

An extent stays until nothing refers to any part of it, whoever the files in it belong to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..model.conditions import NO_CONDITIONS, Conditions
from ..model.errors import CygnetError, QuotaExceeded
from ..model.node import Content, Node
from ..model.principal import Principal
from ..store import versions
from ..store.contents import BLOCK, Contents
from ..store.digests import IDENTITY, Digests
from ..store.prepared import savepoint
from . import commit, incoming
from .newcomers import Newcomers
from .view import View


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
class Job:
    """A file on its way into the tree.

    Args:
        principal: whose request it is; what is done for it is noted there.
        content: a stretch of the extent.
        error: its bytes are not those that were announced; they are not in the extent.
    """

    principal: Principal
    file: NewFile
    content: Content
    error: CygnetError | None = None


def write(contents: Contents, files: Sequence[tuple[Principal, NewFile]]) -> tuple[Content, list[Job]]:
    """Write the bytes of all files to one extent, and make it durable. Blocks.

    Returns:
        What is in the extent, and the files in their order.
    """
    checked = [_checked(principal, file) for principal, file in files]
    whole = _extent(contents, [job.file.data for job in checked if job.error is None])
    jobs, offset = [], 0
    for job in checked:
        size = job.content.size if job.error is None else 0
        pieces = tuple(replace(piece, offset=offset, length=size) for piece in whole.pieces if size)
        jobs.append(replace(job, content=replace(job.content, pieces=pieces)))
        offset += size
    return whole, jobs


def _checked(principal: Principal, file: NewFile) -> Job:
    digests = Digests()
    digests.update(file.data)
    sums = digests.checksums()
    content = Content(len(file.data), (), sums)
    try:
        incoming.compare(sums, file.checksums)
    except CygnetError as error:
        return Job(principal, file, content, error)
    return Job(principal, file, content)


def _extent(contents: Contents, blocks: Sequence[bytes]) -> Content:
    writer = contents.create(Digests(IDENTITY, small=0))
    try:
        for some in _runs(blocks):
            writer.write(some)
        return writer.finish()
    except BaseException:
        writer.discard()
        raise


def _runs(blocks: Sequence[bytes]) -> Iterator[bytes]:
    """The same bytes in runs of some size: a run costs as much as a file."""
    waiting: list[bytes] = []
    size = 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)


def put(view: View, jobs: Sequence[Job], whole: Content) -> list[Stored]:
    """Make files of one principal part of the tree, each for itself.

    Args:
        view: of the writer's transaction; of a principal who is the one of all jobs.
        whole: the extent.
    """
    results = _put_new(view, jobs, whole)
    for position, job in enumerate(jobs):
        if position not in results:
            view = view.again()  # what is mounted may just have changed
            results[position] = _put(view, job, whole)
    return [results[position] for position in range(len(jobs))]


def _put_new(view: View, jobs: Sequence[Job], whole: Content) -> dict[int, Stored]:
    """Make all files that are new together: what came of each by its position; none if not all have room."""
    newcomers, added = Newcomers(view), list[int]()
    results: dict[int, Stored] = {}
    for position, job in enumerate(jobs):
        if job.error is None and job.file.conditions == NO_CONDITIONS:
            try:
                if newcomers.add(job.principal, job.file.path, job.content, job.file.mtime):
                    added.append(position)
            except CygnetError as error:
                results[position] = Stored(error=error)
    if not added:
        return results
    try:
        with savepoint(view.connection, "cygnet_new"):
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


def _put(view: View, job: Job, whole: Content) -> Stored:
    if job.error is not None:
        return Stored(error=job.error)
    file, view.principal = job.file, job.principal
    try:
        with savepoint(view.connection, "cygnet_new"):
            _record(view, whole)  # with the first file that uses it
            done = commit.put_file(view, file.path, job.content, mtime=file.mtime, conditions=file.conditions)
            return Stored(view.nodes([done.here or view.find(done.path)])[0], done.created)
    except CygnetError as error:
        return Stored(error=error)
