"""`cygnet fixed redirect`: an HTTP client finds a file and its replicas, whichever server has died."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cygnet_fs_bridge.fixed.placement import load
from tests.fs_bridge.stores import http_server


@contextlib.contextmanager
def redirector(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "cygnet_fs_bridge.cli", "fixed", "redirect", "fixed://lab"]
    process = subprocess.Popen([*command, "--port", str(port)], env={"CYGNET_FIXED_TABLES": str(folder)})
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None
        assert time.monotonic() < deadline
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    made = [tmp_path / name for name in ("one", "two", "three")]
    for folder in made:
        (folder / "2026-11").mkdir(parents=True)
    return made


def test_a_client_is_led_to_a_replica(tmp_path: Path, folders: list[Path]) -> None:
    path = "/2026-11/a run.root"
    with contextlib.ExitStack() as stack:
        running = {folder.name: stack.enter_context(contextlib.ExitStack()) for folder in folders}
        urls = {folder.name: running[folder.name].enter_context(http_server(folder)) for folder in folders}
        nodes = "\n".join(f'{name} = "{url}"' for name, url in urls.items())
        (tmp_path / "lab.toml").write_text(f"[[epoch]]\nreplicas = 2\n[epoch.nodes]\n{nodes}\n")
        owners = [place.name for place in load(tmp_path / "lab.toml").epoch(path).owners(path)]
        for name in owners:
            (tmp_path / name / path.strip("/")).write_bytes(b"events")
        at = stack.enter_context(redirector(tmp_path))

        told = httpx.get(at + path)
        assert told.status_code == 307
        assert told.headers["Location"] == f"{urls[owners[0]]}/2026-11/a%20run.root"
        assert told.headers["Link"] == f"<{urls[owners[1]]}/2026-11/a%20run.root>; rel=duplicate; pri=2"
        assert httpx.get(at + path, follow_redirects=True).content == b"events"
        part = httpx.get(at + path, headers={"Range": "bytes=1-3"}, follow_redirects=True)
        assert (part.status_code, part.content) == (206, b"ven")
        assert httpx.head(at + path).status_code == 307
        listed = httpx.get(at + path, headers={"Accept": "application/metalink4+xml"})
        assert listed.text.count("<url ") == 2
        assert httpx.get(f"{at}/2026-11/nothing").status_code == 404
        assert httpx.put(at + path, content=b"x").status_code == 405

        running[owners[0]].close()
        assert httpx.get(at + path, follow_redirects=True, timeout=30).content == b"events"
