"""Copies between this server and another one, without the bytes passing through whoever asked for them.

A pull goes the way of any upload: durable contents first, then one commit that checks conditions, locks,
permission and quota again; what is cut off, or is not what the other server says it is, leaves nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TypeVar

from ..model.conditions import NO_CONDITIONS, Conditions
from ..model.egress import EgressPolicy, Endpoint
from ..model.errors import (
    CygnetError,
    Forbidden,
    PreconditionFailed,
    RemoteFailed,
    Unavailable,
)
from ..model.node import Checksums, Content
from ..model.principal import Principal
from ..store.contents import BLOCK, ExtentWriter
from ..store.digests import KINDS, Digests
from ..store.faults import in_our_words
from .incoming import compare
from .remote import CHECKSUM, Answer, Line, Remote, Told, refusal
from .tree import OpenFile, Tree

T = TypeVar("T")

#: Copies at a time, of all and of one person; seconds that one may take.
MOST, MOST_EACH = 16, 8
LONGEST = 12 * 3600.0


@dataclass(frozen=True)
class Order:
    """A copy that somebody asks for.

    Args:
        principal: who.
        path: of the file here.
        url: of the file there.
        headers: that the other server is to be sent.
        overwrite: whether a file may be replaced.
        verified: whether it fails when the other server has no checksum to compare with.
        conditions: of the file here, for a pull.
        mtime: of the file here, for a pull; None: now.
    """

    principal: Principal
    path: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    overwrite: bool = True
    verified: bool = False
    conditions: Conditions = NO_CONDITIONS
    mtime: float | None = None


class ThirdParty:
    """Makes copies.

    Args:
        tree: the files here.
        policy: where to and from.
    """

    def __init__(self, tree: Tree, policy: EgressPolicy) -> None:
        self._tree = tree
        self._remote = Remote(policy)
        self._enabled = policy.enabled
        self._workers = ThreadPoolExecutor(MOST, thread_name_prefix="sync-copy")
        self._lines: dict[Line, str] = {}

    def close(self) -> None:
        """End all copies. Blocks until they are."""
        for line in list(self._lines):
            line.end()
        self._workers.shutdown()

    @asynccontextmanager
    async def line(self, principal: Principal) -> AsyncIterator[Line]:
        """What a copy goes over; with the block it ends.

        Raises:
            Forbidden: there are none here, or none for the holder of a link.
            Unavailable: too many are under way.
        """
        if principal.kind != "user":
            raise Forbidden("Copies between servers are for people with an account here.")
        if not self._enabled:
            raise Forbidden("Copies between servers are not allowed here; an administrator can allow them.")
        each = Counter(self._lines.values())
        if len(self._lines) >= MOST or each[principal.name] >= MOST_EACH:
            raise Unavailable("Too many copies are under way. Please try again in a moment.")
        line = Line(LONGEST)
        self._lines[line] = principal.name
        try:
            yield line
        finally:
            line.end()
            del self._lines[line]

    async def pull(self, order: Order, line: Line) -> asyncio.Task[None]:
        """Begin to fetch a file; the task ends when it is here.

        Raises:
            what `Tree.check_put` raises, or the other server's refusal.
        """
        endpoint = self._remote.find(order.url)
        order.principal.note(f"pull from {endpoint.netloc}", order.path)
        await self._tree.check_put(order.principal, order.path, 0, order.conditions)
        answer, told = await self._run(lambda: self._asked(endpoint, order, line))
        try:
            await self._tree.check_put(order.principal, order.path, told.size, order.conditions)
        except CygnetError:
            answer.close()
            raise
        return asyncio.create_task(self._fetch(order, line, answer, told), name="copy-pull")

    def _asked(self, endpoint: Endpoint, order: Order, line: Line) -> tuple[Answer, Told]:
        """The file there, about to be read, and what is known of it."""
        before = self._remote.head(endpoint, order.headers, line)
        known = before.told if before.status == 200 else Told(None, {})
        answer = self._remote.get(endpoint, order.headers, line)
        now = answer.told
        told = Told(known.size if now.size is None else now.size, now.checksums or known.checksums)
        encoding = answer.headers.get("Content-Encoding", "identity")
        problem: CygnetError | None = None
        if told.size is None or (known.size is not None and known.size != told.size):
            problem = RemoteFailed("The other server does not say how long the file is.")
        elif encoding != "identity":
            problem = RemoteFailed("The other server sends the file in a form that was not asked for.")
        elif order.verified and not told.checksums:
            problem = _no_checksum()
        if problem is not None:
            answer.close()
            raise problem
        return answer, told

    async def _fetch(self, order: Order, line: Line, answer: Answer, told: Told) -> None:
        content = await self._run(lambda: self._received(line, answer, told))
        try:
            line.check()
        except CygnetError:
            await self._tree.forget(content)
            raise
        await self._tree.put(
            order.principal, order.path, content, mtime=order.mtime, conditions=order.conditions
        )

    def _received(self, line: Line, answer: Answer, told: Told) -> Content:
        contents = self._tree.disk.contents
        writer = contents.create(contents.digests(told.checksums))
        try:
            _pour(answer, line, writer, told.size or 0)
            compare(writer.digests.checksums(), told.checksums)
            return writer.finish()
        except BaseException:
            writer.discard()
            raise
        finally:
            answer.close()

    async def push(self, order: Order, line: Line) -> asyncio.Task[None]:
        """Begin to bring a file; the task ends when it is there.

        Raises:
            what `Tree.open` raises, or the other server's refusal.
        """
        endpoint = self._remote.find(order.url)
        order.principal.note(f"push to {endpoint.netloc}", order.path)
        file = await self._tree.open(order.principal, order.path)
        answer = await self._run(lambda: self._offered(endpoint, order, file, line))
        return asyncio.create_task(
            self._run(lambda: self._brought(endpoint, order, file, line, answer)), name="copy-push"
        )

    def _offered(self, endpoint: Endpoint, order: Order, file: OpenFile, line: Line) -> Answer:
        """A connection that waits for the file."""
        headers = {**order.headers, "OC-Checksum": file.content.checksums.header()}
        if not order.overwrite:
            if self._remote.head(endpoint, order.headers, line).status == 200:
                raise PreconditionFailed("The other server has such a file already.")
            headers["If-None-Match"] = "*"
        return self._remote.put(endpoint, headers, file.content.size, line)

    def _brought(self, endpoint: Endpoint, order: Order, file: OpenFile, line: Line, answer: Answer) -> None:
        digests = Digests(KINDS - file.content.checksums.kinds, small=0)
        try:
            for block in file.disk.contents.stretch(file.content, 0, file.content.size):
                line.check()
                answer.connection.send(block)
                digests.update(block)
                line.moved += len(block)
            response = answer.connection.getresponse()
            status = response.status
            response.close()
        finally:
            answer.close()
        if status not in (200, 201, 204):
            raise refusal(status)
        self._check_there(endpoint, order, file, digests.checksums(), line)

    def _check_there(
        self, endpoint: Endpoint, order: Order, file: OpenFile, sent: Checksums, line: Line
    ) -> None:
        """Compare what the other server now has with what was sent, of which `sent` was not known before."""
        there = self._remote.head(endpoint, order.headers, line, CHECKSUM)
        told = there.told
        if there.status == 200 and told.size not in (None, file.content.size):
            raise RemoteFailed("The other server did not keep the whole file.")
        if order.verified and not (there.status == 200 and told.checksums):
            raise _no_checksum()
        if there.status == 200:
            compare(file.content.checksums.or_else(sent), told.checksums)

    async def _run(self, call: Callable[[], T]) -> T:
        """The result of `call`, made by a thread for copies."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._workers, call)
        except (OSError, HTTPException) as error:
            told = in_our_words(error)
            if isinstance(told, CygnetError):
                raise told from error
            raise RemoteFailed("The connection to the other server broke.") from error


def _no_checksum() -> CygnetError:
    return RemoteFailed("The other server has no checksum of the file.")


def _pour(answer: Answer, line: Line, writer: ExtentWriter, size: int) -> None:
    """Store the `size` bytes of a body.

    Raises:
        RemoteFailed: more or fewer came.
    """
    response = answer.response
    while response is not None and line.moved <= size and (block := response.read(BLOCK)):
        line.check()
        writer.write(block)
        line.moved += len(block)
    line.check()
    if line.moved != size:
        raise RemoteFailed("The other server announced {size} bytes and sent more or fewer.", size=size)
