"""Clients of S3 that nobody here wrote, as they come: each does its ordinary round."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pandas
import pytest
import uproot

from tests.hub.s3.keys import Key
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer

#: Enough for several parts of every client.
LARGE = 20 << 20


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is sent in parts."""
    path = tmp_path_factory.mktemp("large") / "large.bin"
    path.write_bytes(random.Random(1).randbytes(LARGE))
    return path


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.fixture
def environment(server: SyncServer, key: Key, tmp_path: Path) -> dict[str, str]:
    """What Amazon's tools and those after them read."""
    # rclone 1.60 stops at a bundle of certificates that it is told of.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_ENDPOINT_URL": server.s3,
        "AWS_DEFAULT_REGION": "us-east-1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


def run(environment: dict[str, str], *command: str | Path, **more: Any) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(
        [*map(str, command)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        **more,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def some_files(folder: Path) -> dict[str, bytes]:
    """Files with names that a client might get wrong."""
    files = {
        "a.txt": b"1",
        "b c+d%20&é.txt": b"2",
        "sub/e.txt": b"3",
        "sub/empty": b"",
        "sub/deep/日本.bin": b"x" * 9000,
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return files


def in_folder(folder: Path) -> dict[str, bytes]:
    """The files below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_aws_cli(server: SyncServer, environment: dict[str, str], tmp_path: Path, large: Path) -> None:
    def aws(*arguments: str | Path) -> str:
        return run(environment, "aws", *arguments)

    files = some_files(tmp_path / "up")
    aws("s3", "cp", "--no-progress", large, "s3://home/aws/large.bin")
    aws("s3", "sync", "--no-progress", tmp_path / "up", "s3://home/aws/tree")
    aws("s3", "sync", "--no-progress", "s3://home/aws", tmp_path / "down")
    assert sha256(tmp_path / "down/large.bin") == sha256(large)
    assert in_folder(tmp_path / "down/tree") == files
    assert Dav(server, "ada").get("/aws/tree/a.txt") == b"1"
    aws("s3", "rm", "--recursive", "s3://home/aws")
    assert "aws" not in aws("s3", "ls", "s3://home/")


@pytest.mark.needs("s3cmd")
def test_s3cmd(
    server: SyncServer, key: Key, environment: dict[str, str], tmp_path: Path, large: Path
) -> None:
    host = server.s3.removeprefix("http://")

    def s3cmd(*arguments: str | Path) -> str:
        options = ("--no-ssl", f"--host={host}", f"--host-bucket={host}", "--access_key", key.id)
        return run(environment, "s3cmd", *options, "--secret_key", key.secret, "--no-progress", *arguments)

    files = some_files(tmp_path / "up")
    s3cmd("put", large, "s3://home/s3cmd/large.bin")
    s3cmd("sync", f"{tmp_path}/up/", "s3://home/s3cmd/tree/")
    assert "s3://home/s3cmd/large.bin" in s3cmd("ls", "s3://home/s3cmd/")
    assert "large.bin" in s3cmd("info", "s3://home/s3cmd/large.bin")
    s3cmd("get", "s3://home/s3cmd/large.bin", tmp_path / "large.bin")
    assert sha256(tmp_path / "large.bin") == sha256(large)
    (tmp_path / "down").mkdir()
    s3cmd("sync", "s3://home/s3cmd/tree/", f"{tmp_path}/down/")
    assert in_folder(tmp_path / "down") == files
    s3cmd("mv", "s3://home/s3cmd/tree/a.txt", "s3://home/s3cmd/moved.txt")
    s3cmd("cp", "s3://home/s3cmd/moved.txt", "s3://home/s3cmd/copied.txt")
    s3cmd("del", "--recursive", "--force", "s3://home/s3cmd/")
    assert s3cmd("ls", "s3://home/s3cmd/") == ""


@pytest.mark.needs("rclone")
def test_rclone(
    server: SyncServer, key: Key, environment: dict[str, str], tmp_path: Path, large: Path
) -> None:
    remote = {
        "TYPE": "s3",
        "PROVIDER": "Other",
        "ACCESS_KEY_ID": key.id,
        "SECRET_ACCESS_KEY": key.secret,
        "ENDPOINT": server.s3,
        "UPLOAD_CUTOFF": "8M",
    }
    own = environment | {f"RCLONE_CONFIG_CYGNET_{name}": value for name, value in remote.items()}

    def rclone(*arguments: str | Path) -> str:
        return run(own, "rclone", "--retries=1", *arguments)

    files = some_files(tmp_path / "up")
    os.utime(tmp_path / "up/a.txt", (1_500_000_000, 1_500_000_000))
    rclone("copyto", large, "cygnet:home/rclone/large.bin")
    rclone("sync", tmp_path / "up", "cygnet:home/rclone/tree")
    rclone("check", "--download", tmp_path / "up", "cygnet:home/rclone/tree")
    assert (
        Dav(server, "ada")("GET", "/rclone/tree/a.txt")
        .headers["Last-Modified"]
        .startswith("Fri, 14 Jul 2017")
    )
    (tmp_path / "up/sub/e.txt").unlink()
    (tmp_path / "up/new").write_bytes(b"new")
    rclone("sync", tmp_path / "up", "cygnet:home/rclone/tree")
    rclone("sync", "cygnet:home/rclone", tmp_path / "down")
    del files["sub/e.txt"]
    assert in_folder(tmp_path / "down/tree") == files | {"new": b"new"}
    assert sha256(tmp_path / "down/large.bin") == sha256(large)
    rclone("moveto", "cygnet:home/rclone/large.bin", "cygnet:home/rclone/moved.bin")
    rclone("purge", "cygnet:home/rclone")
    assert "rclone/" not in rclone("lsf", "cygnet:home")


@pytest.mark.needs("restic")
def test_restic(server: SyncServer, environment: dict[str, str], tmp_path: Path, large: Path) -> None:
    own = environment | {"RESTIC_PASSWORD": "a word", "RESTIC_REPOSITORY": f"s3:{server.s3}/home/restic"}
    files = some_files(tmp_path / "up")
    run(own, "restic", "init")
    run(own, "restic", "backup", tmp_path / "up", large)
    run(own, "restic", "check")
    run(own, "restic", "restore", "latest", "--target", tmp_path / "down")
    assert in_folder(tmp_path / "down" / str(tmp_path).removeprefix("/") / "up") == files


@pytest.mark.needs("fuse", "s3fs")
def test_s3fs_fuse(server: SyncServer, key: Key, tmp_path: Path, large: Path) -> None:
    password, there = tmp_path / "password", tmp_path / "mnt"
    password.write_text(f"{key.id}:{key.secret}\n")
    password.chmod(0o600)
    there.mkdir()
    options = f"passwd_file={password},url={server.s3},use_path_request_style,multipart_size=8"
    with subprocess.Popen(
        ["s3fs", "home", str(there), "-f", "-o", options], stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for_mount(there, process)
            (there / "fuse/deep").mkdir(parents=True)
            (there / "fuse/deep/a.txt").write_text("one")
            (there / "fuse/large.bin").write_bytes(large.read_bytes())
            assert Dav(server, "ada").get("/fuse/deep/a.txt") == b"one"
            assert sha256(there / "fuse/large.bin") == sha256(large)
            (there / "fuse/deep/a.txt").rename(there / "fuse/b.txt")
            assert sorted(os.listdir(there / "fuse")) == ["b.txt", "deep", "large.bin"]
            (there / "fuse/b.txt").unlink()
            (there / "fuse/large.bin").unlink()
            (there / "fuse/deep").rmdir()
            (there / "fuse").rmdir()
            assert "fuse" not in os.listdir(there)
        finally:
            subprocess.run(["fusermount3", "-uz", str(there)], check=False, timeout=20)
            process.wait(20)


def wait_for_mount(folder: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not folder.is_mount():
        assert process.poll() is None, "s3fs ended"
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def storage(server: SyncServer, key: Key) -> dict[str, Any]:
    """What fsspec's s3:// is told."""
    return {"key": key.id, "secret": key.secret, "endpoint_url": server.s3, "skip_instance_cache": True}


@pytest.fixture
def files(storage: dict[str, Any]) -> Iterator[Any]:
    """s3fs for fsspec."""
    made = fsspec.filesystem("s3", **storage)
    yield made
    asyncio.run_coroutine_threadsafe(made._s3creator.__aexit__(None, None, None), made.loop).result(10)


def test_fsspec(server: SyncServer, files: Any, tmp_path: Path, large: Path) -> None:
    some_files(tmp_path / "up")
    files.put(str(large), "home/fsspec/large.bin")
    files.put(f"{tmp_path}/up/", "home/fsspec/tree/", recursive=True)
    assert sorted(files.ls("home/fsspec", detail=False)) == ["home/fsspec/large.bin", "home/fsspec/tree"]
    with files.open("home/fsspec/large.bin", "rb") as file:
        file.seek(LARGE - 5)
        assert file.read() == large.read_bytes()[-5:]
    files.get("home/fsspec/large.bin", str(tmp_path / "large.bin"))
    assert sha256(tmp_path / "large.bin") == sha256(large)
    assert files.isdir("home/fsspec/tree/sub")
    files.mv("home/fsspec/tree/a.txt", "home/fsspec/b.txt")
    assert Dav(server, "ada").get("/fsspec/b.txt") == b"1"
    files.rm("home/fsspec", recursive=True)
    files.invalidate_cache()
    assert not files.exists("home/fsspec")


def test_pandas(storage: dict[str, Any]) -> None:
    frame = pandas.DataFrame({"x": range(5), "y": list("abcde")})
    frame.to_csv("s3://home/pandas/table.csv", index=False, storage_options=storage)
    read = pandas.read_csv("s3://home/pandas/table.csv", storage_options=storage)
    pandas.testing.assert_frame_equal(read, frame)


def test_uproot(server: SyncServer, storage: dict[str, Any], tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "a.root") as made:
        made["tree"] = {"x": range(1000)}
    Dav(server, "ada").put("/uproot.root", (tmp_path / "a.root").read_bytes())
    with uproot.open("s3://home/uproot.root:tree", **storage) as tree:
        assert tree["x"].array(library="np").sum() == 499_500
