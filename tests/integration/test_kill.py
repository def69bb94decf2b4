"""The service is killed without warning while it is written to: what it acknowledged is there afterwards."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from cygnet_hub.services.sync.service.fsck import check
from cygnet_hub.services.sync.store.contents import Contents
from cygnet_hub.services.sync.store.database import Database

ROUNDS = 3
WRITERS = 4

SERVE = """
import sys, time
from pathlib import Path
from tests.sync_server import sync_server
with sync_server(Path(sys.argv[1])) as server:
    print(server.url, server.app_password("ada"), flush=True)
    time.sleep(60)
"""


def start(data: Path) -> tuple[subprocess.Popen[str], str, dict[str, str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as output:
        url, password = output.readline().split()
    token = base64.b64encode(f"ada:{password}".encode()).decode()
    return process, url + "/remote.php/dav/files/ada", {"Authorization": f"Basic {token}"}


def request(url: str, headers: dict[str, str], method: str, body: bytes | None = None) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, parts.path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def write(base: str, headers: dict[str, str], writer: int, acknowledged: dict[str, tuple[str, str]]) -> None:
    """Overwrite a few files for ever; note the last acknowledged contents, and those on their way."""
    chance = random.Random(writer)
    with contextlib.suppress(OSError, http.client.HTTPException):
        while True:
            name = f"w{writer}-{chance.randrange(3)}"
            body = chance.randbytes(chance.choice([0, 100, 5_000, 2_000_000]))
            digest = hashlib.sha256(body).hexdigest()
            known = acknowledged.get(name, ("", ""))[0]
            acknowledged[name] = (known, digest)
            status, _ = request(f"{base}/{name}", headers, "PUT", body)
            assert status in (201, 204)
            acknowledged[name] = (digest, digest)


def test_what_was_acknowledged_survives_every_kill(tmp_path: Path) -> None:
    acknowledged: dict[str, tuple[str, str]] = {}
    for round_ in range(ROUNDS):
        process, base, headers = start(tmp_path)
        verify(base, headers, acknowledged)
        writers = [
            threading.Thread(target=write, args=(base, headers, writer, acknowledged))
            for writer in range(WRITERS)
        ]
        for thread in writers:
            thread.start()
        time.sleep(random.Random(round_).uniform(0.3, 1.2))
        process.kill()
        process.wait(10)
        for thread in writers:
            thread.join(30)
        database = Database.open(f"sqlite:///{tmp_path}/sync.db")
        report = check(database, Contents.open(f"file://{tmp_path}/contents"))
        database.close()
        assert report.clean, report
    assert len(acknowledged) > WRITERS


def verify(base: str, headers: dict[str, str], acknowledged: dict[str, tuple[str, str]]) -> None:
    """Each file is as it was acknowledged, or as the write that was cut off would have made it."""
    for name, (known, on_its_way) in acknowledged.items():
        status, body = request(f"{base}/{name}", headers, "GET")
        found = hashlib.sha256(body).hexdigest() if status == 200 else ""
        assert found in (known, on_its_way), name
        acknowledged[name] = (found, found)
