"""A client that costs little, so that the server is what is measured: `_load.c`, and the requests for it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """A request to be sent.

    Args:
        filler: bytes of body beyond `body`, made up by the client.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    filler: int = 0

    def encoded(self) -> bytes:
        """As `_load.c` reads it."""
        length = len(self.body) + self.filler
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        head = "\r\n".join([*lines, "", ""]).encode()
        return b"%d %d %d\n" % (len(head), len(self.body), self.filler) + head + self.body


@dataclass(frozen=True)
class Result:
    """What came of some requests: seconds of all, the median and 99th percentile of one, bytes received."""

    count: int
    seconds: float
    refused: int
    received: int
    median: float
    late: float


class Load:
    """The compiled client.

    Args:
        folder: where the program is put.
    """

    def __init__(self, folder: Path) -> None:
        self._program = folder / "load"
        source = Path(__file__).with_name("_load.c")
        subprocess.run(["gcc", "-O2", "-pthread", "-o", self._program, source], check=True, timeout=60)

    def run(self, port: int, connections: int, requests: Iterable[Request], limit: float = 600) -> Result:
        """Send `requests` to a port of this machine.

        Raises:
            subprocess.SubprocessError: the server went away, or it took longer than `limit` seconds.
        """
        script = [request.encoded() for request in requests]
        done = subprocess.run(
            [self._program, str(port), str(connections)],
            input=b"".join(script), stdout=subprocess.PIPE, check=True, timeout=limit,
        )  # fmt: skip
        seconds, refused, received, median, late = done.stdout.split()
        return Result(len(script), float(seconds), int(refused), int(received), float(median), float(late))
