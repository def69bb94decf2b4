"""The system calls of the forgetful file system."""

from __future__ import annotations

import errno
import os
import random
import shutil
import stat
import time
from pathlib import Path

import pyfuse3
from pyfuse3 import ROOT_INODE, EntryAttributes, FileInfo, FUSEError

from tests.forgetful.disk import File, Folder, Node, load, store_survivors

#: Setting this attribute of the root, to the part of changes that survives, cuts the power.
POWER = b"user.power"


class Forgetful(pyfuse3.Operations):
    """A disk in memory, of what is in a folder at the beginning; a power cut leaves there what survived it.

    Args:
        place: that folder.
        seed: of the chance by which things survive.
        deaf: whether it does not heed flushes.
    """

    enable_writeback_cache = False

    def __init__(self, place: Path, seed: int, *, deaf: bool) -> None:
        super().__init__()
        self._deaf = deaf
        self._place, self._chance = place, random.Random(seed)
        self._nodes: dict[int, Node] = {ROOT_INODE: load(place)}
        self._inodes: dict[Node, int] = {node: inode for inode, node in self._nodes.items()}
        self._off = False

    def _node(self, inode: int) -> Node:
        if self._off:
            raise FUSEError(errno.EIO)
        return self._nodes[inode]

    def _folder(self, inode: int) -> Folder:
        node = self._node(inode)
        if not isinstance(node, Folder):
            raise FUSEError(errno.ENOTDIR)
        return node

    def _file(self, inode: int) -> File:
        node = self._node(inode)
        if not isinstance(node, File):
            raise FUSEError(errno.EISDIR)
        return node

    def _child(self, parent: int, name: bytes) -> Node:
        try:
            return self._folder(parent).entries[name]
        except KeyError:
            raise FUSEError(errno.ENOENT) from None

    def _attributes(self, node: Node) -> EntryAttributes:
        # Inodes are never forgotten: a run is short.
        inode = self._inodes.setdefault(node, len(self._inodes) + ROOT_INODE)
        self._nodes[inode] = node
        found = EntryAttributes()
        found.st_ino, found.st_mode, found.st_nlink = inode, node.mode, 1
        found.st_uid, found.st_gid = os.getuid(), os.getgid()
        found.st_size = len(node.data) if isinstance(node, File) else 0
        found.st_atime_ns = found.st_mtime_ns = found.st_ctime_ns = node.mtime_ns
        return found

    def _add(self, parent: int, name: bytes, node: Node) -> EntryAttributes:
        folder = self._folder(parent)
        if name in folder.entries:
            raise FUSEError(errno.EEXIST)
        node.mtime_ns = node.mtime_ns or time.time_ns()
        folder.change({name: node})
        return self._attributes(node)

    async def lookup(self, parent_inode: int, name: bytes, ctx: object) -> EntryAttributes:
        return self._attributes(self._child(parent_inode, name))

    async def getattr(self, inode: int, ctx: object) -> EntryAttributes:
        return self._attributes(self._node(inode))

    async def setattr(self, inode: int, attr, fields, fh: int | None, ctx: object) -> EntryAttributes:
        node = self._node(inode)
        if fields.update_size:
            self._file(inode).resize(attr.st_size)
        if fields.update_mode:
            node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(attr.st_mode)
        if fields.update_mtime:
            node.mtime_ns = attr.st_mtime_ns
        return self._attributes(node)

    async def mkdir(self, parent_inode: int, name: bytes, mode: int, ctx: object) -> EntryAttributes:
        return self._add(parent_inode, name, Folder(mode=stat.S_IFDIR | stat.S_IMODE(mode)))

    async def create(self, parent_inode: int, name: bytes, mode: int, flags: int, ctx: object):
        made = self._add(parent_inode, name, File(mode=stat.S_IFREG | stat.S_IMODE(mode)))
        return FileInfo(fh=made.st_ino), made

    async def link(self, inode: int, new_parent_inode: int, new_name: bytes, ctx: object):
        return self._add(new_parent_inode, new_name, self._node(inode))

    async def unlink(self, parent_inode: int, name: bytes, ctx: object) -> None:
        self._child(parent_inode, name)
        self._folder(parent_inode).change({name: None})

    async def rmdir(self, parent_inode: int, name: bytes, ctx: object) -> None:
        child = self._child(parent_inode, name)
        if isinstance(child, Folder) and child.entries:
            raise FUSEError(errno.ENOTEMPTY)
        self._folder(parent_inode).change({name: None})

    async def rename(self, parent_inode_old, name_old, parent_inode_new, name_new, flags, ctx) -> None:
        if parent_inode_old != parent_inode_new or flags:
            raise FUSEError(errno.EXDEV)  # what survives of it would be two questions
        node = self._child(parent_inode_old, name_old)
        self._folder(parent_inode_old).change({name_old: None, name_new: node})

    async def open(self, inode: int, flags: int, ctx: object) -> FileInfo:
        if flags & os.O_TRUNC:
            self._file(inode).resize(0)
        return FileInfo(fh=inode)

    async def read(self, fh: int, off: int, size: int) -> bytes:
        return bytes(self._file(fh).data[off : off + size])

    async def write(self, fh: int, off: int, buf: bytes) -> int:
        file = self._file(fh)
        file.write(off, buf)
        file.mtime_ns = time.time_ns()
        return len(buf)

    async def fsync(self, fh: int, datasync: bool) -> None:
        file = self._file(fh)
        if not self._deaf:
            file.flush()

    async def fsyncdir(self, fh: int, datasync: bool) -> None:
        folder = self._folder(fh)
        if not self._deaf:
            folder.flush()

    async def opendir(self, inode: int, ctx: object) -> int:
        self._folder(inode)
        return inode

    async def readdir(self, fh: int, start_id: int, token: pyfuse3.ReaddirToken) -> None:
        for number, (name, node) in enumerate(list(self._folder(fh).entries.items()), 1):
            if number > start_id and not pyfuse3.readdir_reply(token, name, self._attributes(node), number):
                return

    async def statfs(self, ctx: object) -> pyfuse3.StatvfsData:
        found = pyfuse3.StatvfsData()
        found.f_bsize = found.f_frsize = 4096
        found.f_blocks = found.f_bfree = found.f_bavail = 1 << 20
        found.f_namemax = 255
        return found

    async def setxattr(self, inode: int, name: bytes, value: bytes, ctx: object) -> None:
        if name != POWER or inode != ROOT_INODE:
            raise FUSEError(errno.ENOTSUP)
        root = self._folder(inode)
        self._off = True
        for path in self._place.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        store_survivors(root, self._place, self._chance, float(value))
