"""The hub's side of the process that forks servers with all imports done (`cygnet_extensions.warm`)."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

_LIMIT = 5.0  # seconds for one fork
_LONGEST = 65_536  # bytes of an answer


class NotWarm(Exception):
    """There is no forking now; start the slow way."""


@dataclass(frozen=True)
class Request:
    """What to start in a sandbox that is there already; see `cygnet_extensions.warm.Request`."""

    sandbox: int
    entry: str
    arguments: list[str]
    environment: dict[str, str]
    workdir: str
    uid: int | None
    memory: int
    cores: list[int]
    cgroup: str


class Warm:
    """One such process; it ends with the hub.

    Args:
        log: where trouble is told.
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._lock = asyncio.Lock()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            # Nothing of the hub's environment: what a session sees of it is decided for each request.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cygnet_extensions.warm", str(theirs.fileno())],
                env={"PATH": os.defpath, "LANG": os.environ.get("LANG", "C.UTF-8"), "HOME": "/"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                cwd="/",
            )
        self._channel: socket.socket | None = ours
        self._ready = False

    async def fork(self, request: Request, descriptors: Sequence[int]) -> int:
        """Start something in a sandbox and return its process number, as the host counts.

        Args:
            request: what to start.
            descriptors: its log, then those that it gets as 3, 4, ...

        Raises:
            NotWarm: the process is not ready, or it failed.
        """
        async with self._lock:
            channel = self._usable()
            try:
                answer = await asyncio.wait_for(self._exchange(channel, request, descriptors), _LIMIT)
            except (OSError, TimeoutError, ValueError) as error:
                self.close()
                self._log.error(
                    "The warm process failed; servers start slowly until the hub restarts: %r", error
                )
                raise NotWarm from error
        if "pid" not in answer:
            self._log.error("The warm process could not enter a sandbox: %s", answer.get("error"))
            raise NotWarm
        return int(answer["pid"])

    def _usable(self) -> socket.socket:
        """Return the channel once the process has said that it is ready."""
        if self._channel is None:
            raise NotWarm
        if not self._ready:
            try:
                self._ready = bool(self._channel.recv(_LONGEST))
            except BlockingIOError as error:
                raise NotWarm from error
            if not self._ready:
                self.close()
                raise NotWarm
        return self._channel

    async def _exchange(
        self, channel: socket.socket, request: Request, descriptors: Sequence[int]
    ) -> dict[str, Any]:
        socket.send_fds(channel, [json.dumps(asdict(request)).encode()], list(descriptors))
        answer = json.loads(await asyncio.get_running_loop().sock_recv(channel, _LONGEST))
        return dict(answer)

    @property
    def ready(self) -> bool:
        """Whether a fork is possible now."""
        try:
            self._usable()
        except NotWarm:
            return False
        return True

    def close(self) -> None:
        """End the process; what it has forked lives on."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process.poll() is None:
            self._process.terminate()


_running: list[Warm] = []


def the_warm(log: logging.Logger) -> Warm:
    """Return the hub's one warm process; started when first asked for, and ready some seconds later."""
    if not _running:
        _running.append(Warm(log))
    return _running[0]
