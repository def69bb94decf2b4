"""The service as the hub starts it, in a process that can be killed and started again on the same port."""

from __future__ import annotations

import base64
import contextlib
import http.client
import multiprocessing
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from urllib.parse import quote

from cygnet_hub.config.deployment import Ports
from cygnet_hub.services.sync import __main__ as service
from cygnet_hub.services.sync.model.settings import PREFIX
from cygnet_hub.services.sync.service.credentials import issue_app_password
from cygnet_hub.services.sync.store.database import Database
from cygnet_hub.services.sync.store.folders import make_folder
from cygnet_hub.up.ports import choose_ports
from tests.storm.oracle import GONE, Place, digest

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.storm.service"])

START_SECONDS = 60


def _serve(environment: Mapping[str, str], log: Path) -> None:
    os.setsid()  # Ctrl-C is meant for the storm
    os.environ.update(environment)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 2)
    service.main()


@dataclass
class Service:
    """A service on a data folder.

    Args:
        data: that folder.
        api: the address of the hub's API.
        users: who gets an app password.
        log: where it writes what it says.
    """

    data: Path
    api: str
    users: tuple[str, ...]
    log: Path
    failing: bool = False  # its disk fails, so that errors are expected of it
    ports: Ports = field(default_factory=lambda: choose_ports("127.0.0.1", 0))
    passwords: dict[str, str] = field(default_factory=dict)
    process: BaseProcess | None = None

    def __post_init__(self) -> None:
        self.port = self.ports.sync
        self.origin, self.s3 = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.ports.s3}"
        self.url = self.origin + PREFIX
        make_folder(self.data)
        database = Database.open(f"sqlite:///{self.data}/sync.db")
        for user in self.users:
            issued = database.write_now(lambda c, user=user: issue_app_password(c, user, "storm"))
            self.passwords[user] = issued.secret
        database.close()

    def start(self) -> None:
        """Start it; it may take a moment until it listens."""
        environment = {
            "CYGNET_DATA": str(self.data),
            "CYGNET_PUBLIC_URL": self.url + "/",
            "CYGNET_SYNC_BIND": f"127.0.0.1:{self.port}",
            "CYGNET_S3_BIND": f"127.0.0.1:{self.ports.s3}",
            "CYGNET_S3_URL": self.s3,
            "JUPYTERHUB_API_URL": self.api,
            "JUPYTERHUB_API_TOKEN": "token",
            "JUPYTERHUB_CLIENT_ID": "service-sync",
            "JUPYTERHUB_SERVICE_PREFIX": PREFIX + "/",
        }
        self.process = _context.Process(target=_serve, args=(environment, self.log), daemon=True)
        self.process.start()

    def kill(self) -> None:
        """End it without warning.

        Raises:
            AssertionError: it had ended by itself.
        """
        assert self.process is not None
        assert self.process.is_alive(), self.said()[-5000:]
        self.process.kill()
        self.process.join(10)

    def wait_until_ready(self) -> None:
        """Return once it answers."""
        end = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.request("GET", PREFIX + "/ready")[0] == 200:
                    return
            assert time.monotonic() < end and self.process and self.process.is_alive(), self.said()[-5000:]
            time.sleep(0.01)

    def request(
        self, method: str, path: str, body: bytes | None = None, user: str = "", **headers: str
    ) -> tuple[int, bytes]:
        """One request to it: the status and the body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named | (self.login(user) if user else {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def login(self, user: str) -> dict[str, str]:
        """The headers that say who somebody is."""
        token = base64.b64encode(f"{user}:{self.passwords[user]}".encode()).decode()
        return {"Authorization": f"Basic {token}"}

    def address(self, place: Place) -> str:
        """The path of a file in WebDAV."""
        return quote(f"{PREFIX}/remote.php/dav/files/{place.user}{place.path}")

    def look(self, place: Place) -> str:
        """The digest of what a file holds."""
        status, body = self.request("GET", self.address(place), user=place.user)
        assert status in (200, 404), f"{place}: {status} {body[:500]!r}"
        return digest(body) if status == 200 else GONE

    def said(self) -> str:
        """What it has logged."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""
