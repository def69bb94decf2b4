"""`cygnet up` with two options is a platform whose files lie in PostgreSQL and S3, and nowhere else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from s3fs import S3FileSystem

from tests.backends import postgresql, s3_server
from tests.platform import Platform, platform

pytestmark = [
    pytest.mark.platform,
    pytest.mark.needs("pg_ctlcluster", "radosgw"),
    pytest.mark.xdist_group("postgresql"),
    pytest.mark.timeout(400),
]


@pytest.fixture(scope="module")
def urls() -> Iterator[tuple[str, str]]:
    """A database and a bucket of our own."""
    with postgresql() as cluster, s3_server():
        yield cluster.database(), f"s3://bucket-{uuid4().hex}/contents"


def cygnet(running: Platform, *words: str, given: str = "") -> str:
    """What a `cygnet user` command prints."""
    command = [sys.executable, "-m", "cygnet_fs_bridge.cli", "user", words[0], "--data", str(running.data)]
    done = subprocess.run(
        [*command, *words[1:]], input=given, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def files(running: Platform, password: str) -> httpx.Client:
    """Ada's files through the hub's address."""
    return httpx.Client(
        base_url=f"{running.hub}services/sync/remote.php/dav/files/ada",
        auth=("ada", password),
        timeout=60,
        trust_env=False,
    )


def test_files_live_there_and_survive_a_restart(tmp_path: Path, urls: tuple[str, str]) -> None:
    database, storage = urls
    options = ("--database-url", database, "--storage-url", storage)
    with platform(tmp_path, demo=False, options=options) as running:
        cygnet(running, "add", "ada", "--password-stdin", given="correct horse battery staple\n")
        password = cygnet(running, "app-password", "ada")
        with files(running, password) as ada:
            assert ada.put("/a", content=b"first").status_code == 201
            etag = ada.put("/a", content=b"second" * 100_000).headers["ETag"]
    with platform(tmp_path, demo=False, options=options) as running, files(running, password) as ada:
        answer = ada.get("/a")
        assert (answer.content, answer.headers["ETag"]) == (b"second" * 100_000, etag)
    assert not list((tmp_path / "data" / "sync").glob("sync.db*"))
    assert not (tmp_path / "data" / "sync" / "contents").exists()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM version").fetchall() == [(2,)]
    assert len(S3FileSystem(skip_instance_cache=True).find(storage.removeprefix("s3://"))) == 2
