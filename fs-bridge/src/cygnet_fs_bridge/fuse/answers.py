"""What operations answer with, and its bytes."""

from __future__ import annotations

from typing import NamedTuple

from . import wire

_BLOCK = 4096
_NS = 1_000_000_000


class Attributes(NamedTuple):
    """What the kernel is told of a file or folder.

    Args:
        ino: inode number; 0 in the answer to a lookup for "there is nothing, and you may remember it".
        mode: type and permission bits.
        size: bytes.
        mtime_ns: time stamp in nanoseconds, also of access and change.
        nlink: names that it has.
        uid: owner.
        gid: group.
        lifetime: seconds that the kernel may believe it.
    """

    ino: int
    mode: int = 0
    size: int = 0
    mtime_ns: int = 0
    nlink: int = 1
    uid: int = 0
    gid: int = 0
    lifetime: int = 0


class Opened(NamedTuple):
    """A handle, and how the kernel is to treat it."""

    handle: int
    flags: int = wire.KEEP_CACHE


class Room(NamedTuple):
    """What `statfs` tells, in blocks of 4 KiB."""

    blocks: int
    free: int
    files: int
    longest_name: int = 255


class Listing:
    """A piece of a folder's listing, of at most a number of bytes.

    Args:
        limit: most bytes.
        plus: whether attributes go with the names.
    """

    def __init__(self, limit: int, plus: bool) -> None:
        self._limit, self._plus = limit, plus
        self._parts: list[bytes] = []
        self._size = 0
        self.plus = plus

    def add(self, name: bytes, found: Attributes, number: int) -> bool:
        """Add an entry; return False if there is no room for it.

        Args:
            name: of the entry.
            found: its attributes.
            number: where to go on behind it.
        """
        head = wire.DIRENT.pack(found.ino, number, len(name), found.mode >> 12)
        one = (entry(found) + head if self._plus else head) + name + bytes(-len(name) % 8)
        if self._size + len(one) > self._limit:
            return False
        self._parts.append(one)
        self._size += len(one)
        return True

    def packed(self) -> bytes:
        """Return its bytes."""
        return b"".join(self._parts)


def attributes(found: Attributes) -> bytes:
    """Return `struct fuse_attr_out`."""
    ino, mode, size, mtime_ns, nlink, uid, gid, lifetime = found
    at, ns = divmod(mtime_ns, _NS)
    return wire.ATTR_OUT.pack(
        lifetime, 0, 0,
        ino, size, (size + 511) // 512, at, at, at, ns, ns, ns, mode, nlink, uid, gid, 0, _BLOCK, 0,
    )  # fmt: skip


def entry(found: Attributes) -> bytes:
    """Return `struct fuse_entry_out`."""
    ino, mode, size, mtime_ns, nlink, uid, gid, lifetime = found
    at, ns = divmod(mtime_ns, _NS)
    return wire.ENTRY_OUT.pack(
        ino, 0, lifetime, lifetime, 0, 0,
        ino, size, (size + 511) // 512, at, at, at, ns, ns, ns, mode, nlink, uid, gid, 0, _BLOCK, 0,
    )  # fmt: skip


def opened(file: Opened) -> bytes:
    """Return `struct fuse_open_out`."""
    return wire.OPEN_OUT.pack(file.handle, file.flags, 0)


def created(both: tuple[Opened, Attributes]) -> bytes:
    """Return `struct fuse_entry_out` and `struct fuse_open_out`."""
    return entry(both[1]) + opened(both[0])


def written(size: int) -> bytes:
    """Return `struct fuse_write_out`."""
    return wire.WRITE_OUT.pack(size, 0)


def room(found: Room) -> bytes:
    """Return `struct fuse_statfs_out`."""
    blocks, free, files, longest = found
    return wire.STATFS_OUT.pack(blocks, free, free, files, files, _BLOCK, longest, _BLOCK, 0)
