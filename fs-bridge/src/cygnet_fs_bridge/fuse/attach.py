"""Mounting as an ordinary user: `fusermount3` mounts, and hands the descriptor over a socket."""

from __future__ import annotations

import array
import os
import shutil
import socket
import subprocess
from pathlib import Path

_LIMIT = 10.0  # seconds for fusermount3

# Of a mount of Cygnet: `fuse.cygnet` is its kind in the table of mounts, and the kernel checks mode bits.
OPTIONS = "fsname=cygnet,subtype=cygnet,default_permissions,nosuid,nodev"


class CannotMount(Exception):
    """It was refused; the message is a sentence for a person."""


def attach_by_helper(target: Path, options: str) -> int:
    """Mount an empty filesystem and return its descriptor (close-on-exec), as fusermount3(1) says.

    Args:
        target: an existing directory.
        options: of the mount, with commas between them.

    Raises:
        CannotMount: with the reason.
    """
    helper = shutil.which("fusermount3")
    if helper is None:
        raise CannotMount("fusermount3 is not installed (on Debian: apt-get install fuse3).")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(_LIMIT)
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
