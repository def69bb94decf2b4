"""Small files that come one by one: those that wait at the same time are written and committed together.

The first file goes at once, and what comes while it is on its way goes together.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from sqlalchemy import Connection

from ..model.errors import CygnetError, Unavailable
from ..model.node import Content, Node
from ..model.principal import Principal
from ..store.faults import in_our_words
from . import together
from .together import Job, NewFile, Stored
from .tree import Tree

#: Bytes of one file.
MAX_BYTES = 64 << 10
#: Files that go together at most.
MOST = 128
#: Seconds for which a group waits at most for those who were in the one before it.
LONGEST_WAIT = 0.010
#: Threads where writing means asking a server elsewhere, which takes long; on a disk they would queue there.
REMOTE_THREADS = 4


class Unsure(Exception):
    """Something failed while a change was made durable: whether it was made is not known.

    Args:
        cause: what failed.
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of one file; `orphan`: an extent that nothing refers to, to be deleted by who gets it."""

    stored: Stored
    orphan: Content | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """A file that waits, and the task that waits for it."""

    principal: Principal
    file: NewFile
    future: asyncio.Future[_Result]


_Answers = list[tuple[_Request, _Result | BaseException]]


class SmallFiles:
    """Stores small files.

    Args:
        tree: where they go.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._coming: list[_Request] = []
        self._waiting: queue.SimpleQueue[list[_Request] | None] = queue.SimpleQueue()
        count = 1 if tree.disk.contents.local else REMOTE_THREADS
        self._threads = [
            threading.Thread(target=self._work, name=f"sync-small-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def put(self, principal: Principal, file: NewFile) -> tuple[Node, bool]:
        """Make a file of at most `MAX_BYTES`, as `Tree.put` does: (its node, whether it is new).

        Raises:
            ChecksumMismatch: other bytes than announced. Also what `Tree.put` raises: nothing was changed.
            Unsure: the commit failed.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Result] = loop.create_future()
        if not self._coming:
            loop.call_soon(self._hand_over, loop, 0)
        self._coming.append(_Request(principal, file, future))
        result = await future
        if result.orphan is not None:
            await self._tree.forget(result.orphan)
        stored = result.stored
        if stored.node is None:
            raise stored.error or Unavailable("Nothing was stored.")
        return stored.node, stored.created

    def close(self) -> None:
        """Take what waits to the database, and end. Blocks."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _hand_over(self, loop: asyncio.AbstractEventLoop, known: int) -> None:
        """Let a thread have what has come, as soon as a turn of the loop brings no more."""
        if known < len(self._coming) < MOST:
            loop.call_soon(self._hand_over, loop, len(self._coming))
            return
        self._waiting.put(self._coming)
        self._coming = []

    def _work(self) -> None:
        going, before, until = True, 0, 0.0
        while going:
            requests: list[_Request] = []
            going = self._collect(requests, before, until)
            begun = time.monotonic()
            if requests:
                self._store(requests)
            ended = time.monotonic()
            before, until = len(requests), ended + min((ended - begun) / 2, LONGEST_WAIT)

    def _collect(self, requests: list[_Request], before: int, until: float) -> bool:
        """Wait for requests, and take those behind them; False when asked to end.

        Who has just been answered often has more to send. That is waited for a little, since twice as many
        at a time take hardly longer; nobody waits when nothing was on its way just now.

        Args:
            before: how many went the last time.
            until: when they are waited for no longer, by the monotonic clock.
        """
        expected = before + self._waiting.qsize()  # those of the last time are not among who waits by now
        while len(requests) < MOST:
            left = until - time.monotonic() if len(requests) < expected else 0.0
            try:
                more = self._waiting.get(timeout=max(left, 0.0) if requests else None)
            except queue.Empty:
                return True
            if more is None:
                return False
            requests += more
        return True

    def _store(self, requests: Sequence[_Request]) -> None:
        files = [(request.principal, request.file) for request in requests]
        try:
            whole, jobs = together.write(self._tree.disk.contents, files)
        except Exception as error:  # noqa: BLE001 - delivered to whoever asked; nothing of it is anywhere
            _answer([(request, in_our_words(error)) for request in requests])
            return
        done = self._tree.database.write_soon(lambda connection: self._commit(connection, whole, jobs))
        done.add_done_callback(lambda future: _answer(_answers(requests, whole, future)))
        # The more that come meanwhile, the more go together: half as many at a time would not be faster.
        done.exception()

    def _commit(self, connection: Connection, whole: Content, jobs: Sequence[Job]) -> list[Stored]:
        """Commit files, those of one principal together."""
        by_principal: dict[Principal, list[int]] = {}
        for position, job in enumerate(jobs):
            by_principal.setdefault(job.principal, []).append(position)
        results: dict[int, Stored] = {}
        for principal, positions in by_principal.items():
            mine = [jobs[position] for position in positions]
            results |= zip(positions, self._put(connection, principal, mine, whole), strict=True)
        return [results[position] for position in range(len(jobs))]

    def _put(
        self, connection: Connection, principal: Principal, jobs: Sequence[Job], whole: Content
    ) -> list[Stored]:
        try:
            return together.put(self._tree.view(connection, principal), jobs, whole)
        except CygnetError as error:  # this principal may do nothing at all
            return [Stored(error=error)] * len(jobs)


def _answers(requests: Sequence[_Request], whole: Content, done: Future[list[Stored]]) -> _Answers:
    """What to tell each: its own result, or that nobody knows."""
    failure = done.exception()
    if failure is not None:
        return [(request, Unsure(failure)) for request in requests]
    results = done.result()
    used = any(stored.node for stored in results)
    orphans = [None if used or number else whole for number in range(len(results))]
    return [
        (request, _Result(stored, orphan))
        for request, stored, orphan in zip(requests, results, orphans, strict=True)
    ]


def _answer(answers: _Answers) -> None:
    """Wake the tasks, each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, _Answers] = {}
    for request, result in answers:
        by_loop.setdefault(request.future.get_loop(), []).append((request, result))
    for loop, some in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it those who waited
            loop.call_soon_threadsafe(_tell, some)


def _tell(answers: _Answers) -> None:
    for request, result in answers:
        if request.future.done():
            continue
        if isinstance(result, _Result):
            request.future.set_result(result)
        else:
            request.future.set_exception(result)
