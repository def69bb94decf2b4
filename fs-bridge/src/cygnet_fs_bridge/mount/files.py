"""Open files: reading versions of the store, writing local files."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
from dataclasses import dataclass, field

from .. import errors
from ..fuse.operations import Answer
from .blocks import BlockCache
from .knowledge import refuse
from .namespace import Namespace
from .outbox import Outbox
from .reader import Readahead, Version
from .spool import LocalFile, Spool
from .tasks import Tasks
from .together import Together
from .tree import Entry


@dataclass(eq=False)
class Handle:
    """An open file."""

    entry: Entry
    writable: bool
    readahead: Readahead = field(default_factory=Readahead)


class Files:
    """Open files of one mount.

    Args:
        names: the tree.
        cache: blocks of file versions.
        spool: makes local files.
        outbox: sends what was written.
        tasks: owns what runs in the background.
    """

    def __init__(
        self, names: Namespace, cache: BlockCache, spool: Spool, outbox: Outbox, tasks: Tasks
    ) -> None:
        self._names, self._store, self._tree = names, names.store, names.tree
        self._cache, self._spool, self._outbox, self._tasks = cache, spool, outbox, tasks
        self._numbers = itertools.count(1)
        self._handles: dict[int, Handle] = {}
        self._together = Together(names.store, names.tree, tasks, self._version)

    def __getitem__(self, number: int) -> Handle:
        return self._handles[number]

    def _opened(self, entry: Entry, writable: bool) -> int:
        number = next(self._numbers)
        self._handles[number] = Handle(entry, writable)
        entry.handles += 1
        return number

    def open(self, entry: Entry, flags: int) -> int:
        """Open a file; return the number of the handle. It is not truncated."""
        if entry.is_folder:
            raise refuse(errno.EISDIR, entry)
        writable = bool(flags & (os.O_WRONLY | os.O_RDWR))
        if writable and not entry.may("W"):
            raise refuse(errno.EACCES, entry)
        number = self._opened(entry, writable)
        if not writable:
            self._together.opened(entry)
            self._show(entry)
        return number

    def _show(self, entry: Entry) -> None:
        """Give the kernel the contents of a small file before the answer: it need not ask for them then."""
        if entry.handles == 1 and entry.local is None and entry.version is not None:
            data = entry.version.to_show()
            if data is not None:
                self._names.kernel.contents(entry.ino, data)

    def create(self, folder: Entry, name: str, mode: int) -> tuple[Entry, int]:
        """Make an empty file, sent when it is closed or synced; return it and its handle."""
        if not folder.may("C"):
            raise refuse(errno.EACCES, name)
        self._tree.path(folder)  # raises ENOENT if it was removed while the name was looked up
        entry = self._tree.add(folder, name, None, mode & 0o777)
        folder.absent.discard(name)
        entry.local = self._spool.create(None)
        entry.local.loaded = True
        entry.local.touch()
        self._outbox.note(entry)
        self._names.touched(folder)
        return entry, self._opened(entry, True)

    def read(self, number: int, offset: int, size: int) -> Answer[bytes]:
        """Return up to `size` bytes, at once if they are here."""
        handle = self._handles[number]
        entry = handle.entry
        if entry.local is not None and entry.local.loaded:
            return entry.local.read(offset, size)
        until = handle.readahead.until(offset, offset + size)
        version = self._version(entry)
        found = version.here_now(offset, size, until)
        return self._fetched(entry, version, offset, size) if found is None else found

    async def _fetched(self, entry: Entry, version: Version, offset: int, size: int) -> bytes:
        try:
            return await version.read(offset, size)
        except (errors.Changed, FileNotFoundError) as error:
            raise await self._overtaken(entry) from error

    async def _overtaken(self, entry: Entry) -> OSError:
        """Make the new version known; the handle keeps the old one, whose bytes are gone."""
        if entry.parent is not None:
            entry.fresh = False
            with contextlib.suppress(FileNotFoundError):
                await self._names.current(entry)
        return refuse(errno.ESTALE, entry)

    def _version(self, entry: Entry) -> Version:
        if entry.node is None:
            raise refuse(errno.ESTALE, entry)
        identity = (entry.node.id, entry.node.etag)
        if entry.version is None or entry.version.identity != identity:
            entry.version = Version(
                self._store,
                self._cache,
                self._tasks,
                identity,
                entry.node.size,
                lambda: self._tree.path(entry),
            )
        return entry.version

    async def _local(self, entry: Entry, load: bool = True) -> LocalFile:
        """Return the local file of an entry, with its contents if `load`."""
        if entry.local is None:
            entry.local = self._spool.create(entry.node.etag if entry.node is not None else None)
        local = entry.local
        if load and not local.loaded:
            async with local.lock:
                if not local.loaded:
                    await self._load(entry, local)
        return local

    async def _load(self, entry: Entry, local: LocalFile) -> None:
        size, offset = entry.size, 0
        if size and entry.node is not None:
            path = self._tree.path(entry)
            async with self._store.read(path, 0, size, entry.node.etag) as pieces:
                async for piece in pieces:
                    local.put(offset, piece)
                    offset += len(piece)
        if offset != size:
            raise errors.Unavailable("The service sent less than was asked for", entry.name)
        local.size, local.loaded = size, True

    async def keep(self, entry: Entry) -> None:
        """Fetch what open handles of a file still need before it is removed."""
        if entry.handles and not entry.is_folder:
            await self._local(entry)

    def write(self, number: int, offset: int, data: memoryview) -> Answer[int]:
        """Write into the local file, at once if it is here; return the number of bytes."""
        entry = self._handles[number].entry
        local = entry.local
        if local is None or not local.loaded or local.lock.locked():
            return self._write(entry, offset, bytes(data))
        written = local.write(offset, data)
        self._outbox.note(entry)
        return written

    async def _write(self, entry: Entry, offset: int, data: bytes) -> int:
        local = await self._local(entry)
        async with local.lock:
            written = local.write(offset, data)
        self._outbox.note(entry)
        return written

    async def truncate(self, entry: Entry, size: int) -> None:
        """Cut or extend a file; that counts as closed if nobody has it open."""
        if not entry.may("W"):
            raise refuse(errno.EACCES, entry)
        entry.handles += 1  # whoever cuts it has it open meanwhile: a save that ends now must not give it up
        try:
            local = await self._local(entry, load=size > 0)
            async with local.lock:
                local.truncate(size)
            self._outbox.note(entry)
        finally:
            self._tree.release(entry)
        if not entry.handles:
            await self._outbox.closed(entry)
            self._outbox.released(entry)

    def stamped(self, entry: Entry, mtime_ns: int) -> bool:
        """Set the time stamp of contents that wait to be sent; False if that is not all there is to do."""
        local = entry.local
        if local is None or not local.dirty or local.sending.locked():
            return False
        self._outbox.stamped(entry, local, mtime_ns)
        return True

    async def set_mtime(self, entry: Entry, mtime_ns: int) -> None:
        """Set the time stamp, now or, while contents wait to be sent, with them."""
        async with self._outbox.still(entry):
            if entry.local is not None and entry.local.dirty:
                self._outbox.stamped(entry, entry.local, mtime_ns)
                return
        if entry.is_folder or entry.parent is None:
            return  # the time of a folder is that of the last change in it
        if not entry.may("W"):
            raise refuse(errno.EACCES, entry)
        path = self._tree.path(entry)
        try:
            with self._names.changing(entry):
                await self._store.set_mtime(path, mtime_ns // 1000 / 1e6)
        except errors.Unsupported:
            return  # a store that keeps no time stamps is no reason for `cp -p` to fail
        self._names.doubt_attributes(entry)
        await self._names.current(entry)

    def flush(self, number: int) -> Answer[None]:
        """Do what `close` promises for what was written through a handle."""
        handle = self._handles[number]
        if not handle.writable or self._outbox.closed_at_once(handle.entry):
            return None
        return self._outbox.closed(handle.entry)

    async def closed(self, number: int) -> None:
        """Do what `flush` does."""
        await self._outbox.closed(self._handles[number].entry)

    async def sync(self, number: int) -> None:
        """Wait until the service has what was written, through any handle; raise what went wrong."""
        await self._outbox.synced(self._handles[number].entry)

    def release(self, number: int) -> None:
        """Forget a handle."""
        entry = self._handles.pop(number).entry
        self._tree.release(entry)
        if entry.handles == 0:
            self._outbox.released(entry)
