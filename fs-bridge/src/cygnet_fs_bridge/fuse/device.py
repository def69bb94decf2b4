"""An open descriptor of /dev/fuse: one message a read, one answer a write."""

from __future__ import annotations

import errno
import os

from . import wire

# What an answer may fail with and mean nothing: whoever asked was interrupted, or the mount is gone.
_NOBODY_WAITS = {errno.ENOENT, errno.ENODEV, errno.ENOTCONN}
_HEAD = wire.OUT_HEADER.size
_TOGETHER = 64 << 10  # answers up to this are copied behind their head, which is cheaper than two pieces


class Device:
    """The kernel's side of one mount.

    Args:
        fd: owned from now on.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        os.set_blocking(fd, False)
        self._buffer = bytearray(wire.LARGEST + 4096)
        self._view = memoryview(self._buffer)

    def receive(self) -> memoryview:
        """Return the next message, which is there until the next call; raise OSError if there is none."""
        return self._view[: os.readv(self.fd, (self._buffer,))]

    def answer(self, unique: int, data: bytes) -> None:
        """Answer a request."""
        head = wire.OUT_HEADER.pack(_HEAD + len(data), 0, unique)
        try:
            if len(data) <= _TOGETHER:
                os.write(self.fd, head + data)
            else:
                os.writev(self.fd, (head, data))
        except OSError as error:
            if error.errno not in _NOBODY_WAITS:
                raise

    def fail(self, unique: int, number: int) -> None:
        """Answer a request with an error of errno(3)."""
        try:
            os.write(self.fd, wire.OUT_HEADER.pack(_HEAD, -number, unique))
        except OSError as error:
            if error.errno not in _NOBODY_WAITS:
                raise

    def forget_inode(self, ino: int, pages: bool) -> None:
        """Make the kernel forget attributes and perhaps pages, of a folder its listing; raise OSError."""
        self._notify(wire.Notice.INVAL_INODE, wire.INVAL_INODE_OUT.pack(ino, 0 if pages else -1, 0))

    def forget_entry(self, parent: int, name: bytes) -> None:
        """Make the kernel forget what a name in a folder means, once nobody reads the folder."""
        self._notify(wire.Notice.INVAL_ENTRY, wire.INVAL_ENTRY_OUT.pack(parent, len(name), 0) + name + b"\0")

    def store(self, ino: int, data: bytes) -> None:
        """Give the kernel the pages of a file from its beginning; raise OSError.

        It waits for pages of that file for which the kernel has asked and got no answer yet.
        """
        self._notify(wire.Notice.STORE, wire.STORE_OUT.pack(ino, 0, len(data), 0) + data)

    def _notify(self, what: wire.Notice, data: bytes) -> None:
        os.write(self.fd, wire.OUT_HEADER.pack(_HEAD + len(data), what, 0) + data)

    def close(self) -> None:
        """Close it; unless somebody else has a copy, every call on the mount fails then."""
        os.close(self.fd)
