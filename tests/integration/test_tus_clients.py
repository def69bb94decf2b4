"""Resumable uploads by tuspy and curl; how ownCloud's client makes them is tested where it syncs."""

from __future__ import annotations

import base64
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tusclient.client import TusClient

from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer, sync_server

DATA = random.Random(5).randbytes(4_000_001)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    with sync_server(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def ada(server: SyncServer) -> Dav:
    return Dav(server, "ada")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.root"
    path.write_bytes(DATA)
    return path


def test_tuspy_stops_and_goes_on(ada: Dav, source: Path) -> None:
    client = TusClient(ada.server.origin + ada.root + "/", headers=ada.headers)
    metadata = {"filename": "by tuspy ü.root"}
    with source.open("rb") as file:  # it closes no file of its own
        usual = {"file_stream": file, "chunk_size": 1_000_000, "upload_checksum": True}
        first = client.uploader(metadata=metadata, **usual)
        first.upload(stop_at=2_000_000)
        second = client.uploader(url=first.url, **usual)
        assert second.offset == 2_000_000
        second.upload()
    assert ada.get("/by tuspy ü.root") == DATA


@pytest.mark.needs("curl")
def test_curl_begins_with_the_first_bytes_and_goes_on(ada: Dav, source: Path, tmp_path: Path) -> None:
    name = base64.b64encode(b"by curl").decode()
    (tmp_path / "first").write_bytes(DATA[:1000])
    (tmp_path / "rest").write_bytes(DATA[1000:])

    def curl(method: str, url: str, part: str, *headers: str) -> str:
        common = ["Tus-Resumable: 1.0.0", "Content-Type: application/offset+octet-stream"]
        given = [word for line in (*common, *headers) for word in ("-H", line)]
        user = f"ada:{ada.server.app_password('ada')}"
        command = ["curl", "-sS", "--fail", "-u", user, "-X", method, "-D", "-", *given]
        command += ["--data-binary", f"@{tmp_path / part}", url]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    url = ada.server.origin + ada.root + "/"
    made = curl("POST", url, "first", f"Upload-Length: {len(DATA)}", f"Upload-Metadata: filename {name}")
    fields = dict(line.split(": ", 1) for line in made.splitlines() if ": " in line)
    assert fields["Upload-Offset"] == "1000"
    done = curl("PATCH", fields["Location"], "rest", "Upload-Offset: 1000")
    assert f"Upload-Offset: {len(DATA)}" in done
    assert ada.get("/by curl") == DATA
