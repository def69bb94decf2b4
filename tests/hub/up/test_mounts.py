"""FUSE mounts below a directory, from the kernel's table."""

from __future__ import annotations

from pathlib import Path

from cygnet_hub.up.mounts import fuse_mounts, unmount_all

_TABLE = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:50 / /data/homes/ada/files rw,nosuid - fuse.cygnet cygnet rw,user_id=1
41 22 0:51 / /data/homes/ada/files/deeper rw shared:3 - fuse cygnet rw
42 22 0:52 / /data/a\040b\134c rw - fuse.cygnet cygnet rw
43 22 0:53 / /data/tmp rw - tmpfs none rw
44 22 0:54 / /database/files rw - fuse.sshfs host rw
45 22 0:55 / /sys/fs/fuse/connections rw - fusectl fusectl rw
"""


def test_only_fuse_below_the_directory_innermost_first() -> None:
    assert fuse_mounts(Path("/data"), _TABLE) == [
        Path("/data/homes/ada/files/deeper"),
        Path("/data/homes/ada/files"),
        Path("/data/a b\\c"),
    ]


def test_nothing_mounted_is_nothing_to_do(tmp_path: Path) -> None:
    assert unmount_all(tmp_path) == []
