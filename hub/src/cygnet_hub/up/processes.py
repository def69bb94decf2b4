"""Processes: which ones are ours, and how all of them end.

A process is known by its pid and the time it started, so a pid that the kernel has given to somebody else is
never taken for ours. While the platform runs, the supervisor notes its descendants; every process carries
the id of the start in its environment. The start after a crash ends what either of the two shows.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cygnet_hub.config.deployment import RUN_VARIABLE
from cygnet_hub.up.secrets import write_private

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, order=True)
class Process:
    """A process: `pid`, and `started` in clock ticks since boot (proc(5), field 22 of stat)."""

    pid: int
    started: int

    def alive(self) -> bool:
        """Say whether this very process still runs; a zombie does not."""
        found = _stat(self.pid)
        return found is not None and found.started == self.started and found.state not in "ZX"

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if the process is still there; one that was stopped (Ctrl-Z) is woken to see it."""
        if self.alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
                os.kill(self.pid, signal.SIGCONT)


@dataclass(frozen=True)
class _Stat:
    state: str
    parent: int
    started: int


def _stat(pid: int) -> _Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name, in parentheses, may hold anything.
    fields = text.rpartition(")")[2].split()
    return _Stat(fields[0], int(fields[1]), int(fields[19]))


def this_process() -> Process:
    """Return the calling process."""
    found = _stat(os.getpid())
    if found is None:
        raise OSError("/proc is not mounted")
    return Process(os.getpid(), found.started)


def descendants(roots: Iterable[int]) -> set[Process]:
    """Return every process below the pids `roots`, without the roots."""
    parents: dict[int, list[Process]] = {}
    for pid in _pids():
        if (found := _stat(pid)) is not None and found.state not in "ZX":
            parents.setdefault(found.parent, []).append(Process(pid, found.started))
    result: set[Process] = set()
    waiting = list(roots)
    while waiting:
        children = parents.get(waiting.pop(), [])
        waiting += [child.pid for child in children if child not in result]
        result.update(children)
    return result


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def marked(run_id: str) -> set[Process]:
    """Return the processes whose environment carries `run_id`."""
    mark = f"{RUN_VARIABLE}={run_id}".encode()
    return {
        Process(pid, found.started)
        for pid in _pids()
        if mark in _environment(pid) and (found := _stat(pid)) is not None
    }


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []  # another person's process, or gone


def note(path: Path, run_id: str, processes: set[Process]) -> None:
    """Write down what belongs to this start."""
    rows = [[process.pid, process.started] for process in sorted(processes)]
    write_private(path, json.dumps({"boot": _boot(), "run": run_id, "processes": rows}))


def left_over(path: Path) -> set[Process]:
    """Return the processes, noted in `path` by an earlier start, that still run, with all below them."""
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        run_id, rows = (
            str(noted["run"]),
            [Process(int(pid), int(started)) for pid, started in noted["processes"]],
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return set()
    if noted.get("boot") != _boot():
        return set()  # start times count from boot: after another boot they say nothing
    roots = {process for process in rows if process.alive()} | marked(run_id)
    found = roots | descendants(process.pid for process in roots)
    return found - {this_process()}


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def end(find: Callable[[], set[Process]], patience: float) -> bool:
    """End what `find` returns: SIGTERM, after `patience` seconds SIGKILL. Return whether all are gone."""
    return _signal_until_gone(find, signal.SIGTERM, patience) or _signal_until_gone(find, signal.SIGKILL, 5)


def _signal_until_gone(find: Callable[[], set[Process]], number: signal.Signals, seconds: float) -> bool:
    told: set[Process] = set()
    deadline = time.monotonic() + seconds
    while running := {process for process in find() if process.alive()}:
        for process in running - told:
            process.send(number)
        told |= running
        if time.monotonic() > deadline:
            return False
        reap()
        time.sleep(0.05)
    return True


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_with_parent() -> None:
    """Ask the kernel for a SIGTERM when the parent ends; for the child, between fork and exec."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def reap(except_pid: int = 0) -> None:
    """Collect adopted children that have ended, but not `except_pid`, whose exit status is still wanted."""
    for process in _zombie_children():
        if process != except_pid:
            with suppress(ChildProcessError):
                os.waitpid(process, os.WNOHANG)


def _zombie_children() -> list[int]:
    me = os.getpid()
    found = ((pid, _stat(pid)) for pid in _pids())
    return [pid for pid, stat in found if stat is not None and stat.parent == me and stat.state == "Z"]
