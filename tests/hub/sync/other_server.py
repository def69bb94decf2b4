"""Another server, which does what a test tells it to, and a service of ours that may copy from and to it."""

from __future__ import annotations

import contextlib
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from cygnet_hub.services.sync.model.egress import EgressPolicy
from tests.hub.sync.api import client
from tests.sync_server import SyncServer


@dataclass
class Place:
    """A server that does what a test tells it to; `asked` holds method, path and headers of requests."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    answers: dict[tuple[str, str], tuple[int, dict[str, str]]] = field(default_factory=dict)
    #: Bytes after which a GET stops for as long as `stalled` is set, or breaks off.
    cut: int | None = None
    stalled: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    """Answers as its `place` says."""

    protocol_version = "HTTP/1.1"
    place: Place

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def handle_expect_100(self) -> bool:
        return ("PUT", self.path) in self.place.answers or super().handle_expect_100()

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(body[: self.place.cut])
        if self.place.cut is not None and self.path in self.place.files:
            self.cut_off()

    def cut_off(self) -> None:
        self.wfile.flush()
        if self.place.stalled.is_set():
            self.connection.settimeout(60)
            with contextlib.suppress(OSError):
                self.connection.recv(1)
        self.place.gone.set()
        self.close_connection = True

    def asked(self) -> tuple[int, dict[str, str]] | None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.place.asked.append((self.command, self.path, headers))
        return self.place.answers.get((self.command, self.path))

    def do_GET(self) -> None:
        told, data = self.asked(), self.place.files.get(self.path)
        if told is not None:
            self.answer(*told, data or b"")
        elif data is None:
            self.answer(404, {})
        else:
            self.answer(200, {"Digest": f"adler32={zlib.adler32(data):08x}"}, data)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        if told := self.asked():
            self.close_connection = True
            self.answer(*told)
            return
        self.place.files[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201, {})


@contextlib.contextmanager
def other_server() -> Iterator[Place]:
    """Run one until the block ends."""
    made = Place()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OfPlace", (Handler,), {"place": made}))
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="place")
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@contextlib.contextmanager
def serving(folder: Path, policy: EgressPolicy) -> Iterator[SyncServer]:
    """A service of ours that may go where `policy` says."""
    server = SyncServer(folder)
    server.copies = policy
    server.start()
    try:
        yield server
    finally:
        server.stop()


def dav(server: SyncServer, path: str) -> str:
    """The address of a file of Ada's."""
    return f"{server.url}/remote.php/dav/files/ada/{path}"


def copy(server: SyncServer, path: str, **headers: str) -> httpx.Response:
    """A COPY of Ada's; underscores in names of headers stand for hyphens."""
    named = {"Credential": "none"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return own(server).request("COPY", dav(server, path), headers=named)


def own(server: SyncServer) -> httpx.Client:
    """Ada herself."""
    return client(auth=("ada", server.app_password("ada")))
