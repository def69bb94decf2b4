"""A part that comes back by itself: the shell round it, with a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cygnet_hub.config.logged import kept

# Says its number; told to end, it finishes what is under way.
SERVICE = """
import os, signal, sys, time
def end(*_):
    time.sleep(0.3)
    sys.exit(print("finished", flush=True))
signal.signal(signal.SIGTERM, end)
print("pid", os.getpid(), flush=True)
while True:
    signal.pause()
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "it's a log"


@pytest.fixture
def shell(log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(kept(log, [sys.executable, "-c", SERVICE])) as process:
        yield process
        process.kill()


def started(log: Path, times: int) -> int:
    """Wait until the service has started so often; return the number of the last process."""
    deadline = time.monotonic() + 15
    while not log.exists() or log.read_text().count("pid ") < times:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(log.read_text().rpartition("pid ")[2].split()[0])


def test_it_comes_back_after_a_second(shell: subprocess.Popen[bytes], log: Path) -> None:
    os.kill(started(log, 1), signal.SIGKILL)
    began = time.monotonic()
    started(log, 2)
    assert time.monotonic() - began > 0.9, "a service that cannot start must not take the machine"
    assert "ended with status 137; started again in 1 s" in log.read_text()


def test_it_ends_when_told_and_finishes_first(shell: subprocess.Popen[bytes], log: Path) -> None:
    service = started(log, 1)
    shell.terminate()
    assert shell.wait(10) == 0
    assert "finished" in log.read_text()
    assert not Path(f"/proc/{service}").exists()


def test_it_ends_while_it_waits_to_start_again(shell: subprocess.Popen[bytes], log: Path) -> None:
    os.kill(started(log, 1), signal.SIGKILL)
    while "started again" not in log.read_text():
        time.sleep(0.02)
    shell.terminate()
    assert shell.wait(5) == 0
    assert log.read_text().count("pid ") == 1
