"""The system calls of the forgetful file system."""

from __future__ import annotations

import errno
import os
import random
import shutil
import stat
import time
from pathlib import Path

from cygnet_fs_bridge.fuse import operations, wire
from cygnet_fs_bridge.fuse.answers import Attributes, Listing, Opened, Room
from cygnet_fs_bridge.fuse.operations import Changes
from tests.forgetful.disk import File, Folder, Node, load, store_survivors

#: Setting this attribute of the root, to the part of changes that survives, cuts the power.
POWER = b"user.power"


class Forgetful(operations.Operations):
    """A disk in memory, of what is in a folder at the beginning; a power cut leaves there what survived it.

    Args:
        place: that folder.
        seed: of the chance by which things survive.
        deaf: whether it does not heed flushes.
    """

    def __init__(self, place: Path, seed: int, *, deaf: bool) -> None:
        self._deaf = deaf
        self._place, self._chance = place, random.Random(seed)
        self._nodes: dict[int, Node] = {wire.ROOT: load(place)}
        self._inodes: dict[Node, int] = {node: inode for inode, node in self._nodes.items()}
        self._off = False

    def _node(self, inode: int) -> Node:
        if self._off:
            raise OSError(errno.EIO, "refused")
        return self._nodes[inode]

    def _folder(self, inode: int) -> Folder:
        node = self._node(inode)
        if not isinstance(node, Folder):
            raise OSError(errno.ENOTDIR, "refused")
        return node

    def _file(self, inode: int) -> File:
        node = self._node(inode)
        if not isinstance(node, File):
            raise OSError(errno.EISDIR, "refused")
        return node

    def _child(self, parent: int, name: bytes) -> Node:
        try:
            return self._folder(parent).entries[name]
        except KeyError:
            raise OSError(errno.ENOENT, "refused") from None

    def _attributes(self, node: Node) -> Attributes:
        # Inodes are never forgotten: a run is short.
        inode = self._inodes.setdefault(node, len(self._inodes) + wire.ROOT)
        self._nodes[inode] = node
        size = len(node.data) if isinstance(node, File) else 0
        return Attributes(inode, node.mode, size, node.mtime_ns, uid=os.getuid(), gid=os.getgid())

    def _add(self, parent: int, name: bytes, node: Node) -> Attributes:
        folder = self._folder(parent)
        if name in folder.entries:
            raise OSError(errno.EEXIST, "refused")
        node.mtime_ns = node.mtime_ns or time.time_ns()
        folder.change({name: node})
        return self._attributes(node)

    def lookup(self, parent: int, name: bytes) -> Attributes:
        return self._attributes(self._child(parent, name))

    def getattr(self, ino: int) -> Attributes:
        return self._attributes(self._node(ino))

    def setattr(self, ino: int, changes: Changes) -> Attributes:
        node = self._node(ino)
        if changes.fields & wire.SET_SIZE:
            self._file(ino).resize(changes.size)
        if changes.fields & wire.SET_MODE:
            node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(changes.mode)
        if changes.fields & wire.SET_MTIME:
            node.mtime_ns = changes.mtime_ns
        return self._attributes(node)

    def mkdir(self, parent: int, name: bytes, mode: int) -> Attributes:
        return self._add(parent, name, Folder(mode=stat.S_IFDIR | mode))

    def create(self, parent: int, name: bytes, mode: int, flags: int) -> tuple[Opened, Attributes]:
        made = self._add(parent, name, File(mode=stat.S_IFREG | mode))
        return Opened(made.ino), made

    def link(self, ino: int, parent: int, name: bytes) -> Attributes:
        return self._add(parent, name, self._node(ino))

    def unlink(self, parent: int, name: bytes) -> None:
        self._child(parent, name)
        self._folder(parent).change({name: None})

    def rmdir(self, parent: int, name: bytes) -> None:
        child = self._child(parent, name)
        if isinstance(child, Folder) and child.entries:
            raise OSError(errno.ENOTEMPTY, "refused")
        self._folder(parent).change({name: None})

    def rename(self, parent: int, name: bytes, target: int, other: bytes, flags: int) -> None:
        if parent != target or flags:
            raise OSError(errno.EXDEV, "refused")  # what survives of it would be two questions
        node = self._child(parent, name)
        self._folder(parent).change({name: None, other: node})

    def open(self, ino: int, flags: int) -> Opened:
        if flags & os.O_TRUNC:
            self._file(ino).resize(0)
        return Opened(ino)

    def read(self, handle: int, offset: int, size: int) -> bytes:
        return bytes(self._file(handle).data[offset : offset + size])

    def write(self, handle: int, offset: int, data: memoryview) -> int:
        file = self._file(handle)
        file.write(offset, data)
        file.mtime_ns = time.time_ns()
        return len(data)

    def fsync(self, handle: int) -> None:
        file = self._file(handle)
        if not self._deaf:
            file.flush()

    def fsyncdir(self, ino: int) -> None:
        folder = self._folder(ino)
        if not self._deaf:
            folder.flush()

    def readdir(self, ino: int, start: int, listing: Listing) -> Listing:
        for number, (name, node) in enumerate(list(self._folder(ino).entries.items()), 1):
            if number > start and not listing.add(name, self._attributes(node), number):
                break
        return listing

    def statfs(self) -> Room:
        return Room(1 << 20, 1 << 20, 0)

    def setxattr(self, ino: int, name: bytes, value: bytes) -> None:
        if name != POWER or ino != wire.ROOT:
            raise OSError(errno.ENOTSUP, "refused")
        root = self._folder(ino)
        self._off = True
        for path in self._place.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        store_survivors(root, self._place, self._chance, float(value))
