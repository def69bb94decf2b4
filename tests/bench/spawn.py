"""From sending the login page to a usable JupyterLab, and the memory of one more user.

Plain JupyterHub with SimpleLocalProcessSpawner against Cygnet's local spawner, interleaved in one run, each
behind its own hub and proxy of the same version. Ours has its sandbox and its mount; the mount is the real
one on the real sync service.
"""

from __future__ import annotations

import importlib.metadata
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests import platform
from tests.spawner.small_hub import Person, SmallHub

ROUNDS = 5
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


@contextmanager
def _plain(folder: Path) -> Iterator[Person]:
    folder.mkdir()
    lines = f'c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/homes/{{username}}"'
    # Root may not run a server unless told so; nothing else of the plain hub is changed.
    lines += '\nc.Spawner.args = ["--allow-root"]' if os.geteuid() == 0 else ""
    with SmallHub(folder, _PLAIN, lines) as hub:
        yield hub.login("teacher")


@contextmanager
def _ours(folder: Path) -> Iterator[Person]:
    folder.mkdir()
    with platform.platform(folder) as running:
        yield Person(running.hub, "teacher", running.passwords["teacher"], running.logs)


Figures = dict[str, list[float]]


def _measure(plain: Person, ours: Person) -> tuple[Figures, Figures]:
    seconds: Figures = {"plain": [], "ours": []}
    memory: Figures = {"plain": [], "ours": []}
    for round_ in range(ROUNDS + 1):
        for name, person in (("plain", plain), ("ours", ours)):
            before = _pss(_sessions())
            started = time.perf_counter()
            person.log_in()
            person.start()
            took = time.perf_counter() - started
            if round_:  # the first round fills caches on both sides
                seconds[name].append(took)
                memory[name].append(_pss(_sessions()) - before)
            person.stop()
    return seconds, memory


def _sessions() -> set[int]:
    """Processes of all servers: notebook servers, sandboxes, keepers, mounts, and what forks them."""
    words = ("singleuser", "cygnet_extensions.warm", "bwrap", "cygnet-session", "cygnet_fs_bridge.cli")
    found = set()
    for process in psutil.process_iter(["cmdline"]):
        if any(word in " ".join(process.info["cmdline"] or []) for word in words):
            found.add(process.pid)
    return found


def _pss(pids: set[int]) -> float:
    """Their proportional memory in MiB: what several share, with what forked them too, counts once."""
    total = 0
    for pid in pids:
        try:
            total += psutil.Process(pid).memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20


def _table(seconds: Figures, memory: Figures) -> list[str]:
    hub, lab, own = map(importlib.metadata.version, ("jupyterhub", "jupyterlab", "cygnet-spawner"))
    faster = statistics.median(seconds["ours"]) / statistics.median(seconds["plain"])
    smaller = statistics.median(memory["ours"]) / statistics.median(memory["plain"])
    names = {
        "plain": "SimpleLocalProcessSpawner, no sandbox, no mount",
        "ours": f"Cygnet {own}, sandbox and mount",
    }
    return [
        f"JupyterHub {hub}, JupyterLab {lab}, median of {ROUNDS} (from - to)",
        "",
        "| spawner | login to usable Lab, s | one more user, MiB |",
        "|---|---|---|",
        *(f"| {names[key]} | {_cell(seconds[key])} | {_cell(memory[key], 0)} |" for key in names),
        f"| ratio | {faster:.2f} | {smaller:.2f} |",
    ]


def _cell(values: list[float], digits: int = 2) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} - {max(values):.{digits}f})"
