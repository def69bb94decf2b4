"""FUSE mounts below the data directory that nobody serves any more."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


def fuse_mounts(below: Path, table: str | None = None) -> list[Path]:
    """Return the mount points of FUSE filesystems below `below`, innermost first.

    `table` is the text of proc(5) mountinfo; read from the kernel when not given.
    """
    text = Path("/proc/self/mountinfo").read_text(encoding="utf-8") if table is None else table
    found = []
    for line in text.splitlines():
        fields = line.split(" ")
        point, kind = Path(_unescaped(fields[4])), fields[fields.index("-") + 1]
        if kind.partition(".")[0] in ("fuse", "fuseblk") and below in point.parents:
            found.append(point)
    return sorted(found, key=lambda point: len(point.parts), reverse=True)


def _unescaped(text: str) -> str:
    for escape, character in _ESCAPES.items():
        text = text.replace(escape, character)
    return text


def unmount_all(below: Path) -> list[Path]:
    """Unmount the FUSE filesystems below `below`; return those that resisted.

    Lazily, because a mount whose server was killed answers nothing, not even a stat.
    """
    for point in fuse_mounts(below):
        _unmount(point)
    return fuse_mounts(below)


def _unmount(point: Path) -> None:
    fusermount = shutil.which("fusermount3") or shutil.which("fusermount")
    commands = [["umount", "--lazy", str(point)]] if os.geteuid() == 0 else []
    if fusermount:
        commands.append([fusermount, "-u", "-z", str(point)])
    for command in commands:
        if subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0:
            return
