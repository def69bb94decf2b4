"""A PostgreSQL of the tests' own, and an S3 server, both on loopback and gone afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.ceph import ACCESS_KEY, SECRET_KEY, ceph
from tests.ports import free_port


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL that Debian has installed."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def _demote() -> dict[str, object]:
    """PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


class Cluster:
    """A running PostgreSQL."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"t{uuid4().hex}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)


@contextlib.contextmanager
def postgresql() -> Iterator[Cluster]:
    """A new cluster in a temporary folder. It does not flush: the power of these tests does not fail."""
    folder = Path(tempfile.mkdtemp(prefix="cygnet-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    programs, port = postgres_programs(), free_port()
    run = {"check": True, "timeout": 60, "cwd": folder, "stdout": subprocess.DEVNULL, **_demote()}
    data = folder / "data"
    initdb = [programs / "initdb", "--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8"]
    subprocess.run([*initdb, "--locale=C.UTF-8", "--pgdata", data], **run)  # type: ignore[call-overload]
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c max_connections=60"
    pg_ctl = [programs / "pg_ctl", "--pgdata", data, "--log", folder / "log", "--wait"]
    subprocess.run([*pg_ctl, "--options", options, "start"], **run)  # type: ignore[call-overload]
    try:
        yield Cluster(port)
    finally:
        subprocess.run([*pg_ctl, "--mode=immediate", "stop"], **run)  # type: ignore[call-overload]
        shutil.rmtree(folder)


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """The address of Ceph's S3 server, with what a client of it reads from its environment."""
    with ceph() as running:
        settings = {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": running.address,
        }
        with pytest.MonkeyPatch.context() as environment:
            for name, value in settings.items():
                environment.setenv(name, value)
            yield running.address
