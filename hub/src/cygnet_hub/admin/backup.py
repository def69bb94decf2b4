"""A backup is a data directory: made of a running platform, and brought back as one that clients trust.

Contents never change, so they are linked where that is possible. They are taken before the database, so that
nothing that the database shows can have been cleared away meanwhile, and again after it for what is new.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

from cygnet_hub.config.layout import Layout
from cygnet_hub.config.storage import sync_urls
from cygnet_hub.errors import PlatformError
from cygnet_hub.services.sync.service.restored import set_off
from cygnet_hub.services.sync.store.database import Database


def back_up(layout: Layout, target: Path) -> int:
    """Copy a platform, running or not, to `target`; all but the homes of sessions, and logs. Blocks.

    Returns:
        how many extents it holds.

    Raises:
        PlatformError: `target` is not empty, or metadata or contents are not in the data directory.
    """
    _require_local(layout)
    _require_empty(target)
    copy = Layout(target)
    for folder in (target, copy.sync, copy.hub, copy.secrets):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _link_contents(layout, copy)
    _copy_database(layout.sync / "sync.db", copy.sync / "sync.db")
    if layout.hub_database.exists():
        _copy_database(layout.hub_database, copy.hub_database)
    _link_contents(layout, copy)
    for name in ("secrets", "sync/instance.key", "cygnet.toml", "jupyterhub_config.py", "VERSION"):
        _copy(layout.data / name, target / name)
    return _complete(copy)


def restore(source: Path, layout: Layout) -> int:
    """Make an empty data directory of a backup, that clients know to be older. Blocks.

    Returns:
        how many extents it holds.

    Raises:
        PlatformError: `source` is not a whole backup, or the data directory is not empty.
    """
    if not (source / "sync" / "sync.db").exists():
        raise PlatformError(f"{source} is not a backup.")
    _complete(Layout(source))
    _require_empty(layout.data)
    shutil.copytree(source, layout.data, copy_function=_link_or_copy, dirs_exist_ok=True)
    # The databases are written to, so they must not be the backup's own.
    for name in ("sync/sync.db", "hub/jupyterhub.sqlite"):
        if (source / name).exists():
            (layout.data / name).unlink()
            shutil.copy2(source / name, layout.data / name)
    _set_off(layout.sync / "sync.db")
    return _complete(layout)


def _require_local(layout: Layout) -> None:
    urls = sync_urls(layout)
    if not urls.database.startswith("sqlite") or not urls.storage.startswith("file"):
        raise PlatformError(
            "Metadata or contents are in PostgreSQL or S3. Back them up with their own tools: first the"
            " database (pg_dump), then the bucket, then the data directory. After restoring them, and before"
            " starting the platform, run `cygnet admin restored`."
        )


def _require_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise PlatformError(f"{folder} is not empty.")


def _copy_database(source: Path, target: Path) -> None:
    """One consistent moment of a SQLite database that others may be writing to."""
    with (
        contextlib.closing(sqlite3.connect(source, timeout=60)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
    target.chmod(0o600)


def _link_contents(layout: Layout, copy: Layout) -> None:
    root = layout.sync / "contents"
    for path in root.rglob("*"):
        target = copy.sync / "contents" / path.relative_to(root)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True, mode=0o700)
        elif not path.name.endswith(".part") and not target.exists():
            with contextlib.suppress(FileNotFoundError):  # cleared away in this moment
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                _link_or_copy(path, target)


def _link_or_copy(source: Path | str, target: Path | str) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.exists():
        shutil.copy2(source, target)


def _complete(layout: Layout) -> int:
    """How many extents the database of a backup shows, all of which must be there whole."""
    with contextlib.closing(sqlite3.connect(f"file:{layout.sync}/sync.db?mode=ro", uri=True)) as database:
        extents = database.execute("SELECT key, size FROM extent").fetchall()
        extents_used = {row[0] for row in database.execute("SELECT DISTINCT extent FROM manifest_piece")}
        ids = dict(database.execute("SELECT key, id FROM extent").fetchall())
    for key, size in extents:
        path = layout.sync / "contents" / key[:2] / key
        if ids[key] in extents_used and (not path.exists() or path.stat().st_size != size):
            raise PlatformError(f"The backup is not whole: extent {key} is missing.")
    return len(extents)


def _set_off(path: Path) -> None:
    database = Database.open(f"sqlite:///{path}")
    try:
        database.write_now(set_off)
    finally:
        database.close()
