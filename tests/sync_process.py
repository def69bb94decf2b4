"""The sync service as the hub runs it: `python -m cygnet_hub.services.sync`, behind a hub of a few lines."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import psutil

from cygnet_hub.services.sync.model.settings import PREFIX
from cygnet_hub.services.sync.service.credentials import issue_app_password
from cygnet_hub.services.sync.store.database import Database
from tests.ports import free_port

PEOPLE = ("ada", "bob")


class _Answers(BaseHTTPRequestHandler):
    """As much of the hub's API as the service asks for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].removeprefix("/hub/api")
        people = {f"/users/{name}": {"name": name, "admin": False} for name in PEOPLE}
        found = people.get(path, [] if path == "/groups" else list(people.values()))
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def stub_hub() -> Iterator[str]:
    """Run a hub with the accounts `PEOPLE`; its API's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, name="stub-hub")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hub/api"
    finally:
        server.shutdown()
        thread.join(20)
        server.server_close()


@dataclass(frozen=True)
class Process:
    """A running service; `url` is its base, without a slash at the end."""

    url: str
    port: int
    pid: int
    passwords: dict[str, str]
    data: Path

    def auth(self, user: str = "ada") -> tuple[str, str]:
        """What `httpx` logs in with."""
        return user, self.passwords[user]

    def basic(self, user: str = "ada") -> str:
        """The value of `Authorization`."""
        return "Basic " + base64.b64encode(":".join(self.auth(user)).encode()).decode()

    def metrics_token(self) -> str:
        """What opens its metrics."""
        return (self.data / "metrics.token").read_text().strip()

    def memory(self) -> int:
        """Bytes that it and the processes that it started hold, shared pages counted once for each."""
        own = psutil.Process(self.pid)
        return sum(one.memory_info().rss for one in (own, *own.children(recursive=True)))

    def peak(self) -> int:
        """Most bytes that its first process ever held."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) << 10


def _passwords(database: str) -> dict[str, str]:
    opened = Database.open(database)
    try:
        return {
            user: opened.write_now(lambda c, who=user: issue_app_password(c, who, "test"))[1]  # type: ignore[misc]
            for user in PEOPLE
        }
    finally:
        opened.close()


@contextlib.contextmanager
def service_process(data: Path, database: str = "", storage: str = "", **more: str) -> Iterator[Process]:
    """Run the service until the block ends.

    Args:
        data: its folder.
        database: a SQLAlchemy URL; empty: SQLite in the folder.
        storage: an fsspec URL; empty: a directory in the folder.
        more: for its environment.
    """
    data.mkdir(parents=True, exist_ok=True)
    database, port = database or f"sqlite:///{data}/sync.db", free_port()
    with stub_hub() as hub:
        environment = {
            **os.environ,
            "JUPYTERHUB_API_URL": hub,
            "JUPYTERHUB_API_TOKEN": "token-of-the-tests",
            "JUPYTERHUB_SERVICE_NAME": "sync",
            "JUPYTERHUB_SERVICE_PREFIX": f"{PREFIX}/",
            "JUPYTERHUB_CLIENT_ID": "service-sync",
            "CYGNET_DATA": str(data),
            "CYGNET_DATABASE_URL": database,
            "CYGNET_STORAGE_URL": storage or f"file://{data}/contents",
            "CYGNET_PUBLIC_URL": f"http://127.0.0.1:{port}{PREFIX}/",
            "CYGNET_SYNC_BIND": f"127.0.0.1:{port}",
            **more,
        }
        with (data / f"service-{port}.log").open("wb") as log:
            command = [sys.executable, "-m", "cygnet_hub.services.sync"]
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        url = f"http://127.0.0.1:{port}{PREFIX}"
        try:
            _await(url, process)
            yield Process(url, port, process.pid, _passwords(database), data)
        finally:
            process.terminate()
            process.wait(60)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/status.php", timeout=5).is_success:
                return
        time.sleep(0.05)
    raise RuntimeError("the service did not start; see its log in the data folder")
