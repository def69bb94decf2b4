"""`cygnet up --sync-processes 2`: one that is killed goes unnoticed, and none is left in the end."""

from __future__ import annotations

import time
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


def test_two_processes_behind_one_address(tmp_path: Path) -> None:
    with platform(tmp_path, demo=False, options=("--sync-processes", "2")) as running:
        cygnet(running, "add", "ada", "--password-stdin", given="correct horse battery staple\n")
        before = workers(running)
        assert len(before) == 2
        with files(running, cygnet(running, "app-password", "ada")) as ada:
            assert ada.put("/a", content=b"1").status_code == 201
            before[0].kill()
            for turn in range(5):
                assert ada.put(f"/b{turn}", content=b"2").status_code == 201
            assert ada.get("/a").content == b"1"
        end = time.monotonic() + PATIENCE
        while len(after := workers(running)) < 2:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert before[1] in after
        token = (running.data / "sync/metrics.token").read_text().strip()
        address, headers = f"{running.sync}metrics", {"Authorization": f"Bearer {token}"}
        while 'process="0"' not in (text := httpx.get(address, headers=headers, trust_env=False).text):
            assert time.monotonic() < end
            time.sleep(0.1)
        assert 'process="1"' in text
        assert running.stop() == 0
    assert not any(one.is_running() for one in after)
    assert "not stopped cleanly" not in (running.data / "logs/sync.log").read_text()
