"""Attaching a FUSE mount for somebody else: the hub mounts, a session's own process serves.

The process that serves a person's files gets an open descriptor of /dev/fuse. It needs no privilege,
need not see the mount point, and never runs a setuid program. As root the kernel is asked directly;
otherwise `fusermount3` mounts and hands the descriptor over a socket (`_FUSE_COMMFD`, fusermount3(1)).
"""

from __future__ import annotations

import array
import ctypes
import os
import shutil
import socket
import subprocess
from pathlib import Path

DEVICE = Path("/dev/fuse")
_LIMIT = 10.0  # seconds for fusermount3
_MS_NOSUID, _MS_NODEV = 2, 4
_MNT_DETACH, _UMOUNT_NOFOLLOW = 2, 8
_libc = ctypes.CDLL(None, use_errno=True)


class CannotMount(Exception):
    """The kernel or fusermount3 refused; the message is a sentence for a person."""


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
    return _attach_as_root(target, uid, gid) if os.geteuid() == 0 else _attach_by_helper(target)


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


def _attach_by_helper(target: Path) -> int:
    helper = shutil.which("fusermount3")
    if helper is None:
        raise CannotMount("fusermount3 is not installed (on Debian: apt-get install fuse3).")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(_LIMIT)
        options = "fsname=cygnet,subtype=cygnet,default_permissions,nosuid,nodev"
        try:
            done = subprocess.run(
                [helper, "-o", options, "--", str(target)],
                pass_fds=[theirs.fileno()],
                env={"PATH": os.defpath, "_FUSE_COMMFD": str(theirs.fileno())},
                capture_output=True,
                timeout=_LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CannotMount(f"fusermount3 did not answer in {_LIMIT:.0f} seconds.") from error
        if done.returncode:
            raise CannotMount(f"fusermount3 refused: {done.stderr.decode(errors='replace').strip()}.")
        return _receive(ours)


def _receive(sock: socket.socket) -> int:
    fds = array.array("i")
    _, ancillary, _, _ = sock.recvmsg(1, socket.CMSG_SPACE(fds.itemsize))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: fds.itemsize])
    if not fds:
        raise CannotMount("fusermount3 mounted, but handed over no descriptor.")
    os.set_inheritable(fds[0], False)
    return fds[0]


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
