"""What S3 stores in parts, with TLS or not, is in the mount at once, byte for byte, and the other way round.

`CYGNET_S3_MIB=5120 pytest tests/hub/s3/test_mount.py` sends 5 GiB each; a few parts are enough to show it.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from cygnet_hub.services.sync.model.settings import Tls
from tests.fs_bridge.mounted import mounted
from tests.grid import SERVER, Authority
from tests.hub.s3.keys import Key
from tests.sync_server import SyncServer, sync_server

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.timeout(3600)]

MIB = int(os.environ.get("CYGNET_S3_MIB", "40"))
BLOCK = 1 << 20


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that boto3 believes."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """The service, with TLS too."""
    host = authority.person("localhost", SERVER)
    with sync_server(tmp_path_factory.mktemp("s3"), tls=Tls(host.certificate, host.key)) as running:
        yield running


@pytest.fixture(params=["http", "https"])
def over(request: pytest.FixtureRequest, server: SyncServer, key: Key, authority: Authority) -> Iterator[Any]:
    """boto3, without TLS and with it."""
    address = server.s3 if request.param == "http" else server.secure_s3
    made = boto3.client(
        "s3",
        endpoint_url=address,
        aws_access_key_id=key.id,
        aws_secret_access_key=key.secret,
        region_name="us-east-1",
        verify=str(authority.own.certificate),
    )
    yield made
    made.close()


def test_a_large_upload_in_parts_is_the_same_in_the_mount(
    server: SyncServer, over: Any, tmp_path: Path
) -> None:
    s3, source = over, tmp_path / "source"
    with source.open("wb") as file:
        for _ in range(MIB):
            file.write(os.urandom(BLOCK))
    with mounted(server.url, server.app_password("ada"), tmp_path / "mount") as mount:
        started = time.monotonic()
        s3.upload_file(str(source), "home", "large/by-s3")
        print(f"{MIB} MiB up in {time.monotonic() - started:.1f} s")
        there = mount.files / "large/by-s3"
        deadline = time.monotonic() + 60
        while not there.exists() or there.stat().st_size != source.stat().st_size:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        started = time.monotonic()
        assert digest(there) == digest(source)
        print(f"read through the mount in {time.monotonic() - started:.1f} s")
        (mount.files / "large/by-mount").write_bytes(b"from the notebook")
        with (mount.files / "large/by-mount").open("rb") as file:
            os.fsync(file.fileno())
        assert s3.get_object(Bucket="home", Key="large/by-mount")["Body"].read() == b"from the notebook"
        s3.delete_object(Bucket="home", Key="large/by-s3")
