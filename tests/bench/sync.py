"""The sync service beside nginx, Apache, rclone and wsgidav: bytes, small files, ranges, listings.

`CYGNET_BENCH_SCALE=0.1 python -m tests.bench sync`: sizes are those of the column heads times the scale, 1
unless given. One server after the other, each on an empty folder of the same disk; each cell is told as soon
as it is there. The client is `_load.c`. In brackets: milliseconds of CPU that the server spent on a request.
Peers ask for no login and flush nothing; what each promises stands below the table.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench._load import Load, Request, Result
from tests.bench._sync_servers import Opened, Server, installed

CONNECTIONS = 8
SMALL = 4096
RANGE = 64 << 10
BULK = 100
ROUNDS = 5

_PROPS = (
    b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/><d:getlastmodified/>'
    b"<d:getcontentlength/><d:getetag/></d:prop></d:propfind>"
)


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    files: int
    big: int
    ranges: int
    listings: tuple[int, int]

    @classmethod
    def scaled(cls, scale: float) -> Sizes:
        """The issue's sizes times `scale`."""
        return cls(
            max(100, int(2000 * scale)),
            max(16, int(1024 * scale)) << 20,
            max(200, int(8000 * scale)),
            (max(100, int(1000 * scale)), max(1000, int(10_000 * scale))),
        )


class Bench:
    """Measures one server.

    Args:
        load: the client.
        server: it.
        sizes: how much.
    """

    def __init__(self, load: Load, server: Server, sizes: Sizes) -> None:
        self._load, self._server, self._sizes = load, server, sizes

    def cells(self) -> list[str]:
        """One text a column of `COLUMNS`; what fails says so."""
        return [self._cell(head, measure) for head, measure in COLUMNS]

    def _cell(self, head: str, measure: Callable[[Bench], str]) -> str:
        try:
            text = measure(self)
        except (OSError, subprocess.SubprocessError) as error:
            # A server that cannot do this is a result, not the end of the run.
            print(f"{self._server.name}: {head}: {error}", file=sys.stderr)
            text = "failed"
        print(f"  {self._server.name}: {head}: {text}", file=sys.stderr, flush=True)
        return text

    def put_small(self) -> str:
        """Files of 4 KiB, one request each."""
        self._folder("/small")
        puts = (self._request("PUT", f"/small/f{n}", body=_small(n)) for n in range(self._sizes.files))
        return self._rate(list(puts))

    def get_small(self) -> str:
        """The same back."""
        return self._rate([self._request("GET", f"/small/f{n}") for n in range(self._sizes.files)])

    def put_bulk(self) -> str:
        """Files of 4 KiB, a hundred in a request."""
        if not self._server.bulk:
            return "has none"
        self._folder("/bulk")
        starts = range(0, self._sizes.files, BULK)
        requests = [self._bulk(range(start, min(start + BULK, self._sizes.files))) for start in starts]
        return self._rate(requests, self._sizes.files)

    def up(self) -> str:
        """One large file."""
        return self._bytes(Request("PUT", self._path("/big"), self._server.headers, filler=self._sizes.big))

    def down(self) -> str:
        """The same back, three times."""
        return self._bytes(self._request("GET", "/big"), 3)

    def ranges(self) -> str:
        """Parts of the large file, anywhere."""
        chance = random.Random(1)
        starts = [chance.randrange(self._sizes.big - RANGE) for _ in range(self._sizes.ranges)]
        return self._rate(
            [self._request("GET", "/big", ("Range", f"bytes={at}-{at + RANGE - 1}")) for at in starts]
        )

    def propfind(self) -> str:
        """The properties of one file."""
        return self._rate([self._listing("/small/f1", "0")] * self._sizes.files)

    def list_few(self) -> str:
        """A folder of 1,000."""
        return self._list(self._sizes.listings[0])

    def list_many(self) -> str:
        """A folder of 10,000."""
        return self._list(self._sizes.listings[1])

    def memory(self) -> str:
        """What it holds after all this."""
        return f"{self._server.memory() >> 20}"

    def _list(self, count: int) -> str:
        folder = f"/of{count}"
        self._folder(folder)
        if self._server.bulk:
            starts = range(0, count, BULK)
            fill = [self._bulk(range(at, min(at + BULK, count)), folder, b"x") for at in starts]
        else:
            fill = [self._request("PUT", f"{folder}/f{n}", body=b"x") for n in range(count)]
        self._send(fill, CONNECTIONS)
        done = self._send([self._listing(f"{folder}/", "1")] * ROUNDS, 1)
        return f"{done.median * 1000:.1f}"

    def _rate(self, requests: list[Request], operations: int = 0) -> str:
        before = self._server.cpu()
        done = self._send(requests, CONNECTIONS)
        used = (self._server.cpu() - before) * 1000 / len(requests)
        return f"{(operations or len(requests)) / done.seconds:.0f} ({used:.2f})"

    def _bytes(self, request: Request, times: int = 1) -> str:
        done = self._send([request] * times, 1)
        return f"{self._sizes.big / done.median / (1 << 20):.0f}"

    def _send(self, requests: list[Request], connections: int) -> Result:
        done = self._load.run(self._server.port, connections, requests)
        if done.refused:
            raise OSError(f"{done.refused} of {done.count} requests were refused")
        return done

    def _folder(self, path: str) -> None:
        self._send([self._request("MKCOL", f"{path}/")], 1)

    def _path(self, path: str) -> str:
        return self._server.root + path

    def _request(self, method: str, path: str, *headers: tuple[str, str], body: bytes = b"") -> Request:
        return Request(method, self._path(path), (*self._server.headers, *headers), body)

    def _listing(self, path: str, depth: str) -> Request:
        kind = ("Content-Type", "application/xml")
        return self._request("PROPFIND", path, ("Depth", depth), kind, body=_PROPS)

    def _bulk(self, numbers: range, folder: str = "/bulk", data: bytes = b"") -> Request:
        parts = b"".join(_part(f"{folder}/f{n}", data or _small(n)) for n in numbers)
        kind = ("Content-Type", "multipart/related; boundary=part")
        return Request("POST", self._server.bulk, (*self._server.headers, kind), parts + b"--part--\r\n")


def _small(number: int) -> bytes:
    return random.Random(number).randbytes(SMALL)


def _part(path: str, data: bytes) -> bytes:
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    head = f"--part\r\nX-File-Path: {path}\r\nX-File-MD5: {digest}\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data + b"\r\n"


#: Heads and measurements, in the order in which they are made.
COLUMNS: tuple[tuple[str, Callable[[Bench], str]], ...] = (
    ("PUT 4 KiB /s", Bench.put_small),
    ("GET 4 KiB /s", Bench.get_small),
    ("bulk 4 KiB /s", Bench.put_bulk),
    ("PUT 1 GiB MiB/s", Bench.up),
    ("GET 1 GiB MiB/s", Bench.down),
    ("64 KiB ranges /s", Bench.ranges),
    ("PROPFIND 0 /s", Bench.propfind),
    ("PROPFIND of 1,000 ms", Bench.list_few),
    ("of 10,000 ms", Bench.list_many),
    ("RSS MiB", Bench.memory),
)


def main(scale: float = float(os.environ.get("CYGNET_BENCH_SCALE", "1"))) -> None:
    """Print the table, each row as soon as it is there, and what each server promises."""
    sizes, promises = Sizes.scaled(scale), []
    print(f"Times {scale:g}: {sizes}\n\n| | {' | '.join(head for head, _ in COLUMNS)} |", flush=True)
    print(f"|---|{'---|' * len(COLUMNS)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="cygnet-bench-") as name:
        base = Path(name)
        base.chmod(0o755)
        load = Load(base)
        for server, opened in installed().items():
            text, promised = _row(load, opened(base / server), sizes)
            promises.append(promised)
            print(text, flush=True)
    print("\n" + "\n".join(promises))


def _row(load: Load, opened: Opened, sizes: Sizes) -> tuple[str, str]:
    with opened as server:
        cells = Bench(load, server, sizes).cells()
        return f"| {server.name} | {' | '.join(cells)} |", f"- {server.name}: {server.promises}"
