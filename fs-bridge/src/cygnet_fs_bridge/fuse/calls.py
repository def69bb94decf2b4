"""From the bytes of a request to a call of an operation, and what makes bytes of its answer."""

from __future__ import annotations

import errno
import stat
from collections.abc import Callable
from typing import Any

from . import answers, wire
from .answers import Listing
from .operations import Answer, Changes, Operations
from .wire import Opcode

# Inode and body of a request to an answer, and that to bytes.
Call = Callable[[Operations, int, memoryview], Answer[Any]]
Pack = Callable[[Any], bytes]


def _name(body: memoryview, start: int = 0) -> bytes:
    return bytes(body[start:-1])


def _names(body: memoryview, start: int) -> tuple[bytes, bytes]:
    first, _, second = bytes(body[start:-1]).partition(b"\0")
    return first, second


def _handle(body: memoryview) -> int:
    found: int = wire.HANDLE_IN.unpack_from(body)[0]
    return found


def _nothing(_: None) -> bytes:
    return b""


def _setattr(operations: Operations, ino: int, body: memoryview) -> Answer[answers.Attributes]:
    (valid, _, _, size, _, _, mtime, _, _, mtime_ns, _, mode, _, uid, gid, _) = wire.SETATTR_IN.unpack_from(
        body
    )
    return operations.setattr(ino, Changes(valid, size, mtime * 1_000_000_000 + mtime_ns, mode, uid, gid))


def _mkdir(operations: Operations, ino: int, body: memoryview) -> Answer[answers.Attributes]:
    mode, _ = wire.MKDIR_IN.unpack_from(body)
    return operations.mkdir(ino, _name(body, wire.MKDIR_IN.size), stat.S_IMODE(mode))


def _mknod(operations: Operations, ino: int, body: memoryview) -> Answer[answers.Attributes]:
    mode, *_ = wire.MKNOD_IN.unpack_from(body)
    if not stat.S_ISREG(mode):
        raise OSError(errno.EPERM, "There are only files and folders")
    return operations.mknod(ino, _name(body, wire.MKNOD_IN.size), stat.S_IMODE(mode))


def _create(
    operations: Operations, ino: int, body: memoryview
) -> Answer[tuple[answers.Opened, answers.Attributes]]:
    flags, mode, *_ = wire.CREATE_IN.unpack_from(body)
    return operations.create(ino, _name(body, wire.CREATE_IN.size), stat.S_IMODE(mode), flags)


def _rename(operations: Operations, ino: int, body: memoryview) -> Answer[None]:
    (target,) = wire.RENAME_IN.unpack_from(body)
    name, other = _names(body, wire.RENAME_IN.size)
    return operations.rename(ino, name, target, other, 0)


def _rename2(operations: Operations, ino: int, body: memoryview) -> Answer[None]:
    target, flags, _ = wire.RENAME2_IN.unpack_from(body)
    name, other = _names(body, wire.RENAME2_IN.size)
    return operations.rename(ino, name, target, other, flags)


def _link(operations: Operations, ino: int, body: memoryview) -> Answer[answers.Attributes]:
    (linked,) = wire.LINK_IN.unpack_from(body)
    return operations.link(linked, ino, _name(body, wire.LINK_IN.size))


def _open(operations: Operations, ino: int, body: memoryview) -> Answer[answers.Opened]:
    return operations.open(ino, wire.OPEN_IN.unpack_from(body)[0])


def _read(operations: Operations, ino: int, body: memoryview) -> Answer[bytes]:
    handle, offset, size, *_ = wire.READ_IN.unpack_from(body)
    return operations.read(handle, offset, size)


def _write(operations: Operations, ino: int, body: memoryview) -> Answer[int]:
    handle, offset, size, *_ = wire.WRITE_IN.unpack_from(body)
    return operations.write(handle, offset, body[wire.WRITE_IN.size : wire.WRITE_IN.size + size])


def _release(operations: Operations, ino: int, body: memoryview) -> Answer[None]:
    operations.release(_handle(body))
    return None


def _readdir(operations: Operations, ino: int, body: memoryview) -> Answer[Listing]:
    _, start, size, *_ = wire.READ_IN.unpack_from(body)
    return operations.readdir(ino, start, Listing(size, plus=False))


def _readdirplus(operations: Operations, ino: int, body: memoryview) -> Answer[Listing]:
    _, start, size, *_ = wire.READ_IN.unpack_from(body)
    return operations.readdir(ino, start, Listing(size, plus=True))


def _setxattr(operations: Operations, ino: int, body: memoryview) -> Answer[None]:
    size, _ = wire.SETXATTR_IN.unpack_from(body)
    name, _, _ = bytes(body[wire.SETXATTR_IN.size :]).partition(b"\0")
    return operations.setxattr(ino, name, bytes(body[len(body) - size :]))


def _readlink(operations: Operations, ino: int, body: memoryview) -> Answer[bytes]:
    raise OSError(errno.EINVAL, "It is no link")


CALLS: dict[int, tuple[Call, Pack]] = {
    Opcode.LOOKUP: (lambda operations, ino, body: operations.lookup(ino, _name(body)), answers.entry),
    Opcode.GETATTR: (lambda operations, ino, _: operations.getattr(ino), answers.attributes),
    Opcode.SETATTR: (_setattr, answers.attributes),
    Opcode.READLINK: (_readlink, bytes),
    Opcode.SYMLINK: (
        lambda operations, ino, body: operations.symlink(ino, _names(body, 0)[0]),
        answers.entry,
    ),
    Opcode.MKNOD: (_mknod, answers.entry),
    Opcode.MKDIR: (_mkdir, answers.entry),
    Opcode.UNLINK: (lambda operations, ino, body: operations.unlink(ino, _name(body)), _nothing),
    Opcode.RMDIR: (lambda operations, ino, body: operations.rmdir(ino, _name(body)), _nothing),
    Opcode.RENAME: (_rename, _nothing),
    Opcode.RENAME2: (_rename2, _nothing),
    Opcode.LINK: (_link, answers.entry),
    Opcode.OPEN: (_open, answers.opened),
    Opcode.CREATE: (_create, answers.created),
    Opcode.READ: (_read, bytes),
    Opcode.WRITE: (_write, answers.written),
    Opcode.FLUSH: (lambda operations, _, body: operations.flush(_handle(body)), _nothing),
    Opcode.FSYNC: (lambda operations, _, body: operations.fsync(_handle(body)), _nothing),
    Opcode.RELEASE: (_release, _nothing),
    Opcode.OPENDIR: (lambda operations, ino, _: operations.opendir(ino), answers.opened),
    Opcode.READDIR: (_readdir, Listing.packed),
    Opcode.READDIRPLUS: (_readdirplus, Listing.packed),
    Opcode.RELEASEDIR: (lambda operations, ino, body: None, _nothing),
    Opcode.FSYNCDIR: (lambda operations, ino, _: operations.fsyncdir(ino), _nothing),
    Opcode.STATFS: (lambda operations, ino, _: operations.statfs(), answers.room),
    Opcode.SETXATTR: (_setxattr, _nothing),
}

# What may be broken off when whoever asked is interrupted: it changes nothing.
INTERRUPTIBLE = frozenset(
    {Opcode.LOOKUP, Opcode.GETATTR, Opcode.READ, Opcode.READDIR, Opcode.READDIRPLUS, Opcode.STATFS}
)
