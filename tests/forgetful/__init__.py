"""A file system of the tests' own that forgets at a power cut what was not flushed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

#: Cuts the power: called with the probability with which a change that was not flushed survives.
Cut = Callable[[float], None]


@contextlib.contextmanager
def forgetful(place: Path, folder: Path, seed: int, *, deaf: bool = False) -> Iterator[Cut]:
    """Mount at `folder` a disk of what is in `place`; after a cut `place` has what survived.

    Needs /dev/fuse and the right to mount.

    Args:
        place: an ordinary folder.
        folder: an empty one.
        seed: of the chance by which things survive.
        deaf: whether flushes are not heeded, as by the worst of disks.
    """
    command = [sys.executable, "-m", "tests.forgetful", str(place), str(folder), str(seed)]
    command += ["deaf"] if deaf else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield lambda kept: os.setxattr(folder, "user.power", str(kept).encode())
        finally:
            subprocess.run(["fusermount3", "-u", "-z", str(folder)], check=True, timeout=20)
            process.kill()  # somebody may still have a file open
