"""Attaching a FUSE mount for somebody else: the hub mounts, a session's own process serves.

The process that serves a person's files gets an open descriptor of /dev/fuse. It needs no privilege,
need not see the mount point, and never runs a setuid program. As root the kernel is asked directly;
otherwise `fusermount3` mounts and hands the descriptor over a socket (`_FUSE_COMMFD`, fusermount3(1)).
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from pathlib import Path

from cygnet_fs_bridge.fuse.attach import OPTIONS, CannotMount, attach_by_helper

__all__ = ["CannotMount", "attach", "detach", "is_mounted", "mounted_below"]

DEVICE = Path("/dev/fuse")
_LIMIT = 10.0  # seconds for fusermount3
_MS_NOSUID, _MS_NODEV = 2, 4
_MNT_DETACH, _UMOUNT_NOFOLLOW = 2, 8
_libc = ctypes.CDLL(None, use_errno=True)


def attach(target: Path, uid: int, gid: int) -> int:
    """Mount an empty FUSE filesystem on `target` and return its descriptor (close-on-exec).

    Whoever serves the descriptor answers for the mount; until then everything on it waits. When the
    last copy of the descriptor is closed the mount answers "not connected".

    Args:
        target: an existing directory.
        uid: the only account that may use the mount.
        gid: its group.

    Raises:
        CannotMount: with the reason.
    """
    if not DEVICE.exists():
        raise CannotMount("this machine has no /dev/fuse; load the kernel's fuse module.")
    return _attach_as_root(target, uid, gid) if os.geteuid() == 0 else attach_by_helper(target, OPTIONS)


def _attach_as_root(target: Path, uid: int, gid: int) -> int:
    try:
        fd = os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise CannotMount(f"/dev/fuse cannot be opened: {error.strerror}.") from error
    # The mount point lies in a person's own directory: it is opened without following a link, and mounted on
    # by its descriptor, so that nothing can be put in its place in between.
    place = os.open(target, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    options = f"fd={fd},rootmode=40000,user_id={uid},group_id={gid},default_permissions"
    onto = f"/proc/self/fd/{place}".encode()
    failed = _libc.mount(b"cygnet", onto, b"fuse.cygnet", _MS_NOSUID | _MS_NODEV, options.encode())
    os.close(place)
    if failed:
        os.close(fd)
        raise CannotMount(f"the kernel refused to mount: {os.strerror(ctypes.get_errno())}.")
    return fd


def detach(target: Path) -> None:
    """Unmount `target`, even when it is busy or nobody serves it; nothing happens if it is no mount."""
    if not is_mounted(target):
        return
    if os.geteuid() == 0:
        _libc.umount2(os.fsencode(target), _MNT_DETACH | _UMOUNT_NOFOLLOW)
        return
    subprocess.run(
        ["fusermount3", "-u", "-z", "--", str(target)], capture_output=True, timeout=_LIMIT, check=False
    )


def is_mounted(target: Path, table: str = "/proc/self/mountinfo") -> bool:
    """Whether `target` is a mount point; read from the kernel's table, because asking a dead mount hangs."""
    wanted = os.fsencode(os.path.abspath(target))  # noqa: PTH100 - must not touch the mount
    return any(_unescape(line.split(b" ")[4]) == wanted for line in Path(table).read_bytes().splitlines())


def mounted_below(folder: Path, table: str = "/proc/self/mountinfo") -> list[Path]:
    """Return the mount points inside `folder`, read as `is_mounted` does."""
    above = os.fsencode(os.path.abspath(folder)) + b"/"  # noqa: PTH100 - must not touch the mounts
    points = [_unescape(line.split(b" ")[4]) for line in Path(table).read_bytes().splitlines()]
    return [Path(os.fsdecode(point)) for point in points if point.startswith(above)]


def _unescape(field: bytes) -> bytes:
    """Undo the octal escapes of /proc/self/mountinfo (proc_pid_mountinfo(5))."""
    for code, character in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        field = field.replace(code, character)
    return field
