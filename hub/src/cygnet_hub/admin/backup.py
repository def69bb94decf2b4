"""A backup is a data directory with SQLite and a folder of contents, wherever the platform has them.

Contents never change. They are taken before the database, so that nothing that the database shows can have
been cleared away meanwhile, and again after it for what is new. What was broken off goes on where it was.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cygnet_hub.admin import databases
from cygnet_hub.admin.addresses import set_addresses
from cygnet_hub.admin.extents import Progress, bring
from cygnet_hub.config.layout import Layout
from cygnet_hub.config.storage import Urls, local_urls, sync_urls
from cygnet_hub.errors import PlatformError
from cygnet_hub.services.sync.store.contents import Contents

#: What is copied besides the files of people. `VERSION` comes last: it makes a folder a data directory.
_OTHERS = (
    "secrets",
    "sync/instance.key",
    "sync/token-issuers.toml",
    "cygnet.toml",
    "jupyterhub_config.py",
)
#: Files that stand in a folder as long as it is not whole.
_TAKING, _BRINGING = "unfinished-backup", "unfinished-restore"


def back_up(layout: Layout, target: Path, progress: Progress, *, again: bool = False) -> int:
    """Copy a platform, running or not, to `target`; all but the homes of sessions, and logs. Blocks.

    Args:
        layout: of the platform.
        target: an empty folder, or one in which a backup was broken off.
        progress: is told what is copied.
        again: `target` may hold an earlier backup too, which is brought up to date.

    Returns:
        how many extents it holds.

    Raises:
        PlatformError: `target` holds something else, or the database is of another version.
    """
    urls, copy = sync_urls(layout), Layout(target)
    with _unfinished(target, _TAKING, known=again and _is_backup(target)):
        _make_folders(copy)
        source, contents = Contents.open(urls.storage), Contents.open(local_urls(copy).storage)
        bring(source, contents, progress)
        databases.take(urls.database, _database(copy))
        if layout.hub_database.exists():
            databases.copy_sqlite(layout.hub_database, copy.hub_database)
        bring(source, contents, progress)
        _drop_unknown(copy, contents)
        _copy_others(layout, copy, local_urls(copy))
        return _complete(copy, contents)


def restore(source: Path, layout: Layout, progress: Progress, urls: Urls | None = None) -> int:
    """Make a platform of a backup, that clients know to be older. Blocks.

    Args:
        source: the backup.
        layout: of the platform; its folder is empty, or a restore into it was broken off.
        progress: is told what is copied.
        urls: an unused database and an empty storage; None: in the data directory.

    Returns:
        how many extents it holds.

    Raises:
        PlatformError: `source` is not a whole backup, or there is something where it shall go.
    """
    if not _is_backup(source):
        raise PlatformError(f"{source} is not a backup, or not a whole one.")
    backup, usual = Layout(source), local_urls(layout)
    urls = urls or usual
    extents = Contents.open(local_urls(backup).storage)
    _complete(backup, extents)
    with _unfinished(layout.data, _BRINGING):
        _make_folders(layout)
        if urls.database != usual.database:
            databases.require_unused(urls.database)
        contents = Contents.open(urls.storage)
        _require_no_others(contents, extents)
        bring(extents, contents, progress)
        databases.bring(_database(backup), urls.database, layout.sync / "restored.db")
        if backup.hub_database.exists():
            databases.copy_sqlite(backup.hub_database, layout.hub_database)
        _copy_others(backup, layout, urls)
        return _complete(backup, contents)


def _make_folders(layout: Layout) -> None:
    for folder in (layout.sync, layout.hub, layout.secrets):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _database(layout: Layout) -> Path:
    return databases.path_of(local_urls(layout).database)


def _is_backup(folder: Path) -> bool:
    return _database(Layout(folder)).exists() and not (folder / _TAKING).exists()


@contextmanager
def _unfinished(folder: Path, mark: str, *, known: bool = False) -> Iterator[None]:
    """Mark a folder while the block runs. Where it fails the mark stays, and the same can be tried again.

    One that is `known` may have something in it, and is never without it: it gets no mark.
    """
    marked = folder / mark
    if not known and not marked.exists() and folder.exists() and any(folder.iterdir()):
        raise PlatformError(f"{folder} is not empty.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not known:
        marked.touch()
    yield
    marked.unlink(missing_ok=True)


def _require_no_others(target: Contents, backup: Contents) -> None:
    if set(dict(target.keys())) - set(dict(backup.keys())):
        raise PlatformError(f"There are other files in {target.root}; choose an empty storage.")


def _copy_others(source: Layout, target: Layout, urls: Urls) -> None:
    """Copy settings and keys; the settings say that metadata and contents are at `urls`."""
    for name in _OTHERS:
        _copy(source.data / name, target.data / name)
    usual = local_urls(target)
    database = None if urls.database == usual.database else urls.database
    set_addresses(target.settings, database, None if urls.storage == usual.storage else urls.storage)
    shutil.copyfile(source.version, target.version)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_copy_file, dirs_exist_ok=True)
    elif source.exists():
        _copy_file(source, target)


def _copy_file(source: Path | str, target: Path | str) -> None:
    Path(target).unlink(missing_ok=True)  # a copy of the backup may have links to it
    shutil.copy2(source, target)


def _complete(layout: Layout, contents: Contents) -> int:
    """How many extents the database of a backup shows, all of which must be stored whole."""
    rows = _rows(layout, "SELECT DISTINCT key, size FROM extent JOIN manifest_piece ON extent = extent.id")
    stored = dict(contents.keys())
    for key, size in rows:
        if stored.get(key) != size:
            raise PlatformError(f"The backup is not whole: extent {key} is missing.")
    return len(rows)


def _drop_unknown(layout: Layout, contents: Contents) -> None:
    """Delete what an earlier backup had and this one has not."""
    known = {key for (key,) in _rows(layout, "SELECT key FROM extent")}
    for key in set(dict(contents.keys())) - known:
        contents.delete(key)


def _rows(layout: Layout, statement: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(f"file:{_database(layout)}?mode=ro", uri=True)) as database:
        return database.execute(statement).fetchall()
