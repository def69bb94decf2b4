"""Bringing the contents of one file to the service, or to where they are kept when that cannot be."""

from __future__ import annotations

import errno
import time
from pathlib import Path, PurePosixPath

from .. import errors
from ..models import Node
from .blocks import BLOCK, BlockCache
from .journal import Pending
from .knowledge import may_be_done, refuse
from .namespace import Namespace
from .spool import LocalFile, Spool
from .state import StateFile
from .store import Upload
from .tree import Entry
from .unsaved import SMALL, Unsaved


class Delivery:
    """Saves files one at a time, and says what an answer of the service means for a file.

    Args:
        names: the tree.
        cache: gets small contents once the service has them.
        spool: where they lie.
        unsaved: what the service has not acknowledged.
        state: told what went wrong for good.
    """

    def __init__(
        self, names: Namespace, cache: BlockCache, spool: Spool, unsaved: Unsaved, state: StateFile
    ) -> None:
        self._names, self._store, self._tree = names, names.store, names.tree
        self._cache, self._spool, self._unsaved, self._state = cache, spool, unsaved, state

    async def save(self, entry: Entry, local: LocalFile) -> None:
        """Bring a file, whose sending is held, to the service; raise what went wrong."""
        async with local.lock:
            if entry.parent is None:
                await self._save_orphan(entry, local)
                return
            generation, asked = local.generation, self._tree.now
            upload = Upload(local.source, local.size, local.mtime_ns / 1e9, local.base)
            try:
                node = await self._store.write(self._tree.path(entry), upload)
            except errors.Unavailable as error:
                self.doubt(local, error)
                raise
            except (errors.Changed, errors.AlreadyExists) as error:
                await self._keep_both(entry, local, self._tree.path(entry))
                raise refuse(errno.ESTALE, entry) from error
        self.arrived(entry, local, generation, node, asked)

    def doubt(self, local: LocalFile, error: errors.ServiceError) -> None:
        """Note that a request without an answer may have done what it asked for."""
        if may_be_done(error):
            local.uncertain = True

    def arrived(self, entry: Entry, local: LocalFile, generation: int, node: Node, asked: int) -> None:
        """Note that the service has what `local` held at a generation; it was asked for at a moment."""
        local.acknowledged, local.base, local.uncertain = generation, node.etag, False
        entry.version = None
        self._names.born(entry, node, asked)
        if local.dirty:
            return
        if local.size <= SMALL:
            self._remember(local, node)
        self._unsaved.settled(entry, local)
        self.close_local(entry)

    def _remember(self, local: LocalFile, node: Node) -> None:
        """Keep contents for readers, who would otherwise fetch what was just sent."""
        for start in range(0, local.size, BLOCK):
            self._cache.put((node.id, node.etag, start // BLOCK), local.read(start, BLOCK))

    def close_local(self, entry: Entry) -> None:
        """Give the disk space back when nobody needs it any more."""
        local = entry.local
        if local is not None and not local.dirty and entry.handles == 0 and not local.lock.locked():
            entry.local = None
            local.close()

    async def _save_orphan(self, entry: Entry, local: LocalFile) -> None:
        """Treat contents whose name is gone: removed here, replaced elsewhere, or removed with its folder."""
        if entry.lost is not None:
            raise errors.NotFound("Its folder was removed elsewhere", entry.lost)
        if entry.replaced is not None:
            await self._keep_both(entry, local, entry.replaced)
            raise refuse(errno.ESTALE, entry)
        self._unsaved.drop(entry)

    async def _keep_both(self, entry: Entry, local: LocalFile, path: str) -> None:
        """Save our contents beside those of somebody who was faster, under a name that says so."""
        copy = conflict_name(path, time.time())
        await self._store.write(copy, Upload(local.source, local.size, local.mtime_ns / 1e9, None))
        self._unsaved.drop(entry)
        self._state.say("kept", f"{path} was changed elsewhere; your version is in {copy}")
        self._forget(entry)

    def _forget(self, entry: Entry) -> None:
        """Show what the service has in place of what was written here."""
        if entry.parent is None:
            return
        self._names.doubt(entry.parent)
        self._names.doubt(entry)
        if entry.node is None:
            self._names.gone(entry)

    def give_up(self, entry: Entry, error: OSError) -> None:
        """Keep contents that can never be saved on this machine, and say where."""
        local = entry.local
        if local is None or not local.dirty:
            return
        kept = self._spool.keep(local.source, entry.name)
        self._unsaved.drop(entry)
        self._state.say("kept", f"{entry.name} could not be saved: {words(error)}. A copy is in {kept}")
        self._forget(entry)
        self.close_local(entry)

    def keep_aside(self, pending: Pending, contents: bytes | Path, why: str) -> None:
        """Keep contents of an earlier mount that cannot be sent, and say why, with `{path}` filled in."""
        name = PurePosixPath(pending.path).name
        kept = self._spool.keep(contents, name)
        self._state.say("kept", f"{why.format(path=pending.path)}. A copy of {name} is in {kept}")


def words(error: OSError) -> str:
    """Return what an error says to a person."""
    return error.message if isinstance(error, errors.ServiceError) else (error.strerror or str(error))


def conflict_name(path: str, now: float) -> str:
    """Return the path of the copy that is kept when two people wrote one file."""
    parsed = PurePosixPath(path)
    stamp = time.strftime("%Y-%m-%d %H%M%S", time.localtime(now))
    return str(parsed.with_name(f"{parsed.stem} (conflicted copy {stamp}){parsed.suffix}"))
