"""Runs `cygnet mount` on the real service as a process of its own, as the spawner does."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

LIMIT = 20.0


@dataclass
class Mount:
    """A running mount; `files` is where it is."""

    files: Path
    state_file: Path
    log: Path
    process: subprocess.Popen[bytes]
    command: list[str] = field(repr=False)

    @property
    def state(self) -> dict[str, object]:
        return json.loads(self.state_file.read_text())

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + LIMIT
        while text not in self.log.read_text():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the mount did not say {text!r}: {self.log.read_text()}")
            time.sleep(0.02)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(LIMIT)


def start(url: str, password: str, base: Path, *options: str) -> Mount:
    """Mount the service below the folder `base` and return when it can be used."""
    base.mkdir(parents=True, exist_ok=True)
    token = base / "token"
    token.write_text(password)
    return start_address("cygnet://", base, "--url", url, "--token-file", str(token), *options)


def start_address(address: str, base: Path, *options: str) -> Mount:
    """Mount any address below the folder `base` and return when it can be used."""
    files, state, log = base / "files", base / "state.json", base / "log"
    if not is_mounted(files):
        files.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "cygnet_fs_bridge.cli", "mount", address, str(files), "--foreground",
        "--cache-dir", str(base / "cache"), "--state-file", str(state), *options,
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    mount = Mount(files, state, log, process, command)
    mount.wait_for("mounted")
    return mount


@contextmanager
def mounted(url: str, password: str, base: Path, *options: str) -> Iterator[Mount]:
    with ending(start(url, password, base, *options)) as mount:
        yield mount


@contextmanager
def ending(mount: Mount) -> Iterator[Mount]:
    """Leave no mount behind when the block ends."""
    try:
        yield mount
    finally:
        if mount.process.poll() is None:
            mount.stop()
        if is_mounted(mount.files):
            subprocess.run(["fusermount3", "-u", "-z", str(mount.files)], check=False, timeout=LIMIT)


def is_mounted(folder: Path) -> bool:
    """Whether something is mounted there, alive or not."""
    return any(line.split()[1] == str(folder) for line in Path("/proc/mounts").read_text().splitlines())
