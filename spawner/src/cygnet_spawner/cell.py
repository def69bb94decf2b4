"""What one person's processes may see, and the two ways of starting them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cygnet_spawner.confine import Bind, Sandbox
from cygnet_spawner.identity import Identity
from cygnet_spawner.launch import Running, launch, launch_confined, launch_empty
from cygnet_spawner.limits import CGROUPS, UNLIMITED, Limits, choose_cores, limiter, make_cgroup
from cygnet_spawner.places import Places
from cygnet_spawner.process import Process
from cygnet_spawner.software import Software
from cygnet_spawner.warm import NotWarm, Request, Warm

_FIRST_FD = 3  # where a forked command finds the first descriptor that it was given


@dataclass(frozen=True)
class Task:
    """Something to start for a person.

    Args:
        entry: "server" or "mount": what a warm process calls it.
        command: program and first arguments, where there is no warm process.
        arguments: its arguments; `{fd}` in one becomes the number of `fd`.
        binds: what it sees besides the software.
        workdir: where it starts, as it sees it.
        env: its whole environment.
        log: name of its log.
        limits: what it may use of the machine.
        fd: a descriptor that it inherits.
    """

    entry: str
    command: tuple[str, ...]
    arguments: tuple[str, ...]
    binds: tuple[Bind, ...]
    workdir: str
    env: Mapping[str, str]
    log: str
    limits: Limits = UNLIMITED
    fd: int | None = None

    def arguments_with(self, number: int | None) -> list[str]:
        """Return the arguments with the number that `fd` has for the command."""
        return [argument.replace("{fd}", str(number)) for argument in self.arguments]

    @property
    def fds(self) -> list[int]:
        """The descriptors that it inherits."""
        return [] if self.fd is None else [self.fd]


@dataclass(frozen=True)
class Cell:
    """What the processes of a session may see: the same software for each, different places.

    Args:
        identity: who they run as.
        places: where the person's things lie on the host.
        software: the environment that they run in.
        confined: whether they are kept in a sandbox at all.
        warm: forks commands that run in the hub's own environment; None to start all of them the slow way.
        marks: variables of every process, by which the platform knows its own.
    """

    identity: Identity
    places: Places
    software: Software
    confined: bool
    warm: Warm | None = None
    marks: Mapping[str, str] = field(default_factory=dict)

    async def start(self, task: Task) -> Running:
        """Start `task`, forked from the warm process if there is one.

        Raises:
            OSError: it cannot be started.
        """
        cgroup = make_cgroup(CGROUPS, self.places.folder, task.limits) if task.limits != UNLIMITED else None
        if self.confined and self.warm is not None and self.warm.ready:
            try:
                return await self._fork(task, self.warm, cgroup)
            except NotWarm:
                pass  # told by Warm; the slow way is left
        return self._execute(task, cgroup)

    def _execute(self, task: Task, cgroup: Path | None) -> Running:
        prefix = [] if cgroup else limiter(task.limits, self.identity.uid)
        log, env = self.places.run / task.log, {**self.marks, **task.env}
        command = [*task.command, *task.arguments_with(task.fd)]
        if not self.confined:
            return launch([*prefix, *command], env=env, log=log, cgroup=cgroup, fds=task.fds)
        return launch_confined(
            self._sandbox(task), command, env=env, log=log, limiter=prefix, cgroup=cgroup, fds=task.fds
        )

    async def _fork(self, task: Task, warm: Warm, cgroup: Path | None) -> Running:
        log = self.places.run / task.log
        few = {name: task.env[name] for name in ("PATH", "HOME", "LANG") if name in task.env}
        running, inside = await launch_empty(self._sandbox(task), env={**self.marks, **few}, log=log)
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            pid = await warm.fork(self._request(task, inside, cgroup), [output, *task.fds])
        except NotWarm:
            await running.end(0.0)
            raise
        finally:
            os.close(output)
        running.cgroup = cgroup
        running.forked = Process.of(pid) or Process(pid, 0)
        return running

    def _request(self, task: Task, inside: int, cgroup: Path | None) -> Request:
        limits = UNLIMITED if cgroup else task.limits
        return Request(
            sandbox=inside,
            entry=task.entry,
            arguments=task.arguments_with(_FIRST_FD),
            environment={**self.marks, **task.env},
            workdir=task.workdir,
            uid=self.identity.uid if self.identity.own else None,
            memory=limits.memory,
            cores=choose_cores(sorted(os.sched_getaffinity(0)), limits.cores, self.identity.uid),
            cgroup=str(cgroup or ""),
        )

    def _sandbox(self, task: Task) -> Sandbox:
        return Sandbox(
            identity=self.identity,
            software=self.software.paths,
            binds=task.binds,
            hidden=(str(self.places.data),),
            workdir=task.workdir,
            passwd=str(self.places.run / "passwd"),
            group=str(self.places.run / "group"),
        )


def mount_binds(places: Places, *, confined: bool) -> tuple[tuple[Bind, ...], list[str]]:
    """Return what a process that answers for a mount sees, and what it calls it: the token, state and cache.

    Args:
        places: the person's directories.
        confined: whether it runs in a sandbox, where the directories have other names.
    """
    binds = (
        Bind(str(places.token), "/run/cygnet"),
        Bind(str(places.state), "/run/cygnet/mount", writable=True),
        Bind(str(places.cache), "/cache", writable=True),
    )
    return binds, [bind.target if confined else bind.source for bind in binds]


def mount_task(places: Places, url: str, fd: int, *, confined: bool) -> Task:
    """Return what answers for the mount whose descriptor is `fd`. It sees neither the home nor the mount.

    Args:
        places: the person's directories.
        url: the sync service.
        fd: descriptor of the mount.
        confined: whether it runs in a sandbox, where the directories have other names.
    """
    binds, (token, state, cache) = mount_binds(places, confined=confined)
    arguments = (
        "mount", "cygnet://", "/dev/fd/{fd}", "--foreground", "--url", url, "--token-file", f"{token}/token",
        "--cache-dir", cache, "--state-file", f"{state}/state.json",
    )  # fmt: skip
    env = {"PATH": os.defpath, "HOME": cache, "LANG": "C.UTF-8"}
    command = (sys.executable, "-m", "cygnet_fs_bridge.cli")
    return Task("mount", command, arguments, binds, "/", env, "mount.log", fd=fd)
