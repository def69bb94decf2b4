"""S3 beside moto and rclone: bytes, small objects, listings.

`CYGNET_BENCH_SCALE=0.1 python -m tests.bench s3`: objects of 1 GiB and 64 MiB, 2,000 small ones, a listing of
10,000 keys, times the scale, 1 unless given. Of rclone it is `serve s3` where the version has it, and `serve
webdav`, with another client, for the bytes. One server after the other, on the same disk; the client of S3 is
boto3 with eight threads, which itself takes more than a millisecond for each small object. moto checks no
signature, and keeps all in memory.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.config import Config

from tests.ports import free_port
from tests.sync_process import service_process

THREADS = 8
SMALL = 4096
ROUNDS = 3
HEADS = (
    "1 GiB up", "1 GiB down", "64 MiB up", "64 MiB down", "small up", "small down", "listing", "by folder",
)  # fmt: skip


@dataclass(frozen=True)
class Sizes:
    """How much is measured: bytes of the two large objects, small objects, keys in the listing."""

    huge: int
    large: int
    small: int
    listed: int

    @classmethod
    def scaled(cls, scale: float) -> Sizes:
        """1 GiB, 64 MiB, 2,000 and 10,000 times `scale`."""
        return cls(
            max(64, int(1024 * scale)) << 20,
            max(16, int(64 * scale)) << 20,
            max(100, int(2000 * scale)),
            max(1000, int(10_000 * scale)),
        )


@dataclass(frozen=True)
class Opened:
    """A running server, and its key."""

    name: str
    url: str
    key: str
    secret: str


@contextlib.contextmanager
def ours(folder: Path) -> Iterator[Opened]:
    """The sync service, as the hub runs it."""
    port = free_port()
    with service_process(folder, CYGNET_S3_BIND=f"127.0.0.1:{port}") as process:
        made = httpx.post(f"{process.url}/api/v1/keys", auth=process.auth(), json={}, trust_env=False).json()
        yield Opened("Cygnet", f"http://127.0.0.1:{port}", made["id"], made["secret"])


@contextlib.contextmanager
def moto(folder: Path) -> Iterator[Opened]:
    """moto's server, which keeps all in memory."""
    folder.mkdir()
    port = free_port()
    command = [str(Path(sys.executable).with_name("moto_server")), "-p", str(port)]
    with _running(command, f"http://127.0.0.1:{port}") as url:
        yield Opened("moto (in memory, no signatures)", url, "a", "b")


@contextlib.contextmanager
def rclone(folder: Path) -> Iterator[Opened]:
    """`rclone serve s3`, of versions that have it."""
    (folder / "home").mkdir(parents=True)
    port = free_port()
    options = ["--addr", f"127.0.0.1:{port}", "--auth-key", "a,b", "--config", "/dev/null"]
    with _running(["rclone", "serve", "s3", str(folder), *options], f"http://127.0.0.1:{port}") as url:
        yield Opened("rclone serve s3", url, "a", "b")


@contextlib.contextmanager
def rclone_webdav(folder: Path) -> Iterator[Opened]:
    """`rclone serve webdav`, for the bytes."""
    (folder / "small").mkdir(parents=True)
    port = free_port()
    options = ["--addr", f"127.0.0.1:{port}", "--config", "/dev/null"]
    with _running(["rclone", "serve", "webdav", str(folder), *options], f"http://127.0.0.1:{port}") as url:
        yield Opened("rclone serve webdav (no signatures, no checksums)", url, "", "")


@contextlib.contextmanager
def _running(command: list[str], url: str) -> Iterator[str]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 30
            while not _answers(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command[0]} does not answer")
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=2, trust_env=False)
    except httpx.HTTPError:
        return False
    return True


def installed() -> list[tuple[Callable[[Path], contextlib.AbstractContextManager[Opened]], type[Bench]]]:
    """The servers that this machine has, each with what measures it."""
    helped = subprocess.run(["rclone", "serve", "--help"], capture_output=True, text=True, check=False)
    if "\n  s3 " in helped.stdout:
        return [(ours, S3Bench), (moto, S3Bench), (rclone, S3Bench), (rclone_webdav, DavBench)]
    print("This rclone has no `serve s3`.\n")
    return [(ours, S3Bench), (moto, S3Bench), (rclone_webdav, DavBench)]


class Bench:
    """Measures one server.

    Args:
        opened: the server.
        sizes: how much.
        folder: for files of its own.
    """

    def __init__(self, opened: Opened, sizes: Sizes, folder: Path) -> None:
        self._sizes, self._folder = sizes, folder
        self._open(opened)

    def _open(self, opened: Opened) -> None:
        raise NotImplementedError

    def _upload(self, source: Path) -> None:
        raise NotImplementedError

    def _download(self, to: Path) -> None:
        raise NotImplementedError

    def _put(self, key: str, data: bytes) -> None:
        raise NotImplementedError

    def _get(self, key: str) -> None:
        raise NotImplementedError

    def _listing(self) -> tuple[str, str]:
        return "-", "-"

    def cells(self) -> list[str]:
        """A row of the table."""
        return [
            *self._bytes(self._sizes.huge), *self._bytes(self._sizes.large), *self._small(), *self._listing(),
        ]  # fmt: skip

    def _bytes(self, size: int) -> tuple[str, str]:
        source, back = self._folder / "large", self._folder / "back"
        with source.open("wb") as file:
            block = random.Random(1).randbytes(16 << 20)
            for _ in range(size >> 24):
                file.write(block)
        up = [_seconds(lambda: self._upload(source)) for _ in range(ROUNDS)]
        down = [_seconds(lambda: self._download(back)) for _ in range(ROUNDS)]
        if not filecmp.cmp(back, source, shallow=False):
            raise RuntimeError("other bytes came back")
        return _speed(size, up), _speed(size, down)

    def _small(self) -> tuple[str, str]:
        data = random.Random(2).randbytes(SMALL)
        keys = [f"small/{number}" for number in range(self._sizes.small)]
        return self._each(keys, lambda key: self._put(key, data)), self._each(keys, self._get)

    def _each(self, keys: list[str], call: Callable[[str], object]) -> str:
        with ThreadPoolExecutor(THREADS) as pool:
            seconds = _seconds(lambda: list(pool.map(call, keys)))
        return f"{len(keys) / seconds:.0f}/s"


class DavBench(Bench):
    """Measures a server of WebDAV."""

    def _open(self, opened: Opened) -> None:
        self._http = httpx.Client(base_url=opened.url, trust_env=False, verify=False, timeout=600)

    def _upload(self, source: Path) -> None:
        with source.open("rb") as file:
            self._http.put("/large", content=file).raise_for_status()

    def _download(self, to: Path) -> None:
        with self._http.stream("GET", "/large") as answer, to.open("wb") as file:
            for block in answer.iter_bytes(1 << 20):
                file.write(block)

    def _put(self, key: str, data: bytes) -> None:
        self._http.put(f"/{key}", content=data).raise_for_status()

    def _get(self, key: str) -> None:
        self._http.get(f"/{key}").raise_for_status()


class S3Bench(Bench):
    """Measures a server of S3."""

    def _open(self, opened: Opened) -> None:
        self._s3: Any = boto3.client(
            "s3",
            endpoint_url=opened.url,
            aws_access_key_id=opened.key,
            aws_secret_access_key=opened.secret,
            region_name="us-east-1",
            config=Config(max_pool_connections=THREADS, s3={"addressing_style": "path"}),
        )
        self._s3.create_bucket(Bucket="home")

    def _upload(self, source: Path) -> None:
        self._s3.upload_file(str(source), "home", "large")

    def _download(self, to: Path) -> None:
        self._s3.download_file("home", "large", str(to))

    def _put(self, key: str, data: bytes) -> None:
        self._s3.put_object(Bucket="home", Key=key, Body=data)

    def _get(self, key: str) -> None:
        self._s3.get_object(Bucket="home", Key=key)["Body"].read()

    def _listing(self) -> tuple[str, str]:
        keys = [f"listed/{number % 100}/{number}" for number in range(self._sizes.listed)]
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda key: self._s3.put_object(Bucket="home", Key=key, Body=b""), keys))
        all_of = [_seconds(lambda: self._list()) for _ in range(ROUNDS)]
        folders = [_seconds(lambda: self._list(Delimiter="/")) for _ in range(ROUNDS)]
        if self._list() != self._sizes.listed:
            raise RuntimeError("the listing is not whole")
        return (
            f"{self._sizes.listed / statistics.median(all_of):.0f} keys/s",
            f"{1000 * statistics.median(folders):.1f} ms",
        )

    def _list(self, **asked: str) -> int:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket="home", Prefix="listed/", **asked)
        return sum(len(page.get("Contents", ())) for page in pages)


def _speed(size: int, seconds: list[float]) -> str:
    return f"{size / statistics.median(seconds) / 2**20:.0f} MiB/s"


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def main(scale: float = float(os.environ.get("CYGNET_BENCH_SCALE", "1"))) -> None:
    """Print the table, each row as soon as it is there."""
    sizes, servers = Sizes.scaled(scale), installed()
    print(f"Times {scale:g}: {sizes}\n\n| | {' | '.join(HEADS)} |\n|---|{'---|' * len(HEADS)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="cygnet-bench-") as name:
        for number, (server, bench) in enumerate(servers):
            own = Path(name) / str(number)
            own.mkdir()
            with server(own / "data") as opened:
                print(f"| {opened.name} | {' | '.join(bench(opened, sizes, own).cells())} |", flush=True)


if __name__ == "__main__":
    main()
