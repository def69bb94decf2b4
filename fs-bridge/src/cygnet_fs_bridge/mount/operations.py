"""The system calls on a mount, turned into calls on names and files.

What memory can answer is answered at once; for the rest a coroutine is returned (`fuse.operations.Answer`).
"""

from __future__ import annotations

import errno
import os
import stat
from bisect import bisect_right

from ..fuse import operations, wire
from ..fuse.answers import Attributes, Listing, Opened
from ..fuse.answers import Room as Blocks
from ..fuse.operations import Answer, Changes
from .files import Files
from .knowledge import refuse
from .namespace import Namespace
from .outbox import Outbox
from .room import Room
from .tree import ROOT_INODE, Entry

_FOREVER = 365 * 24 * 3600
_NAME_MAX = 255
_UNLIMITED = 1 << 50
_BLOCK = 4096
_NOREPLACE = 1  # a flag of renameat2(2)
_READING = wire.KEEP_CACHE | wire.NOFLUSH  # closing what was only read needs no call


def _text(name: bytes) -> str:
    if len(name) > _NAME_MAX:
        raise OSError(errno.ENAMETOOLONG, "The name is too long")
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        raise OSError(errno.EILSEQ, "The name is not UTF-8") from None


def _uncertain(*entries: Entry | None) -> bool:
    """Whether the service may have one of them without us knowing."""
    return any(e is not None and e.local is not None and e.local.uncertain for e in entries)


def _replaces(entry: Entry) -> bool:
    """Whether it is to replace a file that the service still has under the same name."""
    return entry.node is None and entry.base is not None


class Operations(operations.Operations):
    """Serves one mount.

    Args:
        names: the tree.
        files: open files.
        outbox: what waits to be sent.
        room: how much fits.
        owner: uid and gid that everything belongs to.
    """

    def __init__(
        self, names: Namespace, files: Files, outbox: Outbox, room: Room, owner: tuple[int, int]
    ) -> None:
        self._names, self._files, self._outbox, self._room = names, files, outbox, room
        self._tree = names.tree
        self._uid, self._gid = owner
        self._order: tuple[Entry | None, list[Entry]] = (None, [])
        # With a changes feed it is we who tell the kernel; it would drop what was just written here.
        self.auto_inval = not names.coherent

    def _entry(self, ino: int) -> Entry:
        entry = self._tree.by_ino.get(ino)
        if entry is None:
            raise OSError(errno.ESTALE, "It is gone")
        return entry

    def _attributes(self, entry: Entry) -> Attributes:
        folder = entry.is_folder
        gone = entry.parent is None and entry.ino != ROOT_INODE
        return Attributes(
            entry.ino,
            (stat.S_IFDIR if folder else stat.S_IFREG) | entry.mode,
            4096 if folder else entry.size,
            entry.mtime_ns,
            0 if gone else 2 if folder else 1,
            self._uid,
            self._gid,
            self._lifetime(entry),
        )

    def _lifetime(self, entry: Entry) -> int:
        """For how long the kernel may believe what it is told; not at all what an event has overtaken."""
        if not self._names.coherent:
            return int(self._names.store.lifetime)
        return _FOREVER if self._names.valid(entry) else 0

    def _told(self, entry: Entry) -> Attributes:
        entry.lookups += 1
        return self._attributes(entry)

    def _found(self, folder: Entry, name: str, entry: Entry | None) -> Attributes:
        if entry is not None:
            return self._told(entry)
        if not self._names.coherent or not self._names.known(folder):
            raise refuse(errno.ENOENT, name)
        # Let the kernel remember that there is nothing.
        folder.absent.add(name)
        return Attributes(0, lifetime=_FOREVER)

    def lookup(self, parent: int, name: bytes) -> Answer[Attributes]:
        """Tell what a name means."""
        folder = self._entry(parent)
        if name in (b".", b".."):
            return self._told(folder if name == b"." or folder.parent is None else folder.parent)
        if folder.parent is None and folder.ino != ROOT_INODE:
            # Something else has its name, which the kernel has not heard of yet: it looks again from above.
            raise refuse(errno.ESTALE, os.fsdecode(name))
        text = _text(name)
        if self._names.certain(folder, text):
            return self._found(folder, text, folder.children.get(text))
        return self._looked_up(folder, text)

    async def _looked_up(self, folder: Entry, name: str) -> Attributes:
        return self._found(folder, name, await self._names.lookup(folder, name))

    def forget(self, ino: int, count: int) -> None:
        """Note what the kernel forgot."""
        self._tree.forget(ino, count)

    def getattr(self, ino: int) -> Answer[Attributes]:
        """Tell attributes."""
        entry = self._entry(ino)
        return self._attributes(entry) if self._names.valid(entry) else self._asked(entry)

    async def _asked(self, entry: Entry) -> Attributes:
        return self._attributes(await self._names.current(entry))

    async def _child(self, folder: Entry, name: bytes) -> Entry:
        entry = await self._names.lookup(folder, _text(name))
        if entry is None:
            raise refuse(errno.ENOENT, os.fsdecode(name))
        return entry

    def setattr(self, ino: int, changes: Changes) -> Answer[Attributes]:
        """Change size, mode and time stamp; everything belongs to one owner."""
        entry, fields = self._entry(ino), changes.fields
        if (fields & wire.SET_UID and changes.uid != self._uid) or (
            fields & wire.SET_GID and changes.gid != self._gid
        ):
            raise refuse(errno.EPERM, entry)
        if fields & wire.SET_SIZE or not self._names.valid(entry):
            return self._set(entry, changes)
        if fields & wire.SET_MTIME and not self._files.stamped(entry, changes.mtime_ns):
            return self._set(entry, changes)
        if fields & wire.SET_MODE:
            self._names.set_mode(entry, changes.mode)
        return self._attributes(entry)

    async def _set(self, entry: Entry, changes: Changes) -> Attributes:
        entry = await self._names.current(entry)
        if changes.fields & wire.SET_SIZE:
            if entry.is_folder:
                raise refuse(errno.EISDIR, entry)
            await self._files.truncate(entry, changes.size)
        if changes.fields & wire.SET_MODE:
            self._names.set_mode(entry, changes.mode)
        if changes.fields & wire.SET_MTIME:
            await self._files.set_mtime(entry, changes.mtime_ns)
        return self._attributes(entry)

    def opendir(self, ino: int) -> Answer[Opened]:
        """Make sure that a folder is known; with a changes feed the kernel need not ask."""
        if self._names.coherent:
            raise refuse(errno.ENOSYS, "opendir")
        return self._opened_folder(self._entry(ino))

    async def _opened_folder(self, folder: Entry) -> Opened:
        await self._names.listed(folder)
        return Opened(0, 0)

    def readdir(self, ino: int, start: int, listing: Listing) -> Answer[Listing]:
        """List a folder."""
        folder = self._entry(ino)
        return (
            self._list(folder, start, listing)
            if self._names.known(folder)
            else self._listed(folder, start, listing)
        )

    async def _listed(self, folder: Entry, start: int, listing: Listing) -> Listing:
        await self._names.listed(folder)
        return self._list(folder, start, listing)

    def _list(self, folder: Entry, start: int, listing: Listing) -> Listing:
        # Numbers only grow, so they tell where to go on even if entries come and go meanwhile.
        if start == 0 or self._order[0] is not folder:
            self._order = folder, sorted(folder.children.values(), key=_number)
        order = self._order[1]
        for entry in order[bisect_right(order, start, key=_number) :]:
            if entry.parent is not folder:
                continue
            if not listing.add(entry.name.encode(), self._attributes(entry), entry.ino):
                break
            entry.lookups += listing.plus
        else:
            self._order = None, []
        return listing

    def open(self, ino: int, flags: int) -> Answer[Opened]:
        """Open a file."""
        entry = self._entry(ino)
        if not self._names.valid(entry) or flags & os.O_TRUNC:
            return self._opened(entry, flags)
        return self._open(entry, flags)

    def _open(self, entry: Entry, flags: int) -> Opened:
        if entry.parent is None:
            raise refuse(errno.ESTALE, entry)  # another version came; the kernel looks the name up again
        writing = flags & (os.O_WRONLY | os.O_RDWR)
        return Opened(self._files.open(entry, flags), wire.KEEP_CACHE if writing else _READING)

    async def _opened(self, entry: Entry, flags: int) -> Opened:
        entry = await self._names.current(entry)
        file = self._open(entry, flags)
        if flags & os.O_TRUNC and flags & (os.O_WRONLY | os.O_RDWR):
            await self._files.truncate(entry, 0)
        return file

    def create(self, parent: int, name: bytes, mode: int, flags: int) -> Answer[tuple[Opened, Attributes]]:
        """Make a file, or open what is there meanwhile."""
        folder, text = self._entry(parent), _text(name)
        if self._names.certain(folder, text) and text not in folder.children:
            return self._create(folder, text, mode)
        return self._created(folder, text, mode, flags)

    def _create(self, folder: Entry, name: str, mode: int) -> tuple[Opened, Attributes]:
        entry, number = self._files.create(folder, name, mode)
        return Opened(number), self._told(entry)

    async def _created(self, folder: Entry, name: str, mode: int, flags: int) -> tuple[Opened, Attributes]:
        existing = await self._names.lookup(folder, name)
        if existing is None:
            return self._create(folder, name, mode)
        if flags & os.O_EXCL:
            raise refuse(errno.EEXIST, name)
        return await self._opened(existing, flags), self._told(existing)

    async def mknod(self, parent: int, name: bytes, mode: int) -> Attributes:
        """Make an empty file."""
        entry, number = self._files.create(self._entry(parent), _text(name), mode)
        await self._files.closed(number)
        self._files.release(number)
        return self._told(entry)

    def read(self, handle: int, offset: int, size: int) -> Answer[bytes]:
        """Read."""
        return self._files.read(handle, offset, size)

    def write(self, handle: int, offset: int, data: memoryview) -> Answer[int]:
        """Write."""
        return self._files.write(handle, offset, data)

    def flush(self, handle: int) -> Answer[None]:
        """Do what `close` promises."""
        return self._files.flush(handle)

    async def fsync(self, handle: int) -> None:
        """Wait for the service."""
        await self._files.sync(handle)

    async def fsyncdir(self, ino: int) -> None:
        """Wait for the service to have what is in a folder."""
        # Names of what the service has change there before the call returns; others come with the contents.
        await self._outbox.save_below(self._entry(ino))

    def release(self, handle: int) -> None:
        """Forget a handle."""
        self._files.release(handle)

    def mkdir(self, parent: int, name: bytes, mode: int) -> Answer[Attributes]:
        """Make a folder."""
        folder, text = self._entry(parent), _text(name)
        if not self._names.certain(folder, text) or self._outbox.waits_for_folders:
            return self._made(folder, text)
        if text in folder.children:
            raise refuse(errno.EEXIST, text)
        return self._told(self._outbox.folders.make(folder, text))

    async def _made(self, folder: Entry, name: str) -> Attributes:
        if await self._names.lookup(folder, name) is not None:
            raise refuse(errno.EEXIST, name)
        return self._told(await self._outbox.mkdir(folder, name))

    def _known(self, folder: Entry, name: bytes) -> Entry | None:
        """Return what a name means if that is certain."""
        text = _text(name)
        return folder.children.get(text) if self._names.certain(folder, text) else None

    def unlink(self, parent: int, name: bytes) -> Answer[None]:
        """Remove a file."""
        folder = self._entry(parent)
        entry = self._known(folder, name)
        if entry is None or entry.is_folder or entry.handles or entry.local is not None:
            return self._unlink(folder, name)
        return None if self._outbox.removed_at_once(entry) else self._unlink(folder, name)

    async def _unlink(self, folder: Entry, name: bytes) -> None:
        entry = await self._child(folder, name)
        if entry.is_folder:
            raise refuse(errno.EISDIR, entry)
        await self._files.keep(entry)
        async with self._outbox.still(entry):
            await self._outbox.remove(entry)
            self._outbox.drop(entry)

    def rmdir(self, parent: int, name: bytes) -> Answer[None]:
        """Remove an empty folder."""
        folder = self._entry(parent)
        entry = self._known(folder, name)
        if entry is None or not self._names.known(entry) or entry.children:
            return self._rmdir(folder, name)
        return None if self._outbox.removed_at_once(entry) else self._rmdir(folder, name)

    async def _rmdir(self, folder: Entry, name: bytes) -> None:
        entry = await self._child(folder, name)
        if not entry.is_folder:
            raise refuse(errno.ENOTDIR, entry)
        await self._names.check_empty(entry)
        await self._outbox.remove(entry)

    async def rename(self, parent: int, name: bytes, target: int, other: bytes, flags: int) -> None:
        """Rename or move."""
        if flags not in (0, _NOREPLACE):
            raise OSError(errno.EINVAL, "Names cannot be exchanged")
        folder, text = self._entry(target), _text(other)
        entry = await self._child(self._entry(parent), name)
        await self._rename(entry, folder, text, flags)

    async def _rename(self, entry: Entry, folder: Entry, text: str, flags: int) -> None:
        target = await self._names.lookup(folder, text)
        if self._outbox.folders.waits(target):
            await self._outbox.folders.made(target)  # perhaps under another name
            target = await self._names.lookup(folder, text)
        if target is entry:
            return
        if target is not None and flags:
            raise refuse(errno.EEXIST, text)
        await self._prepare_rename(entry, folder, target)
        async with self._outbox.still(entry, target):
            if entry.node is None and not _uncertain(entry, target) and not _replaces(entry):
                self._names.rename_here(entry, folder, text, target)
            else:
                await self._outbox.folders.made(folder)
                await self._outbox.removals.sent()  # their paths may change with this
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

    async def statfs(self) -> Blocks:
        """Tell the person's quota."""
        quota = await self._room.quota()
        free = _UNLIMITED if quota.free is None else max(0, quota.free)
        return Blocks((quota.used + free) // _BLOCK, free // _BLOCK, _UNLIMITED // _BLOCK, _NAME_MAX)


def _number(entry: Entry) -> int:
    return entry.ino
