"""The database of a backup: taken from the platform's, and brought back to that of another.

In a backup it is always SQLite, so that it needs no server to be looked at, and can move to the other kind.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url

from cygnet_hub.accounts.quiet import quiet
from cygnet_hub.errors import PlatformError
from cygnet_hub.services.sync.service.restored import set_off
from cygnet_hub.services.sync.store.dialects import open_engine
from cygnet_hub.services.sync.store.moving import is_unused, move_all
from cygnet_hub.services.sync.store.upgrade import upgrade


def take(url: str, target: Path) -> None:
    """Copy one moment of a database, that others may be writing to, to a file of SQLite. Blocks.

    Raises:
        PlatformError: it is of another version.
    """
    if url.startswith("sqlite"):
        copy_sqlite(path_of(url), target)
        return
    with appearing(target) as draft:
        _move(url, f"sqlite:///{draft}")


def bring(backup: Path, url: str, work: Path) -> None:
    """Make a database of that in a backup, and tell it from the one that it was copied from. Blocks.

    Args:
        backup: its file.
        url: of a database of SQLite, which is replaced, or of an unused one of PostgreSQL.
        work: a file that is used meanwhile.

    Raises:
        PlatformError: the one of PostgreSQL is in use.
    """
    if url.startswith("sqlite"):
        with appearing(path_of(url)) as draft:
            _copy_up_to_date(backup, draft, set_off)
        return
    work.unlink(missing_ok=True)
    try:
        _copy_up_to_date(backup, work)
        _move(f"sqlite:///{work}", url, set_off)
    finally:
        work.unlink(missing_ok=True)


def require_unused(url: str) -> None:
    """See that a database may be filled. Blocks.

    Raises:
        PlatformError: a service keeps something in it.
    """
    if url.startswith("sqlite"):
        found = path_of(url).exists()
    else:
        with _engine(url) as engine:
            found = not is_unused(engine)
    if found:
        raise PlatformError("The database is in use already; choose an empty one.")


def path_of(url: str) -> Path:
    """The file of a database of SQLite."""
    return Path(make_url(url).database or "")


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy one moment of a SQLite database that others may be writing to. Blocks."""
    with (
        appearing(target) as draft,
        contextlib.closing(sqlite3.connect(source, timeout=60)) as old,
        contextlib.closing(sqlite3.connect(draft)) as new,
    ):
        old.backup(new)


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A file that is written under another name, and has its own once the block is over."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    yield draft
    draft.chmod(0o600)
    draft.rename(path)


def _copy_up_to_date(backup: Path, copy: Path, finish: Callable[[Connection], None] | None = None) -> None:
    shutil.copyfile(backup, copy)
    with _engine(f"sqlite:///{copy}") as engine:
        upgrade(engine)
        if finish is not None:
            with engine.connect().execution_options(cygnet_write=True) as connection, connection.begin():
                finish(connection)


def _move(source: str, target: str, finish: Callable[[Connection], None] | None = None) -> None:
    with _engine(source) as old, _engine(target) as new:
        try:
            move_all(old, new, finish)
        except ValueError as wrong:
            raise PlatformError(
                "The database is of another version of Cygnet: use that version, or start the platform"
                " with this one first."
            ) from wrong


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    with quiet():
        engine = open_engine(url, readers=1)
        try:
            yield engine
        finally:
            engine.dispose()
