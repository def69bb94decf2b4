"""Mounting again in a running sandbox: `python -m cygnet_spawner.rejoin SOCKET PID TARGET UID GID`.

When the process that serves a mount is killed, the kernel ends the mount for good. A new one has to be made
where the session sees it: in the mount namespace of its sandbox, by somebody with rights there. This module
is a process of its own, because only one with a single thread can enter namespaces; it hands the descriptor
back. Only for root: the files of a mount made in a user namespace would belong to nobody.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import socket
import sys

_MS_NOSUID, _MS_NODEV = 2, 4
_MNT_DETACH, _UMOUNT_NOFOLLOW = 2, 8
_LIMIT = 10.0  # seconds for the whole of it
_libc = ctypes.CDLL(None, use_errno=True)


async def rejoin(pid: int, target: str, uid: int, gid: int) -> int:
    """Put a new FUSE mount on `target` in the sandbox of `pid`; return its descriptor (close-on-exec).

    Args:
        pid: a process of the sandbox, as the host counts.
        target: the mount point, as the sandbox sees it; a dead mount there is taken away.
        uid: the only account that may use the mount.
        gid: its group.

    Raises:
        OSError: it was not possible; the message says why.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            arguments = [str(number) for number in (theirs.fileno(), pid, target, uid, gid)]
            helper = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-m", "cygnet_spawner.rejoin", *arguments,
                env={"PATH": os.defpath},
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
        try:
            _, errors = await asyncio.wait_for(helper.communicate(), _LIMIT)
        except TimeoutError:
            helper.kill()
            await helper.wait()
            raise
        if helper.returncode:
            words = errors.decode(errors="replace").strip().splitlines()
            raise OSError(words[-1] if words else "the mount was not made")
        _, [descriptor], _, _ = socket.recv_fds(ours, 1, 1)
    os.set_inheritable(descriptor, False)
    return descriptor


def main(channel: int, pid: int, target: str, uid: int, gid: int) -> None:
    """Do it, and send the descriptor over the socket `channel`."""
    mounts = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    _check(_libc.setns(mounts, 0))
    # A link that the person puts there in between leads nowhere but into the same sandbox.
    _libc.umount2(os.fsencode(target), _MNT_DETACH | _UMOUNT_NOFOLLOW)
    options = f"fd={device},rootmode=40000,user_id={uid},group_id={gid},default_permissions"
    flags = _MS_NOSUID | _MS_NODEV
    _check(_libc.mount(b"cygnet", os.fsencode(target), b"fuse.cygnet", flags, options.encode()))
    with socket.socket(fileno=channel) as sock:
        socket.send_fds(sock, [b"m"], [device])


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
