"""What SQLite and PostgreSQL must be told so that both keep the same promises.

There is one writer at a time, whatever the number of processes, so that the journal has the order of the
commits: SQLite's `BEGIN IMMEDIATE`, PostgreSQL's advisory lock. A reader sees one moment.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from ..model.errors import BadRequest
from .prepared import execute

#: Connections beyond those of the readers: the writer's, the looker's, the watcher's, and one for commands.
FURTHER = 4
#: What our locks in PostgreSQL are called; a database of our own has no others.
WRITER_LOCK, PRESENCE_LOCK, LEAD_LOCK = 0x63796731, 0x63796732, 0x63796733
CHANNEL = "cygnet_changes"


def open_engine(url: str, readers: int) -> Engine:
    """An engine for `url`, set up for its database.

    Args:
        url: `sqlite:///path` or `postgresql://user@host/name`.

    Raises:
        BadRequest: it is not the address of a database, or of one of another kind.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadRequest("This is not the address of a database.") from error
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, readers)
    if parsed.get_backend_name() != "postgresql":
        raise BadRequest("The database must be SQLite or PostgreSQL.")
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"), pool_size=readers + FURTHER, pool_pre_ping=True
    )
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _sqlite(url: str, readers: int) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=readers + FURTHER,
        connect_args={"check_same_thread": False, "timeout": 30},
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that writers can say IMMEDIATE
    connection.create_function("lower", 1, _lower, deterministic=True)  # its own knows ASCII only
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "mmap_size=268435456"):
        connection.execute(f"PRAGMA {pragma}").close()


def _lower(value: str | None) -> str | None:
    return None if value is None else value.lower()


def _is_writing(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("cygnet_write", False))


def _begin_sqlite(connection: Connection) -> None:
    # Said to the driver itself: SQLAlchemy's way to it takes longer than a small look.
    execute(connection, "BEGIN IMMEDIATE" if _is_writing(connection) else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if not _is_writing(connection):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return
    # Each statement after the lock sees what the writer before has committed.
    connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": WRITER_LOCK})
    # Sent when this transaction commits.
    connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
