"""Other processes on the same database: whether there are any, and that they wrote something.

Each process that serves holds a shared lock for as long as it lives. One that gets the lock for itself alone
knows that nobody else is serving, so that marks of running processes are of dead ones.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from .dialects import CHANNEL, LEAD_LOCK, PRESENCE_LOCK

log = logging.getLogger(__name__)

#: How often SQLite is asked whether somebody else wrote: a comparison of two numbers in shared memory.
POLL_SECONDS = 0.04
#: How long PostgreSQL is listened to before it is seen whether to stop.
LISTEN_SECONDS = 1.0


class _Lock:
    """A lock that ends with its process: on a file beside SQLite's, or of a connection to PostgreSQL.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file: int | None = None
        self._connection: Any = None

    def leave(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Presence(_Lock):
    """The lock of one serving process."""

    def enter(self) -> bool:
        """Take the lock, and say whether nobody else was serving. Blocks for a moment."""
        if self._engine.dialect.name == "postgresql":
            return self._enter_postgresql()
        path = f"{self._engine.url.database}.serving"
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            fcntl.flock(self._file, fcntl.LOCK_SH)
            return False

    def share(self) -> None:
        """Let others serve too, once what had to be done alone is done."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_SH)
        if self._connection is not None:
            self._connection.execute(f"SELECT pg_advisory_lock_shared({PRESENCE_LOCK})")
            self._connection.execute(f"SELECT pg_advisory_unlock({PRESENCE_LOCK})")

    def _enter_postgresql(self) -> bool:
        self._connection = own_connection(self._engine)
        row = self._connection.execute(f"SELECT pg_try_advisory_lock({PRESENCE_LOCK})").fetchone()
        if not row[0]:
            self._connection.execute(f"SELECT pg_advisory_lock_shared({PRESENCE_LOCK})")
        return bool(row[0])


def own_connection(engine: Engine) -> Any:
    """A connection to PostgreSQL outside of the pool, each statement a transaction of its own."""
    connection = engine.raw_connection()
    driver: Any = connection.driver_connection
    connection.detach()
    driver.autocommit = True
    return driver


class Lead(_Lock):
    """Which of the processes on a database does what one has to do for all; when it ends, another."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._lock = threading.Lock()

    def mine(self) -> bool:
        """Take the lead if nobody has it, and say whether it is ours. Blocks for a moment.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        with self._lock:
            if self._engine.dialect.name == "postgresql":
                return self._mine_in_postgresql()
            return self._file is not None or self._take_file()

    def leave(self) -> None:
        """Let another have it."""
        with self._lock:
            super().leave()

    def _take_file(self) -> bool:
        file = os.open(f"{self._engine.url.database}.lead", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def _mine_in_postgresql(self) -> bool:
        if self._connection is None:
            self._connection = own_connection(self._engine)
        # A lock of the connection, and so lost with it. One that is held is counted up, which does no harm.
        try:
            row = self._connection.execute(f"SELECT pg_try_advisory_lock({LEAD_LOCK})").fetchone()
        except self._engine.dialect.dbapi.Error:  # type: ignore[union-attr]
            self._connection = None
            log.warning("the lead is lost with the connection to the database", exc_info=True)
            return False
        return bool(row[0])


class Watcher:
    """Calls back in a thread of its own when another process may have written.

    Args:
        engine: of the database.
        call: must return at once.
    """

    def __init__(self, engine: Engine, call: Callable[[], None]) -> None:
        self._engine, self._call = engine, call
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sync-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread. Blocks for up to a second."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        watch = self._listen if self._engine.dialect.name == "postgresql" else self._poll
        while not self._over.is_set():
            try:
                watch()
            except (DBAPIError, OSError, self._engine.dialect.dbapi.Error):  # type: ignore[union-attr]
                # Listeners also look at the journal themselves, less often.
                log.warning("cannot watch the database; trying again", exc_info=True)
                self._over.wait(LISTEN_SECONDS)

    def _poll(self) -> None:
        with self._engine.connect() as connection:
            seen = None
            while not self._over.wait(POLL_SECONDS):
                raw = connection.connection.driver_connection.execute("PRAGMA data_version")  # type: ignore[union-attr]
                version = raw.fetchone()
                if version != seen:
                    seen = version
                    self._call()

    def _listen(self) -> None:
        with contextlib.closing(own_connection(self._engine)) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._over.is_set():
                for _ in connection.notifies(timeout=LISTEN_SECONDS):
                    self._call()
