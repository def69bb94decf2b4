"""How much of the machine one session may use.

With cgroup v2 the whole session has the limits. Without, the kernel only limits single processes:
each may have that much private memory, and all are kept on that many cores.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
_PERIOD = 100_000  # microseconds, the kernel's default for cpu.max


@dataclass(frozen=True)
class Limits:
    """What a session may use.

    Args:
        memory: bytes; 0 means no limit.
        cores: number of cores, fractions allowed; 0 means all.
    """

    memory: int = 0
    cores: float = 0.0


UNLIMITED = Limits()


def make_cgroup(root: Path, name: str, limits: Limits) -> Path | None:
    """Make a cgroup with `limits` and return it; None where this process may not.

    Args:
        root: mount point of the cgroup v2 tree.
        name: name of the new group, one component.
        limits: what it may use.
    """
    parent = _delegated(root)
    if parent is None:
        return None
    group = parent / f"cygnet-{name}"
    try:
        group.mkdir(exist_ok=True)
        (group / "memory.max").write_text(str(limits.memory or "max"))
        quota = int(limits.cores * _PERIOD) if limits.cores else "max"
        (group / "cpu.max").write_text(f"{quota} {_PERIOD}")
    except OSError:
        return None
    return group


def remove_cgroup(group: Path) -> None:
    """Remove an empty cgroup; one that is not empty or not there is left alone."""
    try:
        group.rmdir()
    except OSError:
        return


def _delegated(root: Path) -> Path | None:
    """The nearest group above ours that hands memory and cpu down and that we may write to."""
    try:
        own = Path("/proc/self/cgroup").read_text().partition("0::/")[2].splitlines()[0]
    except (OSError, IndexError):
        own = ""
    start = root / own
    for group in (start, *start.parents):
        if _hands_down(group) and os.access(group, os.W_OK):
            return group
        if group == root:
            return None
    return None


def _hands_down(group: Path) -> bool:
    try:
        controllers = set((group / "cgroup.subtree_control").read_text().split())
    except OSError:
        return False
    return {"memory", "cpu"} <= controllers


def limiter(limits: Limits, number: int) -> list[str]:
    """Return the prefix of a command that applies the limits where there is no cgroup.

    Args:
        limits: what the session may use.
        number: any number of the session's own; spreads sessions over the cores.
    """
    prefix: list[str] = []
    if limits.memory:
        prefix += ["prlimit", f"--data={limits.memory}:{limits.memory}", "--"]
    cores = choose_cores(sorted(os.sched_getaffinity(0)), limits.cores, number)
    if cores:
        prefix += ["taskset", "--cpu-list", ",".join(map(str, cores))]
    return prefix


def choose_cores(available: list[int], wanted: float, number: int) -> list[int]:
    """Return which of `available` a session with `wanted` cores gets; empty means all of them."""
    count = math.ceil(wanted)
    if not count or count >= len(available):
        return []
    return sorted(available[(number * count + i) % len(available)] for i in range(count))
