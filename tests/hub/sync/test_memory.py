"""Memory stays flat whatever passes through: a large file up and down, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

SIZE = 512 << 20
GROWTH = 64 << 20

SERVE = """
import sys, time
from pathlib import Path
from tests.sync_server import sync_server
with sync_server(Path(sys.argv[1])) as server:
    print(server.url, server.app_password("ada"), flush=True)
    time.sleep(110)
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[psutil.Process, httpx.Client]]:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path)], cwd=Path(__file__).parents[3], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        url, password = process.stdout.readline().split()
        with httpx.Client(
            base_url=f"{url}/api/v1", auth=("ada", password), timeout=100, verify=False
        ) as client:
            yield psutil.Process(process.pid), client
        process.kill()


def test_a_large_file_passes_in_little_memory(service: tuple[psutil.Process, httpx.Client]) -> None:
    process, client = service
    block, most = bytes(4 << 20), 0

    def watched() -> None:
        nonlocal most
        most = max(most, process.memory_info().rss)

    def body() -> Iterator[bytes]:
        for _ in range(SIZE // len(block)):
            watched()
            yield block

    client.put("/content?path=/small", content=block)
    client.get("/content?path=/small")
    before = process.memory_info().rss
    headers = {"Content-Length": str(SIZE)}
    assert client.put("/content?path=/large", content=body(), headers=headers).status_code == 201
    with client.stream("GET", "/content?path=/large") as answer:
        time.sleep(0.2)  # a slow receiver: nothing may pile up
        received = 0
        for data in answer.iter_raw(4 << 20):
            received += len(data)
            watched()
    assert received == SIZE
    assert most - before < GROWTH
