"""`cygnet up --sync-processes 2`: one that is killed takes its own connections with it and no more.

The proxy keeps connections to the service. What it sends by one of them to a process that is dying it answers
with 503, and does not send again itself, because it may have been done. In the end no process is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests.hub.up.test_postgresql_and_s3 import cygnet, files
from tests.platform import Platform, platform

pytestmark = [pytest.mark.platform, pytest.mark.timeout(400)]

PATIENCE = 60.0


def workers(running: Platform) -> list[psutil.Process]:
    """Those processes of the sync service that answer: all but the one that looks after them."""
    below = psutil.Process(running.process.pid).children(recursive=True)
    parents = [one for one in below if one.cmdline()[1:] == ["-m", "cygnet_hub.services.sync"]]
    found = [one for one in parents if one.ppid() in {parent.pid for parent in parents}]
    return sorted(found, key=lambda one: one.pid)


def kept(running: Platform, worker: psutil.Process) -> int:
    """How many connections of the proxy's that process holds."""
    below = psutil.Process(running.process.pid).children(recursive=True)
    proxies = [one for one in below if any("configurable-http-proxy" in word for word in one.cmdline())]
    ports = {local for one in proxies for local, _ in open_ports(one)}
    return sum(remote in ports for _, remote in open_ports(worker))


def open_ports(process: psutil.Process) -> list[tuple[int, int]]:
    """The ports of its connections, here and there."""
    found = [one for one in process.net_connections("tcp") if one.status == psutil.CONN_ESTABLISHED]
    return [(one.laddr.port, one.raddr.port) for one in found]


def repeats(client: httpx.Client, path: str, most: int) -> int:
    """Store a file as clients do, which try again after 503; how often it was sent again."""
    for turn in range(most + 1):
        status = client.put(path, content=b"2").status_code
        if status != 503:
            # What was answered by 503 may have been done.
            assert status == 201 or (turn and status == 204)
            return turn
    raise AssertionError(f"{most} connections, and {most + 1} requests lost")


def wait_for(happens: Callable[[], bool]) -> None:
    """Wait until something is so, for a while."""
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_two_processes_behind_one_address(tmp_path: Path) -> None:
    with platform(tmp_path, demo=False, options=("--sync-processes", "2")) as running:
        cygnet(running, "add", "ada", "--password-stdin", given="correct horse battery staple\n")
        password = cygnet(running, "app-password", "ada")
        log, proxy = running.data / "logs/sync.log", running.data / "logs/proxy.log"
        wait_for(lambda: log.read_text().count("listening on") == 2)
        with files(running, password) as ada:
            assert ada.put("/a", content=b"1").status_code == 201
            other, victim = sorted(workers(running), key=lambda one: kept(running, one))
            connections = kept(running, victim)
            assert connections >= 1
            victim.kill()
            again = [repeats(ada, f"/b{turn}", connections) for turn in range(connections + 5)]
            assert sum(again) <= connections
            assert again[-5:] == [0] * 5
            # They are the proxy's, by connections that were reset; the service itself refused nothing.
            assert proxy.read_text().count(" 503 PUT ") == sum(again)
            assert ada.get("/a").content == b"1"
        wait_for(lambda: len(workers(running)) == 2 and log.read_text().count("listening on") == 3)
        assert other in workers(running)
        with files(running, password) as ada:
            victim = next(one for one in workers(running) if one != other)
            assert ada.get("/a").content == b"1"
            assert kept(running, victim) == 0
            victim.kill()
            for turn in range(5):
                assert ada.put(f"/c{turn}", content=b"3").status_code == 201
        wait_for(lambda: len(workers(running)) == 2)
        token = (running.data / "sync/metrics.token").read_text().strip()
        address, headers = f"{running.sync}metrics", {"Authorization": f"Bearer {token}"}

        def numbers() -> str:
            return httpx.get(address, headers=headers, trust_env=False).text

        wait_for(lambda: 'process="0"' in (text := numbers()) and 'process="1"' in text)
        after = workers(running)
        assert other in after
        assert running.stop() == 0
    assert not any(one.is_running() for one in after)
    assert "not stopped cleanly" not in log.read_text()
