"""Real processes: found below us or by their mark, ended, and never mistaken."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cygnet_hub.up import processes
from cygnet_hub.up.processes import Process

_STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('up', flush=True); time.sleep(60)"
)
_PARENT = (
    "import subprocess, time; subprocess.Popen(['sleep', '60']); print('up', flush=True); time.sleep(60)"
)

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started = []

    def run(script: str, **env: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=os.environ | env
        )
        started.append(child)
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        return child

    yield run
    for child in started:
        child.kill()
        child.wait()
        child.stdout.close()


def _process(pid: int) -> Process:
    return next(found for found in processes.descendants([os.getpid()]) if found.pid == pid)


def test_grandchildren_are_found_and_ended(start: Start) -> None:
    child = start(_PARENT)
    found = processes.descendants([os.getpid()])
    below = processes.descendants([child.pid])
    assert child.pid in {process.pid for process in found}
    assert len(below) == 1
    assert below < found
    assert processes.end(lambda: below | {_process(child.pid)} if child.poll() is None else below, patience=5)
    assert not any(process.alive() for process in below)


def test_what_ignores_sigterm_is_killed(start: Start) -> None:
    stubborn = _process(start(_STUBBORN).pid)
    assert processes.end(lambda: {stubborn}, patience=0.2)
    assert not stubborn.alive()


def test_a_pid_given_to_another_process_is_not_ours(start: Start, tmp_path: Path) -> None:
    child = start(_STUBBORN)
    impostor = Process(child.pid, started=1)
    assert not impostor.alive()
    impostor.send(signal.SIGKILL)
    assert processes.end(lambda: {impostor}, patience=0.1)
    processes.note(tmp_path / "p.json", "no-such-run", {impostor})
    assert processes.left_over(tmp_path / "p.json") == set()
    assert child.poll() is None


def test_processes_of_an_earlier_start_are_known_by_note_or_by_mark(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    noted, marked, other = (
        start(_PARENT),
        start(_STUBBORN, CYGNET_RUN="r1"),
        start(_STUBBORN, CYGNET_RUN="r2"),
    )
    processes.note(path, "r1", {_process(noted.pid)})
    pids = {process.pid for process in processes.left_over(path)}
    assert {noted.pid, marked.pid} < pids
    assert other.pid not in pids
    assert len(pids) == 3, "the child of a noted process belongs to it"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"run": "r", "processes": [[1]]}'])
def test_a_broken_note_names_nobody(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(text)
    assert processes.left_over(path) == set()


def test_a_note_of_before_the_last_boot_names_nobody(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    processes.note(path, "r", {_process(start(_STUBBORN).pid)})
    path.write_text(json.dumps(json.loads(path.read_text()) | {"boot": "another"}))
    assert processes.left_over(path) == set()


def test_a_child_ends_with_its_parent() -> None:
    script = (
        "import subprocess, sys; from cygnet_hub.up import processes\n"
        "child = subprocess.Popen(['sleep', '60'], preexec_fn=processes.end_with_parent)\n"
        "print(child.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        below = processes.descendants([parent.pid]) if parent.stdout.readline() else set()
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 5
    while any(process.alive() for process in below) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(below) == 1
    assert not any(process.alive() for process in below)
