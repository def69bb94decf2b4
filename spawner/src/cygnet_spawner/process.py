"""Processes that outlive the hub: known by number and start time, so that a number used again is noticed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_STEP = 0.025  # seconds between two looks


@dataclass(frozen=True)
class Process:
    """A process of this machine.

    Args:
        pid: its number.
        started: its start time in clock ticks since boot (proc_pid_stat(5), field 22).
    """

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """Return the running process `pid`, or None when there is none."""
        fields = _stat(pid)
        return cls(pid, int(fields[19])) if fields else None

    def alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        fields = _stat(self.pid)
        return fields is not None and int(fields[19]) == self.started and fields[0] not in ("Z", "X")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when it has ended."""
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def children(self) -> list[Process]:
        """Its direct children."""
        found = (Process.of(pid) for pid in _pids() if _parent(pid) == self.pid)
        return [process for process in found if process is not None]

    async def ended(self, limit: float) -> bool:
        """Wait up to `limit` seconds for its end; say whether it came."""
        return await until(lambda: not self.alive(), limit)


async def until(condition: Callable[[], bool], limit: float, step: float = _STEP) -> bool:
    """Look every `step` seconds until `condition` holds; say whether it did within `limit` seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limit
    while not condition():
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(step)
    return True


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Do several things at once; when one fails the others are cancelled, and its error is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat after the command's name, which may hold blanks and brackets."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
