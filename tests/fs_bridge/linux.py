"""A model of what Linux remembers of a FUSE mount, and of when it forgets."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import posixpath
from collections.abc import Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from cygnet_fs_bridge.fuse import wire
from cygnet_fs_bridge.fuse.operations import Changes
from cygnet_fs_bridge.mount.operations import Operations


class _Names:
    """A listing as the kernel reads it, with attributes."""

    plus = True

    def __init__(self):
        self.found = []

    def add(self, name, found, number):
        self.found.append((name.decode(), found))
        return True


@dataclass
class Kernel:
    """What Linux remembers, and forgets when it is told: names, attributes, listings and pages.

    Notifications wait in a queue, as those of a thread do. Like in Linux, one about a name or a listing waits
    for readers of the folder, one about pages for readers of the file, and attributes that were asked for
    before a notification are not kept. In a folder one name changes at a time.
    """

    operations: Operations | None = None
    names: dict = field(default_factory=dict)  # (folder, name): inode, 0 for nothing
    attributes: dict = field(default_factory=dict)
    listings: dict = field(default_factory=dict)
    pages: dict = field(default_factory=dict)
    told: list = field(default_factory=list)
    readers: list = field(default_factory=list)  # inodes that are being read, and folders looked into
    writers: list = field(default_factory=list)  # folders in which a name changes
    stepped: asyncio.Event = field(default_factory=asyncio.Event)
    versions: dict = field(default_factory=dict)

    def inode(self, ino, attributes_only=False):
        self.told.append(("inode", ino, attributes_only))

    def entry(self, parent, name):
        self.told.append(("entry", parent, name))

    def listing(self, ino):
        self.told.append(("readers", ino, ""))
        self.inode(ino)

    def contents(self, ino, data):
        self.pages[ino] = data

    def hear(self):
        """Take the first notification, unless it has to wait."""
        kind, ino, what = self.told[0]
        if (ino in self.readers or ino in self.writers) and (kind != "inode" or not what):
            return False
        del self.told[0]
        if kind == "entry":
            self.names.pop((ino, what), None)
        elif kind == "inode":
            self._changed(ino)
            if not what:
                self.pages.pop(ino, None)
                self.listings.pop(ino, None)
        return True

    @asynccontextmanager
    async def _locked(self, *folders):
        """Keep others out of folders in which names change."""
        while any(ino in self.writers or ino in self.readers for ino in folders):
            await self._step()
        self.writers += folders
        try:
            yield
        finally:
            for ino in folders:
                self.writers.remove(ino)
            self.stepped.set()

    @asynccontextmanager
    async def _reading(self, ino):
        while ino in self.writers:
            await self._step()
        self.readers.append(ino)
        try:
            yield
        finally:
            self.readers.remove(ino)
            self.stepped.set()

    async def _step(self):
        self.stepped.clear()
        await self.stepped.wait()

    def _keep(self, found, before):
        if found.ino and found.lifetime and self.versions.get(found.ino, 0) == before.get(found.ino, 0):
            self.attributes[found.ino] = found

    async def lookup(self, folder, name, locked=False):
        if (folder, name) not in self.names:
            async with contextlib.AsyncExitStack() as stack:
                if not locked:
                    await stack.enter_async_context(self._reading(folder))
                found = await self._kept(lambda: self.operations.lookup(folder, name.encode()))
                if found.lifetime:
                    self.names[folder, name] = found.ino
                ino = found.ino
        else:
            ino = self.names[folder, name]
        if not ino:
            raise FileNotFoundError(errno.ENOENT, name)
        return ino

    async def _kept(self, call):
        """Return attributes that a call told, and keep them unless something was forgotten meanwhile."""
        before = dict(self.versions)
        found = await _answered(call())
        self._keep(found, before)
        return found

    async def _walk(self, path):
        ino = 1
        for name in filter(None, path.split("/")):
            ino = await self.lookup(ino, name)
        return ino

    async def _at(self, path, work):
        """Do something with an inode; as Linux does, look the path up anew when that is stale."""
        for _ in range(20):
            try:
                return await work(await self._walk(path))
            except OSError as error:
                if error.errno != errno.ESTALE:
                    raise
                self.names.clear()
        raise OSError(errno.ESTALE, path)

    async def stat(self, path):
        return await self._at(path, self._attributes)

    async def _attributes(self, ino):
        if ino in self.attributes:
            return self.attributes[ino]
        return await self._kept(lambda: self.operations.getattr(ino))

    async def listdir(self, path):
        async def work(ino):
            if ino in self.listings:
                return sorted(self.listings[ino])
            async with self._reading(ino):
                before = dict(self.versions)
                found = (await _answered(self.operations.readdir(ino, 0, _Names()))).found
                self.listings[ino] = [name for name, _ in found]
                for name, told in found:
                    if told.lifetime:
                        self.names[ino, name] = told.ino
                    self._keep(told, before)
                return sorted(name for name, _ in found)

        return await self._at(path, work)

    async def _open(self, ino, flags):
        opened = await _answered(self.operations.open(ino, flags))
        if not opened.flags & wire.KEEP_CACHE:
            self.pages.pop(ino, None)
        return opened.handle

    async def read(self, path):
        async def work(ino):
            handle = await self._open(ino, os.O_RDONLY)
            try:
                size = (await self._attributes(ino)).size
                async with self._reading(ino):
                    if ino not in self.pages:
                        self.pages[ino] = bytes(await _answered(self.operations.read(handle, 0, 1 << 20)))
                    return self.pages[ino].ljust(size, b"\0")[:size]
            finally:
                self.operations.release(handle)

        return await self._at(path, work)

    async def write(self, path, data, sync=False):
        try:
            handle, ino = await self._at(path, self._truncated)
        except FileNotFoundError:
            handle, ino = await self._created(path)
        try:
            async with self._locked(ino):
                await _answered(self.operations.write(handle, 0, memoryview(data)))
                self.pages[ino] = data
                self._changed(ino)
            await _answered(self.operations.flush(handle))
            if sync:
                await self.operations.fsync(handle)
        finally:
            self.operations.release(handle)

    async def _truncated(self, ino):
        handle = await self._open(ino, os.O_WRONLY | os.O_TRUNC)
        async with self._locked(ino):
            self.pages.pop(ino, None)
            self._changed(ino)
        return handle, ino

    def _changed(self, ino):
        self.attributes.pop(ino, None)
        self.versions[ino] = self.versions.get(ino, 0) + 1

    async def _created(self, path):
        async with self._in_folder(path) as (parent, name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            opened, told = await _answered(self.operations.create(parent, name.encode(), 0o644, flags))
            self.names[parent, name] = told.ino
            return opened.handle, told.ino

    async def truncate(self, path, size):
        async def work(ino):
            async with self._locked(ino):
                self.pages.pop(ino, None)
                self.attributes.pop(ino, None)
                return await self._kept(lambda: self.operations.setattr(ino, wanted))

        wanted = Changes(wire.SET_SIZE, size, 0, 0, 0, 0)
        return await self._at(path, work)

    async def utime(self, path, mtime):
        wanted = Changes(wire.SET_MTIME, 0, round(mtime * 1e9), 0, 0, 0)
        return await self._at(path, lambda ino: self._kept(lambda: self.operations.setattr(ino, wanted)))

    @asynccontextmanager
    async def _in_folder(self, path):
        folder, name = posixpath.split(path)
        parent = await self._walk(folder)
        async with self._locked(parent):
            self.listings.pop(parent, None)
            yield parent, name

    async def unlink(self, path):
        async with self._in_folder(path) as (parent, name):
            await self.lookup(parent, name, locked=True)
            await _answered(self.operations.unlink(parent, name.encode()))
            self.names.pop((parent, name), None)

    async def rmdir(self, path):
        async with self._in_folder(path) as (parent, name):
            await self.lookup(parent, name, locked=True)
            await _answered(self.operations.rmdir(parent, name.encode()))
            self.names.pop((parent, name), None)

    async def mkdir(self, path):
        async with self._in_folder(path) as (parent, name):
            found = await self._kept(lambda: self.operations.mkdir(parent, name.encode(), 0o755))
            self.names[parent, name] = found.ino

    async def rename(self, path, other):
        folders, (old, new) = zip(*map(posixpath.split, (path, other)), strict=True)
        one, two = [await self._walk(folder) for folder in folders]
        async with self._locked(*{one, two}):
            await self.lookup(one, old, locked=True)
            await _answered(self.operations.rename(one, old.encode(), two, new.encode(), 0))
            for ino in (one, two):
                self.listings.pop(ino, None)
            ino = self.names.pop((one, old), None)
            self.names.pop((two, new), None)
            if ino is not None:
                self.names[two, new] = ino


async def _answered(answer):
    return await answer if isinstance(answer, Coroutine) else answer
