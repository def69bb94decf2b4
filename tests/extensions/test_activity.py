"""Use of a server that the hub does not see by itself, told to a stand-in of the hub."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests.extensions.notebook_server import TOKEN, NotebookServer, bare_server, call

pytestmark = pytest.mark.xdist_group("notebook")
_LIMIT = 60


@dataclass
class Session:
    """A server, and what it told the hub."""

    server: NotebookServer
    home: Path
    told: list[dict[str, Any]] = field(default_factory=list)

    def kernel(self) -> BlockingKernelClient:
        """Start a kernel."""
        request = urllib.request.Request(f"{self.server.url}api/kernels", b"{}", method="POST")
        request.add_header("Authorization", f"token {TOKEN}")
        with urllib.request.urlopen(request, timeout=_LIMIT) as answer:
            name = json.loads(answer.read())["id"]
        client = BlockingKernelClient(connection_file=str(self.home / f"runtime/kernel-{name}.json"))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=_LIMIT)
        return client

    def until_told(self, times: int) -> None:
        """Wait until the hub was told so often."""
        deadline = time.monotonic() + _LIMIT
        while len(self.told) < times:
            assert time.monotonic() < deadline, self.told
            time.sleep(0.05)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    told: list[dict[str, Any]] = []

    class Hub(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Authorization"] == "token of-the-server"
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing of it is of interest."""

    hub = HTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=hub.serve_forever)
    thread.start()
    (tmp_path / "files").mkdir()
    environment = {
        "JUPYTERHUB_ACTIVITY_URL": f"http://127.0.0.1:{hub.server_port}/",
        "JUPYTERHUB_API_TOKEN": "of-the-server",
    }
    try:
        with bare_server(tmp_path / "home", tmp_path / "files", **environment) as server:
            yield Session(server, tmp_path / "home", told)
    finally:
        hub.shutdown()
        thread.join()
        hub.server_close()


def test_the_hub_is_told_that_a_server_is_kept(session: Session) -> None:
    assert call(session.server, "POST", "activity", {}) == (200, {"while_busy": False})
    (told,) = session.told
    assert told["servers"][""]["last_activity"] == told["last_activity"]


def test_a_kernel_that_computes_counts_as_use_when_wanted(session: Session) -> None:
    kernel = session.kernel()
    kernel.execute("import time; print('begun', flush=True); time.sleep(120)")
    while kernel.get_iopub_msg(timeout=_LIMIT)["header"]["msg_type"] != "stream":
        pass
    assert call(session.server, "POST", "activity", {"while_busy": "yes"}) == (200, {"while_busy": True})
    session.until_told(2)  # by the question, and by the look at the kernels
    assert call(session.server, "POST", "activity", {"while_busy": "no"}) == (200, {"while_busy": False})
    kernel.stop_channels()


def test_what_does_not_fit_is_refused(session: Session) -> None:
    assert call(session.server, "POST", "activity", {"while_busy": "perhaps"})[0] == 400
    assert session.told == []
