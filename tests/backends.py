"""A PostgreSQL of the tests' own, and an S3 server, both on loopback and gone afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
from moto.server import ThreadedMotoServer

#: What a client of S3 reads from its environment; the server takes any.
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


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


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


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
    """The address of an S3 server.

    It is moto's, in memory: of those that one would run for real, Debian's radosgw needs a whole Ceph cluster
    around it, and no other is in Debian or PyPI.
    """
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    before = {name: os.environ.get(name) for name in (*KEYS, "AWS_ENDPOINT_URL")}
    os.environ.update(KEYS, AWS_ENDPOINT_URL=f"http://{host}:{port}")
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
