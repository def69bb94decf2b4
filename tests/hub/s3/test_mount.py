"""What S3 stores in parts is in the mount at once, byte for byte, and the other way round.

`CYGNET_S3_MIB=5120 pytest tests/hub/s3/test_mount.py` sends 5 GiB; a few parts are enough to show it.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.fs_bridge.mounted import mounted
from tests.sync_server import SyncServer

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.timeout(3600)]

MIB = int(os.environ.get("CYGNET_S3_MIB", "40"))
BLOCK = 1 << 20


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_a_large_upload_in_parts_is_the_same_in_the_mount(
    server: SyncServer, s3: Any, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    with source.open("wb") as file:
        for _ in range(MIB):
            file.write(os.urandom(BLOCK))
    with mounted(server.url, server.app_password("ada"), tmp_path / "mount") as mount:
        started = time.monotonic()
        s3.upload_file(str(source), "home", "large/by-s3")
        print(f"{MIB} MiB up in {time.monotonic() - started:.1f} s")
        there = mount.files / "large/by-s3"
        deadline = time.monotonic() + 60
        while not there.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        started = time.monotonic()
        assert digest(there) == digest(source)
        print(f"read through the mount in {time.monotonic() - started:.1f} s")
        (mount.files / "large/by-mount").write_bytes(b"from the notebook")
        with (mount.files / "large/by-mount").open("rb") as file:
            os.fsync(file.fileno())
        assert s3.get_object(Bucket="home", Key="large/by-mount")["Body"].read() == b"from the notebook"
