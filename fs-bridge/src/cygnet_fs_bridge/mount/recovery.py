"""The folder of a mount on local disk, and what mounts that ended early have left there."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from . import journal
from .journal import Pending, sync_folder
from .namespace import Namespace
from .outbox import Outbox
from .tree import Entry
from .unsaved import PASSING

log = logging.getLogger(__name__)


@dataclass
class Private:
    """The folder of one mount; it stays at the end if something is `left` in it for the next mount."""

    path: Path
    left: int = -1


@contextlib.contextmanager
def private_folder(cache_dir: Path, whose: dict[str, str]) -> Iterator[Private]:
    """Make a folder that belongs to this process as long as it lives.

    A lock tells that it is used: process numbers mean nothing to a mount in another container.

    Args:
        cache_dir: folder on local disk.
        whose: the service and the person, so that nobody else sends what is left here.
    """
    path = cache_dir / f"mount-{secrets.token_hex(6)}"
    path.mkdir(parents=True, mode=0o700)
    lock = _locked(path)
    (path / "whose.json").write_text(json.dumps(whose))
    sync_folder(path)
    sync_folder(cache_dir)
    private = Private(path)
    try:
        yield private
    finally:
        if private.left == 0 or not journal.read(path / "journal"):
            shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _locked(path: Path) -> int:
    """Lock a folder and return the descriptor that holds the lock; raise BlockingIOError if it is used."""
    descriptor = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


async def take_over(cache_dir: Path, whose: dict[str, str], names: Namespace, outbox: Outbox) -> None:
    """Take what mounts that are gone had still to send; delete the rest of what they left."""
    for path in sorted(cache_dir.glob("mount-*")):
        try:
            lock = _locked(path)
        except OSError:
            continue  # it is used, or just now removed
        try:
            await _take_over(path, whose, names, outbox)
        finally:
            os.close(lock)


async def _take_over(path: Path, whose: dict[str, str], names: Namespace, outbox: Outbox) -> None:
    pending = await asyncio.to_thread(journal.read, path / "journal")
    if pending and _whose(path) != whose:
        log.warning("%d files in %s wait for a mount of %s", len(pending), path, _whose(path))
        return
    for one in pending:
        await _adopt(one, path / "spool", names, outbox)
    await outbox.secure()
    await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)


def _whose(path: Path) -> object:
    try:
        return json.loads((path / "whose.json").read_text())
    except (OSError, ValueError):
        return None


async def _adopt(pending: Pending, spool: Path, names: Namespace, outbox: Outbox) -> None:
    if pending.gone:
        await outbox.removals.adopt(pending, await _there(pending.path, names))
        return
    if pending.contents is None:
        await _adopt_folder(pending.path, names)
        return
    contents = pending.contents if isinstance(pending.contents, bytes) else spool / pending.contents
    if isinstance(contents, Path) and not contents.exists():
        return  # it goes only after the service has the contents; that this was written down is what was lost
    if isinstance(contents, Path) and contents.stat().st_size != pending.size:
        outbox.keep_aside(pending, contents, "The machine stopped before {path} was wholly on its disk")
    elif (entry := await _entry(pending.path, names)) is None:
        outbox.keep_aside(pending, contents, "The folder of {path} is gone")
    else:
        await outbox.adopt(entry, pending, contents)


async def _adopt_folder(path: str, names: Namespace) -> None:
    above, _, name = path.rpartition("/")
    try:
        folder = await _folder(above, names)
        if folder is not None and await names.lookup(folder, name) is None:
            await names.mkdir(folder, name)
    except PASSING:
        raise  # the mount does not start, and the journal stays for the next one
    except OSError as error:
        log.warning("%s could not be made: %s", path, error)


async def _there(path: str, names: Namespace) -> Entry | None:
    above, _, name = path.rpartition("/")
    folder = await _folder(above, names)
    return None if folder is None else await names.lookup(folder, name)


async def _entry(path: str, names: Namespace) -> Entry | None:
    """Return the file at a path, made known if the service does not have it, or None where it cannot be."""
    above, _, name = path.rpartition("/")
    folder = await _folder(above, names)
    if folder is None:
        return None
    entry = await names.lookup(folder, name)
    if entry is None:
        return names.tree.add(folder, name, None)
    return None if entry.is_folder else entry


async def _folder(path: str, names: Namespace) -> Entry | None:
    folder = names.tree.root
    for part in PurePosixPath(path).parts[1:]:
        found = await names.lookup(folder, part)
        if found is None or not found.is_folder:
            return None
        folder = found
    return folder
