"""From an empty directory to a login page, and back to nothing."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

from cygnet_hub.accounts import hub_database
from cygnet_hub.config.deployment import Deployment
from cygnet_hub.config.layout import Layout
from cygnet_hub.config.proxy import find_proxy
from cygnet_hub.config.settings import Settings
from cygnet_hub.errors import PlatformError
from cygnet_hub.up import data, processes, signals
from cygnet_hub.up.hub_process import last_complaint, start_hub, turn_logs
from cygnet_hub.up.mounts import unmount_all
from cygnet_hub.up.ports import choose_ports, host_names
from cygnet_hub.up.ready import not_answering
from cygnet_hub.up.secrets import ensure_secrets, write_private
from cygnet_hub.up.sessions import stop_sessions

# A busy machine may need a minute; usually it is a few seconds.
START_SECONDS = 150.0
# The spawner gives a mount 30 s to send what it holds.
SESSIONS_SECONDS = 40.0
HUB_SECONDS = 15.0
NOTE_SECONDS = 2.0

Say = Callable[[str], None]
Step = Callable[[Deployment], None]


def run(layout: Layout, settings: Settings, confined: bool, say: Say, *, ready: Step) -> None:
    """Serve the data directory until asked to stop; `ready` is called once a login would succeed.

    Raises PlatformError when the platform cannot start or a part of it ends for good.
    """
    data.check(layout)
    proxy = find_proxy()
    ports = choose_ports(settings.bind, settings.port, tls=settings.tls is not None)
    with data.locked(layout), signals.held():
        data.prepare(layout)
        _clean_up_after_crash(layout, say)
        ensure_secrets(layout)
        turn_logs(layout.logs)
        run_id, hosts = secrets.token_hex(16), host_names(settings)
        deployment = Deployment(settings, layout, ports, proxy, run_id, confined, hosts)
        write_private(layout.deployment, deployment.to_json())
        hub_database.make(layout.hub_database)
        _Supervisor(deployment, say).serve(ready)


def _clean_up_after_crash(layout: Layout, say: Say) -> None:
    orphans = processes.left_over(layout.processes)
    if orphans:
        say(f"Ending {len(orphans)} processes that an earlier start left behind …")
        if not processes.end(lambda: processes.left_over(layout.processes), patience=5):
            raise PlatformError("Processes of an earlier start cannot be ended; see `ps`.")
    layout.processes.unlink(missing_ok=True)
    layout.endpoints.unlink(missing_ok=True)
    _unmount(layout)


def _unmount(layout: Layout) -> None:
    if stuck := unmount_all(layout.data):
        raise PlatformError(f"Cannot unmount {', '.join(map(str, stuck))}.")


class _Supervisor:
    """The running platform: the hub, and everything below it."""

    def __init__(self, deployment: Deployment, say: Say) -> None:
        self._deployment = deployment
        self._layout = deployment.layout
        self._say = say
        self._hub: subprocess.Popen[bytes] | None = None
        self._noted: set[processes.Process] = set()

    def serve(self, ready: Step) -> None:
        processes.adopt_orphans()
        try:
            self._start()
            ready(self._deployment)
            while True:
                self._watch(NOTE_SECONDS)
        except signals.Stopped:
            self._say("Stopping …")
            stop_sessions(self._deployment, SESSIONS_SECONDS)
        finally:
            self._stop()

    def _start(self) -> None:
        self._hub = start_hub(self._deployment)
        deadline = time.monotonic() + START_SECONDS
        while absent := not_answering(self._deployment):
            self._watch(0.1)
            if time.monotonic() > deadline:
                raise PlatformError(
                    f"{absent} did not answer within {START_SECONDS:.0f} s; see {self._layout.logs}."
                )
        self._note()
        found = self._deployment
        endpoints = {"hub": found.hub_url, "sync": found.sync_url, "s3": found.s3_url}
        if found.settings.tls:
            endpoints |= {"tls": found.tls_url, "s3_tls": found.s3_tls_url}
        write_private(self._layout.endpoints, json.dumps({**endpoints, "pid": os.getpid()}) + "\n")

    def _watch(self, seconds: float) -> None:
        """Wait, collect children, and see that the hub is there. Raises Stopped or PlatformError."""
        signals.wait(seconds)
        hub = self._require_hub()
        processes.reap(except_pid=hub.pid)
        self._note()
        if (status := hub.poll()) is not None:
            reason = last_complaint(self._layout.logs / "hub.log")
            raise PlatformError(
                f"The hub ended (status {status}). {reason} See {self._layout.logs / 'hub.log'}."
            )

    def _require_hub(self) -> subprocess.Popen[bytes]:
        if self._hub is None:
            raise PlatformError("The hub was not started.")
        return self._hub

    def _note(self) -> None:
        found = processes.descendants([os.getpid()])
        if found != self._noted:
            processes.note(self._layout.processes, self._deployment.run_id, found)
            self._noted = found

    def _stop(self) -> None:
        self._layout.endpoints.unlink(missing_ok=True)
        if self._hub is not None:
            self._hub.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._hub.wait(HUB_SECONDS)
        if not processes.end(self._ours, patience=3):
            raise PlatformError("Some processes could not be ended; see `ps`.")
        self._layout.processes.unlink(missing_ok=True)
        _unmount(self._layout)

    def _ours(self) -> set[processes.Process]:
        marked = processes.marked(self._deployment.run_id) - {processes.this_process()}
        return marked | processes.descendants([os.getpid()])
