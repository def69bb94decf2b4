"""From sending the login page to a usable JupyterLab, and the memory of one more user.

Plain JupyterHub with SimpleLocalProcessSpawner against Cygnet's local spawner, interleaved in one run, each
behind its own hub and proxy of the same version. Ours has its sandbox and its mount; the mount is the real
one on the real sync service.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform as machine
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests import platform
from tests.spawner.small_hub import Person, SmallHub

ROUNDS = 5
#: What is on the command lines of a session's processes: server, sandbox, keeper, mount, and what forks them.
_SESSION = ("singleuser", "cygnet_extensions.warm", "bwrap", "cygnet-session", "cygnet_fs_bridge.cli")
_PLAIN = "jupyterhub.spawner.SimpleLocalProcessSpawner"


def main() -> None:
    """Print the table."""
    for row in rows():
        print(row)


def rows() -> list[str]:
    """Measure, and return the lines of a Markdown table."""
    with tempfile.TemporaryDirectory(prefix="cygnet-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with _plain(folder / "plain") as plain, _ours(folder / "ours") as ours:
            measured = _measure(plain, ours)
    return _table(*measured)


@dataclass(frozen=True)
class Side:
    """One of the two: somebody at it, and the process that everything else of it descends from."""

    person: Person
    root: int

    def sessions(self) -> float:
        """Proportional memory, in MiB, of all processes of its servers; what they share counts once."""
        below = psutil.Process(self.root).children(recursive=True)
        return sum(_pss(process) for process in below) / 2**20


@contextmanager
def _plain(folder: Path) -> Iterator[Side]:
    folder.mkdir()
    lines = f'c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/homes/{{username}}"'
    # Root may not run a server unless told so; nothing else of the plain hub is changed.
    lines += '\nc.Spawner.args = ["--allow-root"]' if os.geteuid() == 0 else ""
    with SmallHub(folder, _PLAIN, lines) as hub:
        assert hub.process is not None
        yield Side(hub.login("teacher"), hub.process.pid)


@contextmanager
def _ours(folder: Path) -> Iterator[Side]:
    folder.mkdir()
    with platform.platform(folder) as running:
        person = Person(running.hub, "teacher", running.passwords["teacher"], running.logs)
        yield Side(person, running.process.pid)


Figures = dict[str, list[float]]


def _measure(plain: Side, ours: Side) -> tuple[Figures, Figures]:
    seconds: Figures = {"plain": [], "ours": []}
    memory: Figures = {"plain": [], "ours": []}
    for round_ in range(ROUNDS + 1):
        for name, side in (("plain", plain), ("ours", ours)):
            before = side.sessions()
            started = time.perf_counter()
            side.person.log_in()
            side.person.start()
            took = time.perf_counter() - started
            if round_:  # the first round fills caches on both sides
                seconds[name].append(took)
                memory[name].append(side.sessions() - before)
            side.person.stop()
    return seconds, memory


def _pss(process: psutil.Process) -> int:
    """Bytes of one process (proc(5), smaps_rollup), 0 for one that is no session's or has ended."""
    try:
        if not any(word in " ".join(process.cmdline()) for word in _SESSION):
            return 0
        rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except (psutil.NoSuchProcess, OSError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))


def _table(seconds: Figures, memory: Figures) -> list[str]:
    hub, lab, own = map(importlib.metadata.version, ("jupyterhub", "jupyterlab", "cygnet-spawner"))
    faster = statistics.median(seconds["ours"]) / statistics.median(seconds["plain"])
    smaller = statistics.median(memory["ours"]) / statistics.median(memory["plain"])
    names = {
        "plain": "SimpleLocalProcessSpawner, no sandbox, no mount",
        "ours": f"Cygnet {own}, sandbox and mount",
    }
    return [
        f"JupyterHub {hub}, JupyterLab {lab}, Python {machine.python_version()}, "
        f"{os.cpu_count()} cores; median of {ROUNDS} (from - to)",
        "",
        "| spawner | login to usable Lab, s | one more user, MiB |",
        "|---|---|---|",
        *(f"| {names[key]} | {_cell(seconds[key])} | {_cell(memory[key], 0)} |" for key in names),
        f"| ratio | {faster:.2f} | {smaller:.2f} |",
    ]


def _cell(values: list[float], digits: int = 2) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} - {max(values):.{digits}f})"
