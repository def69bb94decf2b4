"""The whole platform for a test: the real `cygnet up`, as a process of its own, on free ports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.leaks import leaked

START_SECONDS = 180
STOP_SECONDS = 90
READY = "Cygnet is ready at "


@dataclass
class Platform:
    """A running platform.

    `hub` and `sync` are its addresses, ending in "/"; `passwords` those of the demo accounts.
    """

    data: Path
    hub: str
    sync: str
    passwords: dict[str, str]
    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        """What `cygnet up` has printed so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop, wait until it has, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def logs(self) -> str:
        """The ends of all its logs, for the message of a failed test."""
        found = sorted((self.data / "logs").glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}" for log in found)


def command(data: Path, *options: str) -> list[str]:
    """The command line of `cygnet up` on free ports."""
    return [sys.executable, "-m", "cygnet_hub.cli.up", "--data", str(data), "--port", "0", *options]


def start(data: Path, *options: str, prefix: Sequence[str] = (), wait: bool = True) -> Platform:
    """Start `cygnet up` on `data`; with `wait`, return once it says that it is ready.

    `prefix` is put before the command line, such as ["setpriv", ...]. What it prints goes to `up.out` beside
    the data directory.
    """
    output = data.parent / f"{data.name}.out"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [*prefix, *command(data, *options)],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
    found = Platform(data, "", "", {}, process, output)
    if wait:
        _wait_until_ready(found)
    return found


def _wait_until_ready(found: Platform) -> None:
    deadline = time.monotonic() + START_SECONDS
    while READY not in found.said():
        if found.process.poll() is not None or time.monotonic() > deadline:
            found.process.terminate()
            raise AssertionError(f"cygnet up did not get ready:\n{found.said()}\n{found.logs()}")
        time.sleep(0.05)
    endpoints = json.loads((found.data / "endpoints.json").read_text())
    found.hub, found.sync = endpoints["hub"], endpoints["sync"]
    with suppress(FileNotFoundError):
        found.passwords = json.loads((found.data / "secrets" / "demo.json").read_text())["passwords"]


@contextmanager
def platform(
    folder: Path, demo: bool = True, options: Sequence[str] = (), settings: str = ""
) -> Iterator[Platform]:
    """Run the platform with a data directory in `folder`, and stop it at the end; `settings` are TOML.

    Raises:
        AssertionError: one of its secrets is in its logs.
    """
    if settings:
        (folder / "data").mkdir(mode=0o711)
        (folder / "data/cygnet.toml").write_text(settings)
    running = start(folder / "data", *(["--demo"] if demo else []), *options)
    try:
        yield running
    finally:
        try:
            running.stop()
        except subprocess.TimeoutExpired:
            running.process.kill()
            raise
    assert leaked(running.data) == []
