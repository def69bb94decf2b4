"""Starting a command so that it outlives the hub, and ends as a whole.

Each command hangs below a tiny `sh`. Bubblewrap dies with that `sh`, and everything in the sandbox
dies with bubblewrap, so ending one process ends all of a session, whatever a person has started there.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cygnet_spawner.confine import Sandbox, sandbox_argv, sandbox_options
from cygnet_spawner.limits import remove_cgroup
from cygnet_spawner.process import Process, until

# First argument: the cgroup to enter, or nothing. The rest is the command.
_KEEPER = 'umask 022; test -z "$1" || echo $$ >"$1/cgroup.procs" || exit 70; shift; "$@"; exit $?'
_KILL_LIMIT = 5.0
_SANDBOX_LIMIT = 10.0  # seconds that bubblewrap has
_TAIL = 4000  # bytes of a log that are looked at for the reason of a failure


@dataclass
class Running:
    """A started command and what keeps it.

    Args:
        keeper: the process whose end ends everything.
        handle: how the hub that started it collects its end; None after the hub was restarted.
        cgroup: the group that was made for it.
        forked: the command itself, where it was forked into the sandbox instead of started below the keeper.
    """

    keeper: Process
    handle: subprocess.Popen[bytes] | None = None
    cgroup: Path | None = None
    forked: Process | None = None

    def alive(self) -> bool:
        """Whether the command still runs."""
        return self._kept() and (self.forked is None or self.forked.alive())

    def _kept(self) -> bool:
        if self.handle is not None and self.handle.poll() is not None:
            return False
        return self.keeper.alive()

    def inside(self) -> int | None:
        """Number of a process in its sandbox, as the host counts: the one below bubblewrap."""
        found = [process for child in self.keeper.children() for process in child.children()]
        return found[0].pid if found else None

    def exit_code(self) -> int:
        """How it ended: 0 when that is not known."""
        return (self.handle.returncode or 0) if self.handle is not None else 0

    def interrupt(self) -> None:
        """Ask the command to end."""
        for process in [self.forked] if self.forked is not None else _innermost(self.keeper):
            process.signal(signal.SIGTERM)

    async def end(self, limit: float) -> bool:
        """Ask it to end, wait `limit` seconds, then end all that it left. Say whether it ended by itself."""
        self.interrupt()
        willing = await until(lambda: not self.alive(), limit)
        self.keeper.signal(signal.SIGKILL)
        await until(lambda: not self._kept(), _KILL_LIMIT)
        return willing

    def release(self) -> None:
        """Give back what the kernel keeps for it."""
        if self.cgroup is not None:
            remove_cgroup(self.cgroup)

    def saved(self) -> dict[str, Any]:
        """What finds it again after the hub was restarted."""
        forked = [self.forked.pid, self.forked.started] if self.forked is not None else None
        kept = [self.keeper.pid, self.keeper.started]
        return {"keeper": kept, "forked": forked, "cgroup": str(self.cgroup or "")}

    @classmethod
    def restored(cls, saved: object) -> Running | None:
        """The inverse of `saved`; None for anything else."""
        match saved:
            case {"keeper": [int(pid), int(started)], "forked": forked, "cgroup": str(cgroup)}:
                inner = Process(*forked) if isinstance(forked, list) else None
                return cls(Process(pid, started), None, Path(cgroup) if cgroup else None, inner)
        return None


def _innermost(process: Process) -> list[Process]:
    """The commands below the keeper and bubblewrap's own two processes."""
    level = [process]
    while level and all(_is_wrapper(one) for one in level):
        level = [child for one in level for child in one.children()]
    return level


def _is_wrapper(process: Process) -> bool:
    try:
        name = Path(f"/proc/{process.pid}/comm").read_text().strip()
    except OSError:
        return False
    return name in {"sh", "dash", "bwrap", "bash"}


def launch(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    cgroup: Path | None = None,
    fds: Sequence[int] = (),
) -> Running:
    """Start `command` below a keeper, in a process group of its own.

    Args:
        command: program and arguments.
        env: its whole environment.
        log: file for its output, made anew.
        cgroup: the group to enter first.
        fds: descriptors that it inherits.

    Raises:
        OSError: it cannot be started.
    """
    descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_APPEND, 0o600)
    try:
        handle = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "cygnet-session", str(cgroup or ""), *command],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            pass_fds=tuple(fds),
            cwd="/",
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    return Running(Process.of(handle.pid) or Process(handle.pid, 0), handle, cgroup)


@contextmanager
def options_file(sandbox: Sandbox) -> Iterator[int]:
    """Give a descriptor from which bubblewrap reads the options of `sandbox`; it is closed afterwards."""
    descriptor = os.memfd_create("sandbox", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, b"".join(os.fsencode(option) + b"\0" for option in sandbox_options(sandbox)))
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def launch_confined(
    sandbox: Sandbox,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    limiter: Sequence[str] = (),
    cgroup: Path | None = None,
    fds: Sequence[int] = (),
) -> Running:
    """Start `command` in `sandbox`; the other arguments are those of `launch`.

    Args:
        limiter: a prefix that applies limits, put before bubblewrap.

    Raises:
        OSError: it cannot be started.
    """
    with options_file(sandbox) as options:
        whole = [*limiter, *sandbox_argv(sandbox, command, options)]
        return launch(whole, env=env, log=log, cgroup=cgroup, fds=[*fds, options])


async def launch_empty(sandbox: Sandbox, *, env: Mapping[str, str], log: Path) -> tuple[Running, int]:
    """Make a sandbox in which nothing runs yet; return it, and a process in its namespaces.

    Raises:
        OSError: it was not made.
    """
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours:
        with theirs:
            number = theirs.fileno()  # more than one digit, which not every sh can redirect
            wait = ["/bin/bash", "-c", f"echo >&{number}; exec {number}>&-; exec sleep infinity"]
            running = launch_confined(sandbox, wait, env=env, log=log, fds=[number])
        try:
            said = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(ours, 1), _SANDBOX_LIMIT)
        except TimeoutError:
            said = b""
    inside = running.inside()
    if not said or inside is None:
        await running.end(0.0)
        raise OSError(errno.EIO, tail(log) or "the sandbox did not start")
    return running, inside


def tail(log: Path) -> str:
    """The last lines of a log, to say why something failed."""
    try:
        text = log.read_bytes()[-_TAIL:].decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-12:])
