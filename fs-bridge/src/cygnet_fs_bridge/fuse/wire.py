"""Numbers and layouts of the messages on /dev/fuse, as `include/uapi/linux/fuse.h` has them."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from struct import Struct

ROOT = 1  # the inode number of the top folder
MAJOR, MINOR = 7, 38
LARGEST = 1 << 20  # bytes of one read or write: 256 pages, which is what the kernel allows
PAGES = LARGEST // 4096


class Opcode(IntEnum):
    """What the kernel asks for (`enum fuse_opcode`)."""

    LOOKUP = 1
    FORGET = 2
    GETATTR = 3
    SETATTR = 4
    READLINK = 5
    SYMLINK = 6
    MKNOD = 8
    MKDIR = 9
    UNLINK = 10
    RMDIR = 11
    RENAME = 12
    LINK = 13
    OPEN = 14
    READ = 15
    WRITE = 16
    STATFS = 17
    RELEASE = 18
    FSYNC = 20
    SETXATTR = 21
    FLUSH = 25
    INIT = 26
    OPENDIR = 27
    READDIR = 28
    RELEASEDIR = 29
    FSYNCDIR = 30
    CREATE = 35
    INTERRUPT = 36
    DESTROY = 38
    BATCH_FORGET = 42
    READDIRPLUS = 44
    RENAME2 = 45


class Notice(IntEnum):
    """What is told to the kernel unasked (`enum fuse_notify_code`)."""

    INVAL_INODE = 2
    INVAL_ENTRY = 3
    STORE = 4


class Init(IntFlag):
    """What both sides can do (flags of `FUSE_INIT`)."""

    ASYNC_READ = 1 << 0
    ATOMIC_O_TRUNC = 1 << 3
    BIG_WRITES = 1 << 5
    AUTO_INVAL_DATA = 1 << 12
    DO_READDIRPLUS = 1 << 13
    ASYNC_DIO = 1 << 15
    PARALLEL_DIROPS = 1 << 18
    HANDLE_KILLPRIV = 1 << 19
    MAX_PAGES = 1 << 22
    NO_OPENDIR_SUPPORT = 1 << 24


# How the kernel is to treat an open file (`FOPEN_*`), and which attributes are to be set (`FATTR_*`): plain
# numbers, because they are met at every call, and arithmetic on enumerations costs a microsecond.
KEEP_CACHE, NOFLUSH = 1 << 1, 1 << 5
SET_MODE, SET_UID, SET_GID, SET_SIZE, SET_MTIME = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 5


# Each layout is named after the structure that it is of.
IN_HEADER = Struct("=IIQQIIIHH")
OUT_HEADER = Struct("=IiQ")
INIT_IN = Struct("=IIII")
INIT_OUT = Struct("=IIIIHHIIHHI28x")
ATTR_OUT = Struct("=QII" + "QQQqqqIIIIIIIIII")
ENTRY_OUT = Struct("=QQQQII" + "QQQqqqIIIIIIIIII")
OPEN_OUT = Struct("=QII")
DIRENT = Struct("=QQII")
STATFS_OUT = Struct("=QQQQQIIII24x")
WRITE_OUT = Struct("=II")
SETATTR_IN = Struct("=IIQQQqqqIIIIIIII")
MKNOD_IN = Struct("=IIII")
MKDIR_IN = Struct("=II")
RENAME_IN = Struct("=Q")
RENAME2_IN = Struct("=QII")
LINK_IN = Struct("=Q")
OPEN_IN = Struct("=II")
CREATE_IN = Struct("=IIII")
READ_IN = Struct("=QQIIQII")
WRITE_IN = Struct("=QQIIQII")
HANDLE_IN = Struct("=QII")  # the beginning of fuse_release_in, fuse_flush_in and fuse_fsync_in
SETXATTR_IN = Struct("=II")
FORGET_IN = Struct("=Q")
BATCH_FORGET_IN = Struct("=II")
FORGET_ONE = Struct("=QQ")
INTERRUPT_IN = Struct("=Q")
INVAL_INODE_OUT = Struct("=Qqq")
INVAL_ENTRY_OUT = Struct("=QII")
STORE_OUT = Struct("=QQII")
