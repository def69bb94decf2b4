"""The database: readers in a few threads, one for short looks, one writer thread that commits in groups.

Every write is a function of a connection. The writer runs those that wait in one transaction, each in a
savepoint of its own, and answers only after COMMIT: an acknowledged change is durable, and a hundred
concurrent ones cost one flush of the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from .dialects import open_engine
from .faults import in_our_words
from .neighbours import Presence, Watcher
from .prepared import savepoint
from .stillness import Stillness
from .upgrade import upgrade

T = TypeVar("T")

GROUP_SECONDS = 0.020
GROUP_OPERATIONS = 200
READERS = 4
#: Looks that are taken together.
LOOKS = 16


@dataclass(frozen=True, slots=True)
class _Job:
    """A write that waits for the writer thread, and whoever waits for it: a thread, or a task of a loop."""

    run: Callable[[Connection], Any]
    future: Future[Any] | asyncio.Future[Any]


#: A job, what it returned, what it raised.
_Done = tuple[_Job, Any, BaseException | None]


class Database:
    """One store behind a SQLAlchemy URL.

    Args:
        engine: connected to a database whose tables exist.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sync-read")
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._listeners: list[Callable[[], None]] = []
        self._writer = threading.Thread(target=self._write_loop, name="sync-write", daemon=True)
        self._writer.start()
        self._looks: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._looker = threading.Thread(target=self._look_loop, name="sync-look", daemon=True)
        self._looker.start()
        self.presence = Presence(engine)
        self.stillness = Stillness(engine)
        self._watcher: Watcher | None = None

    @classmethod
    def open(cls, url: str) -> Database:
        """Connect, bring the tables up to date and start the writer. Blocks.

        Args:
            url: a SQLAlchemy URL, `sqlite:///path` or `postgresql+psycopg://...`.
        """
        engine = open_engine(url, READERS)
        upgrade(engine)
        return cls(engine)

    async def read(self, run: Callable[[Connection], T]) -> T:
        """The result of `run` on a reader's connection: one consistent snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, run)

    def read_now(self, run: Callable[[Connection], T]) -> T:
        """`read` for callers that are already in a thread."""
        try:
            with self.engine.connect() as connection, connection.begin():
                return run(connection)
        except (DBAPIError, OSError) as error:
            raise in_our_words(error) from error

    async def look(self, run: Callable[[Connection], T]) -> T:
        """`read` for what takes no time: those that wait are done together, by one thread in one snapshot.

        Threads that take turns at a few statements each spend most of their time on taking turns. A server
        elsewhere is asked by several at once instead, since the way there is what takes time.
        """
        if self.engine.dialect.name != "sqlite":
            return await self.read(run)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._looks.put(_Job(run, future))
        return await future

    async def write(self, run: Callable[[Connection], T]) -> T:
        """The result of `run` in the writer's transaction, once durable; what it raises undoes it alone."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put(_Job(run, future))
        # Shielded: once queued it will be committed, whether or not the client still waits.
        return await asyncio.shield(future)

    def write_now(self, run: Callable[[Connection], T]) -> T:
        """`write` for callers that are in a thread and may block."""
        return self.write_soon(run).result()

    def write_soon(self, run: Callable[[Connection], T]) -> Future[T]:
        """`write` for callers that are in a thread and go on meanwhile."""
        future: Future[T] = Future()
        self._jobs.put(_Job(run, future))
        return future

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` in some thread after every commit of any process; it must return at once."""
        self._listeners.append(listener)

    def watch(self) -> None:
        """From now on tell the listeners also what other processes on this database commit."""
        self._watcher = Watcher(self.engine, self._committed)

    def _committed(self) -> None:
        for listener in self._listeners:
            listener()

    def close(self) -> None:
        """Finish the writes that wait, then disconnect. Blocks."""
        if self._watcher is not None:
            self._watcher.stop()
        self._jobs.put(None)
        self._writer.join()
        self._looks.put(None)
        self._looker.join()
        self._readers.shutdown()
        self.presence.leave()
        self.stillness.close()
        self.engine.dispose()

    def _look_loop(self) -> None:
        while (job := self._looks.get()) is not None:
            # All of them before the snapshot is taken: each sees what was committed before it was asked.
            jobs = [job, *_waiting(self._looks, LOOKS - 1)]
            _answer(self._look(jobs))

    def _look(self, jobs: Sequence[_Job]) -> list[_Done]:
        try:
            with self.engine.connect() as connection, connection.begin():
                return [(job, *_outcome(connection, job)) for job in jobs]
        except (DBAPIError, OSError) as error:
            return [(job, None, error) for job in jobs]

    def _write_loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            if not self._commit_group(job):
                return

    def _commit_group(self, first: _Job) -> bool:
        """Run `first` and whatever waits behind it in one transaction; False when asked to stop."""
        done: list[_Done] = []
        going = True
        try:
            with (
                self.engine.connect().execution_options(cygnet_write=True) as connection,
                connection.begin(),
            ):
                going = self._run_group(connection, first, done)
        except BaseException as error:  # noqa: BLE001 - COMMIT itself failed: nobody's write is durable, everyone is told
            done = [(job, None, failure or error) for job, _, failure in done]
            if not any(job is first for job, _, _ in done):
                done.append((first, None, error))
        self._committed()
        _answer(done)
        return going

    def _run_group(self, connection: Connection, first: _Job, done: list[_Done]) -> bool:
        end = time.monotonic() + GROUP_SECONDS
        job: _Job | None = first
        while job is not None:
            done.append((job, *_attempt(connection, job)))
            failure = done[-1][2]
            if failure is not None and _is_undone(connection):
                raise failure
            if len(done) >= GROUP_OPERATIONS or time.monotonic() > end:
                return True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return True
        return False


def _waiting(jobs: queue.SimpleQueue[_Job | None], most: int) -> Iterator[_Job]:
    """What waits in a queue and is no request to stop; that one is put back."""
    for _ in range(most):
        if jobs.empty():
            return
        job = jobs.get()
        if job is None:
            jobs.put(None)
            return
        yield job


def _outcome(connection: Connection, job: _Job) -> tuple[Any, BaseException | None]:
    try:
        return job.run(connection), None
    except BaseException as error:  # noqa: BLE001 - delivered to whoever asked; the others go on
        return None, error


def _attempt(connection: Connection, job: _Job) -> tuple[Any, BaseException | None]:
    try:
        with savepoint(connection, "cygnet_job"):
            return job.run(connection), None
    except BaseException as error:  # noqa: BLE001 - delivered to whoever asked; the group goes on without this one
        return None, error


def _is_undone(connection: Connection) -> bool:
    """Whether the database has rolled back all of the transaction by itself, as SQLite does on a full disk.

    What is run after that would be committed at once, and what was run before is lost.
    """
    return connection.dialect.name == "sqlite" and not getattr(connection.connection, "in_transaction", True)


def _answer(done: Sequence[_Done]) -> None:
    """Tell everybody: threads one by one, each event loop once for all of its tasks."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Done]] = {}
    for item in done:
        future = item[0].future
        if isinstance(future, Future):
            _tell([item])
        else:
            by_loop.setdefault(future.get_loop(), []).append(item)
    for loop, items in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it those who waited
            loop.call_soon_threadsafe(_tell, items)


def _tell(done: Sequence[_Done]) -> None:
    for job, result, failure in done:
        if job.future.done():
            continue
        if failure is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(in_our_words(failure))
