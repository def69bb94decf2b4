"""The system calls as pyfuse3 brings them, turned into calls on names and files."""

from __future__ import annotations

import errno
import functools
import logging
import os
import stat
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

import pyfuse3
from pyfuse3 import EntryAttributes, FileInfo, FUSEError, RequestContext, SetattrFields, StatvfsData

from .files import Files
from .namespace import Namespace, refuse
from .outbox import Outbox
from .room import Room
from .tree import ROOT_INODE, Entry

log = logging.getLogger(__name__)

_FOREVER = 365 * 24 * 3600.0
_NAME_MAX = 255
_UNLIMITED = 1 << 50
_BLOCK = 4096

F = TypeVar("F", bound=Callable[..., Coroutine[Any, Any, Any]])


def system_call(handler: F) -> F:
    """Turn Python's errors into what the kernel understands."""

    @functools.wraps(handler)
    async def guarded(*args: Any) -> Any:
        try:
            return await handler(*args)
        except FUSEError:
            raise
        except OSError as error:
            raise FUSEError(error.errno or errno.EIO) from error
        except Exception as error:
            # An error that leaves a handler ends the whole mount, so a defect costs one call instead.
            log.exception("%s failed", handler.__name__)
            raise FUSEError(errno.EIO) from error

    return cast(F, guarded)


def _text(name: bytes) -> str:
    if len(name) > _NAME_MAX:
        raise FUSEError(errno.ENAMETOOLONG)
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        raise FUSEError(errno.EILSEQ) from None


def _uncertain(*entries: Entry | None) -> bool:
    """Whether the service may have one of them without us knowing."""
    return any(e is not None and e.local is not None and e.local.uncertain for e in entries)


def _replaces(entry: Entry) -> bool:
    """Whether it is to replace a file that the service still has under the same name."""
    return entry.node is None and entry.base is not None


class Operations(pyfuse3.Operations):
    """Serves one mount.

    Args:
        names: the tree.
        files: open files.
        outbox: what waits to be sent.
        room: how much fits.
        owner: uid and gid that everything belongs to.
    """

    enable_writeback_cache = False  # the kernel would own sizes then, and not believe what others changed

    def __init__(
        self, names: Namespace, files: Files, outbox: Outbox, room: Room, owner: tuple[int, int]
    ) -> None:
        super().__init__()
        self._names, self._files, self._outbox, self._room = names, files, outbox, room
        self._tree = names.tree
        self._uid, self._gid = owner

    def _entry(self, ino: int) -> Entry:
        entry = self._tree.by_ino.get(ino)
        if entry is None:
            raise FUSEError(errno.ESTALE)
        return entry

    @property
    def _timeout(self) -> float:
        return _FOREVER if self._names.coherent else self._names.store.lifetime

    def _attributes(self, entry: Entry) -> EntryAttributes:
        found = EntryAttributes()
        found.st_ino = entry.ino
        found.st_mode = (stat.S_IFDIR if entry.is_folder else stat.S_IFREG) | entry.mode
        found.st_nlink = (
            0 if entry.parent is None and entry.ino != ROOT_INODE else 2 if entry.is_folder else 1
        )
        found.st_uid, found.st_gid = self._uid, self._gid
        found.st_size = 4096 if entry.is_folder else entry.size
        found.st_blksize, found.st_blocks = _BLOCK, (found.st_size + 511) // 512
        found.st_atime_ns = found.st_mtime_ns = found.st_ctime_ns = entry.mtime_ns
        found.entry_timeout = found.attr_timeout = self._timeout
        return found

    def _told(self, entry: Entry) -> EntryAttributes:
        entry.lookups += 1
        return self._attributes(entry)

    def _nothing(self, folder: Entry, name: str) -> EntryAttributes:
        """Let the kernel remember that there is nothing."""
        if not self._names.coherent:
            raise FUSEError(errno.ENOENT)
        folder.absent.add(name)
        nothing = EntryAttributes()
        nothing.st_ino = 0
        nothing.entry_timeout = _FOREVER
        return nothing

    @system_call
    async def lookup(self, parent_inode: int, name: bytes, ctx: RequestContext) -> EntryAttributes:
        folder = self._entry(parent_inode)
        if name in (b".", b".."):
            found = folder if name == b"." or folder.parent is None else folder.parent
            return self._told(found)
        text = _text(name)
        entry = await self._names.lookup(folder, text)
        return self._nothing(folder, text) if entry is None else self._told(entry)

    @system_call
    async def getattr(self, inode: int, ctx: RequestContext) -> EntryAttributes:
        return self._attributes(await self._names.current(self._entry(inode)))

    def forget(self, inode_list: list[tuple[int, int]]) -> None:
        for inode, count in inode_list:
            self._tree.forget(inode, count)

    async def _child(self, folder: Entry, name: bytes) -> Entry:
        entry = await self._names.lookup(folder, _text(name))
        if entry is None:
            raise FUSEError(errno.ENOENT)
        return entry

    @system_call
    async def setattr(
        self, inode: int, attr: EntryAttributes, fields: SetattrFields, fh: int | None, ctx: RequestContext
    ) -> EntryAttributes:
        entry = await self._names.current(self._entry(inode))
        if (fields.update_uid and attr.st_uid != self._uid) or (
            fields.update_gid and attr.st_gid != self._gid
        ):
            raise FUSEError(errno.EPERM)
        if fields.update_size:
            if entry.is_folder:
                raise FUSEError(errno.EISDIR)
            await self._files.truncate(entry, attr.st_size)
        if fields.update_mode:
            self._names.set_mode(entry, attr.st_mode)
        if fields.update_mtime:
            await self._files.set_mtime(entry, attr.st_mtime_ns)
        return self._attributes(entry)

    @system_call
    async def opendir(self, inode: int, ctx: RequestContext) -> int:
        await self._names.listed(self._entry(inode))
        return inode

    @system_call
    async def readdir(self, fh: int, start_id: int, token: pyfuse3.ReaddirToken) -> None:
        children = await self._names.listed(self._entry(fh))
        # Numbers only grow, so they tell where to go on even if entries come and go meanwhile.
        for entry in sorted((e for e in children.values() if e.ino > start_id), key=lambda e: e.ino):
            if not pyfuse3.readdir_reply(token, os.fsencode(entry.name), self._attributes(entry), entry.ino):
                break
            entry.lookups += 1

    @system_call
    async def open(self, inode: int, flags: int, ctx: RequestContext) -> FileInfo:
        entry = await self._names.current(self._entry(inode))
        if entry.parent is None:
            raise FUSEError(errno.ESTALE)  # another version came; the kernel looks the name up again
        return FileInfo(fh=await self._files.open(entry, flags), keep_cache=True)

    @system_call
    async def create(
        self, parent_inode: int, name: bytes, mode: int, flags: int, ctx: RequestContext
    ) -> tuple[FileInfo, EntryAttributes]:
        folder, text = self._entry(parent_inode), _text(name)
        existing = await self._names.lookup(folder, text)
        if existing is not None:
            if flags & os.O_EXCL:
                raise FUSEError(errno.EEXIST)
            number = await self._files.open(existing, flags)
            return FileInfo(fh=number, keep_cache=True), self._told(existing)
        entry, number = self._files.create(folder, text, mode)
        return FileInfo(fh=number, keep_cache=True), self._told(entry)

    @system_call
    async def mknod(
        self, parent_inode: int, name: bytes, mode: int, rdev: int, ctx: RequestContext
    ) -> EntryAttributes:
        if not stat.S_ISREG(mode):
            raise FUSEError(errno.EPERM)
        entry, number = self._files.create(self._entry(parent_inode), _text(name), mode)
        await self._files.flush(number)
        self._files.release(number)
        return self._told(entry)

    @system_call
    async def read(self, fh: int, off: int, size: int) -> bytes:
        return await self._files.read(fh, off, size)

    @system_call
    async def write(self, fh: int, off: int, buf: bytes) -> int:
        return await self._files.write(fh, off, buf)

    @system_call
    async def flush(self, fh: int) -> None:
        await self._files.flush(fh)

    @system_call
    async def fsync(self, fh: int, datasync: bool) -> None:
        await self._files.sync(fh)

    @system_call
    async def fsyncdir(self, fh: int, datasync: bool) -> None:
        # Names of what the service has change there before the call returns; others come with the contents.
        await self._outbox.save_below(self._entry(fh))

    @system_call
    async def release(self, fh: int) -> None:
        self._files.release(fh)

    @system_call
    async def releasedir(self, fh: int) -> None:
        return

    @system_call
    async def mkdir(self, parent_inode: int, name: bytes, mode: int, ctx: RequestContext) -> EntryAttributes:
        folder, text = self._entry(parent_inode), _text(name)
        if await self._names.lookup(folder, text) is not None:
            raise FUSEError(errno.EEXIST)
        return self._told(await self._outbox.mkdir(folder, text))

    @system_call
    async def unlink(self, parent_inode: int, name: bytes, ctx: RequestContext) -> None:
        entry = await self._child(self._entry(parent_inode), name)
        if entry.is_folder:
            raise FUSEError(errno.EISDIR)
        await self._files.keep(entry)
        async with self._outbox.still(entry):
            await self._names.remove(entry)
            self._outbox.drop(entry)

    @system_call
    async def rmdir(self, parent_inode: int, name: bytes, ctx: RequestContext) -> None:
        entry = await self._child(self._entry(parent_inode), name)
        if not entry.is_folder:
            raise FUSEError(errno.ENOTDIR)
        await self._names.check_empty(entry)
        await self._outbox.rmdir(entry)

    @system_call
    async def rename(
        self,
        parent_inode_old: int,
        name_old: bytes,
        parent_inode_new: int,
        name_new: bytes,
        flags: int,
        ctx: RequestContext,
    ) -> None:
        if flags not in (0, pyfuse3.RENAME_NOREPLACE):
            raise FUSEError(errno.EINVAL)
        folder, text = self._entry(parent_inode_new), _text(name_new)
        entry = await self._child(self._entry(parent_inode_old), name_old)
        target = await self._names.lookup(folder, text)
        if target is entry:
            return
        if target is not None and flags:
            raise FUSEError(errno.EEXIST)
        await self._prepare_rename(entry, folder, target)
        async with self._outbox.still(entry, target):
            if entry.node is None and not _uncertain(entry, target) and not _replaces(entry):
                self._names.rename_here(entry, folder, text, target)
            else:
                await self._outbox.folders.made(folder)
                await self._names.rename(entry, folder, text, target)
            self._outbox.renamed(entry)
            if target is not None:
                self._outbox.drop(target)

    async def _prepare_rename(self, entry: Entry, folder: Entry, target: Entry | None) -> None:
        if not folder.may("K" if entry.is_folder else "C"):
            raise refuse(errno.EACCES, folder)
        if target is not None and target.is_folder != entry.is_folder:
            raise refuse(errno.EISDIR if target.is_folder else errno.ENOTDIR, target)
        if target is not None and target.is_folder:
            await self._names.check_empty(target)
        elif target is not None:
            await self._files.keep(target)
        if entry.is_folder:
            await self._outbox.save_below(entry)  # their paths change with that of the folder
        for one in (entry, target):
            if one is not None and (_uncertain(one) or (one is entry and _replaces(one))):
                await self._outbox.save(one)

    @system_call
    async def symlink(
        self, parent_inode: int, name: bytes, target: bytes, ctx: RequestContext
    ) -> EntryAttributes:
        raise FUSEError(errno.EPERM)

    @system_call
    async def link(
        self, inode: int, new_parent_inode: int, new_name: bytes, ctx: RequestContext
    ) -> EntryAttributes:
        raise FUSEError(errno.EPERM)

    @system_call
    async def statfs(self, ctx: RequestContext) -> StatvfsData:
        quota = await self._room.quota()
        free = _UNLIMITED if quota.free is None else max(0, quota.free)
        found = StatvfsData()
        found.f_bsize = found.f_frsize = _BLOCK
        found.f_blocks = (quota.used + free) // _BLOCK
        found.f_bfree = found.f_bavail = free // _BLOCK
        found.f_files = found.f_ffree = found.f_favail = _UNLIMITED // _BLOCK
        found.f_namemax = _NAME_MAX
        return found
