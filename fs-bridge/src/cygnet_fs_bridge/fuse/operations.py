"""What a filesystem does for the kernel. Whoever writes one overrides what it can do."""

from __future__ import annotations

import errno
from collections.abc import Coroutine
from typing import Any, NamedTuple, TypeAlias, TypeVar

from .answers import Attributes, Listing, Opened, Room

T = TypeVar("T")

# An answer that is there at once costs a third of one for which a task has to be made.
Answer: TypeAlias = T | Coroutine[Any, Any, T]


class Changes(NamedTuple):
    """What `setattr` is to set: only what `fields` names by a flag of `wire` means something."""

    fields: int
    size: int
    mtime_ns: int
    mode: int
    uid: int
    gid: int


def _unknown() -> OSError:
    """Return the error after which the kernel does not ask again, or does without."""
    return OSError(errno.ENOSYS, "This filesystem cannot do it")


class Operations:
    """The system calls on one filesystem: each answers at once or with a coroutine, or raises OSError.

    Attributes:
        auto_inval: whether the kernel is to drop its pages of a file when another time stamp is told.
    """

    auto_inval = True

    def lookup(self, parent: int, name: bytes) -> Answer[Attributes]:
        """Tell what a name means, and count that the kernel was told."""
        raise _unknown()

    def forget(self, ino: int, count: int) -> None:
        """Take `count` tellings back."""

    def getattr(self, ino: int) -> Answer[Attributes]:
        """Tell attributes."""
        raise _unknown()

    def setattr(self, ino: int, changes: Changes) -> Answer[Attributes]:
        """Change attributes."""
        raise _unknown()

    def opendir(self, ino: int) -> Answer[Opened]:
        """Open a folder; after ENOSYS the kernel opens folders itself, and keeps what they list."""
        raise _unknown()

    def readdir(self, ino: int, start: int, listing: Listing) -> Answer[Listing]:
        """Fill a listing with what comes after the number `start`; `listing.plus` counts as lookups."""
        raise _unknown()

    def fsyncdir(self, ino: int) -> Answer[None]:
        """Make the names in a folder durable."""
        raise _unknown()

    def mkdir(self, parent: int, name: bytes, mode: int) -> Answer[Attributes]:
        """Make a folder."""
        raise _unknown()

    def mknod(self, parent: int, name: bytes, mode: int) -> Answer[Attributes]:
        """Make a file that is not opened."""
        raise _unknown()

    def create(self, parent: int, name: bytes, mode: int, flags: int) -> Answer[tuple[Opened, Attributes]]:
        """Make a file and open it."""
        raise _unknown()

    def link(self, ino: int, parent: int, name: bytes) -> Answer[Attributes]:
        """Give a file another name."""
        raise OSError(errno.EPERM, "There are no links")

    def symlink(self, parent: int, name: bytes) -> Answer[Attributes]:
        """Make a symbolic link."""
        raise OSError(errno.EPERM, "There are no links")

    def unlink(self, parent: int, name: bytes) -> Answer[None]:
        """Remove a file."""
        raise _unknown()

    def rmdir(self, parent: int, name: bytes) -> Answer[None]:
        """Remove an empty folder."""
        raise _unknown()

    def rename(self, parent: int, name: bytes, target: int, other: bytes, flags: int) -> Answer[None]:
        """Move to the name `other` in the folder `target`."""
        raise _unknown()

    def open(self, ino: int, flags: int) -> Answer[Opened]:
        """Open a file."""
        raise _unknown()

    def read(self, handle: int, offset: int, size: int) -> Answer[bytes]:
        """Return up to `size` bytes."""
        raise _unknown()

    def write(self, handle: int, offset: int, data: memoryview) -> Answer[int]:
        """Write; `data` is only there until this returns, also if it returns a coroutine."""
        raise _unknown()

    def flush(self, handle: int) -> Answer[None]:
        """Do what `close` promises."""
        raise _unknown()

    def fsync(self, handle: int) -> Answer[None]:
        """Do what `fsync` promises."""
        raise _unknown()

    def release(self, handle: int) -> None:
        """Forget a handle."""

    def statfs(self) -> Answer[Room]:
        """Tell how much room there is."""
        raise _unknown()

    def setxattr(self, ino: int, name: bytes, value: bytes) -> Answer[None]:
        """Set an extended attribute."""
        raise _unknown()
