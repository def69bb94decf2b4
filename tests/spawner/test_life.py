"""A server's life with the real sync service and the real mount: renewal, loss, a hub that is killed."""

from __future__ import annotations

import json
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from cygnet_spawner.fuse import is_mounted
from tests.spawner.small_hub import Person, SmallHub
from tests.spawner.world import as_scratch_account, give, lay_out, settings
from tests.sync_server import SyncServer

pytestmark = [
    pytest.mark.needs("root", "fuse", "bwrap", "setpriv", "unshare"),
    pytest.mark.xdist_group("confinement"),
    pytest.mark.timeout(180),
]
SHORT = """
c.LocalSpawner.credential_ttl = 10
c.LocalSpawner.mount_timeout = 8
c.JupyterHub.cleanup_servers = False
"""


@dataclass
class Life:
    """A hub, and a sync service that can be stopped and started again at the same address."""

    folder: Path
    hub: SmallHub
    service: SyncServer
    root: bool
    answers: list[str]

    away = False

    def reads(self, person: Person, name: str) -> bool:
        """Whether a file is there again: while the mount is away the answer may be an error page."""
        answer = person.server("GET", f"api/contents/{name}")
        self.answers.append(f"{answer.status_code} {answer.text[:500]}")
        return answer.status_code == 200 and bool(answer.json().get("content") == name)

    def service_away(self) -> None:
        self.service.stop()
        self.away = True

    def service_back(self) -> None:
        self.service = SyncServer(self.service.data, self.service.port)
        self.service.start()
        self.away = False

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.story()
            time.sleep(0.05)

    def story(self) -> str:
        """What everybody concerned said last."""
        logs = [self.run("ada") / "mount.log", self.run("ada") / "server.log", self.folder / "hub.log"]
        said = [f"== {log.name}\n{log.read_text()[-3000:]}" for log in logs if log.exists()]
        return "\n".join([str(self.state("ada")), *self.answers[-1:], *said])

    def run(self, name: str) -> Path:
        return self.folder / "data" / "run" / name

    def token(self, name: str) -> str:
        return (self.run(name) / "token" / "token").read_text()

    def state(self, name: str) -> dict[str, Any]:
        try:
            return dict(json.loads((self.run(name) / "mount" / "state.json").read_text()))
        except FileNotFoundError:
            return {}

    def known(self, token: str) -> bool:
        reply = requests.get(
            f"{self.service.url}/api/v1/me", headers={"Authorization": f"Bearer {token}"}, timeout=5
        )
        return reply.status_code == 200


@pytest.fixture(scope="module", params=["root", "account"])
def life(request: pytest.FixtureRequest) -> Iterator[Life]:
    with (
        tempfile.TemporaryDirectory(prefix="cygnet-life-") as name,
        tempfile.TemporaryDirectory(prefix="cygnet-life-sync-") as contents,
    ):
        folder = Path(name)
        folder.chmod(0o711)
        service = SyncServer(Path(contents))
        service.start()
        lay_out(folder, "internal-test-key")
        lines = settings(folder, service.url + "/") + SHORT
        prefix = [] if request.param == "root" else as_scratch_account()
        hub = SmallHub(folder, "cygnet_spawner.local.LocalSpawner", lines, prefix)
        if prefix:
            give(folder)
        found = Life(folder, hub, service, not prefix, [])
        try:
            with hub:
                yield found
                for person in hub.people:
                    person.stop()
        finally:
            if not found.away:
                found.service.stop()


@pytest.fixture(scope="module")
def ada(life: Life) -> Person:
    """Ada, with a running server."""
    person = life.hub.login("ada")
    person.start()
    return person


def write(person: Person, name: str) -> int:
    model = {"type": "file", "format": "text", "content": name}
    return person.server("PUT", f"api/contents/{name}", json=model).status_code


def kept(person: Person, name: str) -> str:
    """Write a file that has to be there afterwards; return its name."""
    assert write(person, name) == 201
    return name


_STATE = "SELECT spawners.state FROM spawners JOIN users ON users.id = user_id WHERE users.name = 'ada'"


def processes(life: Life, part: str, kind: str) -> psutil.Process:
    """The process that the hub's own database names for Ada's "server" or "mount"."""
    with closing(sqlite3.connect(life.folder / "jupyterhub.sqlite")) as database:
        [(state,)] = database.execute(_STATE)
    saved = json.loads(state)["session"][part]
    return psutil.Process((saved[kind] or saved["keeper"])[0])


def kill_mount(life: Life) -> None:
    process = processes(life, "mount", "forked")
    process.kill()
    process.wait(10)


def test_the_credential_is_renewed_and_the_session_goes_on(life: Life, ada: Person) -> None:
    assert write(ada, "before.txt") == 201
    first = life.token("ada")
    assert life.known(first)
    life.until(lambda: life.token("ada") != first)
    assert life.known(life.token("ada"))
    assert life.known(first), "requests under way may end with the old one"
    assert write(ada, "after.txt") == 201
    assert life.reads(ada, "before.txt")
    assert (life.run("ada") / "token" / "token").stat().st_mode & 0o777 == 0o600


def test_a_service_that_is_away_at_renewal_is_asked_again(life: Life, ada: Person) -> None:
    first = life.token("ada")
    life.service_away()
    life.until(lambda: "was not renewed" in life.hub.log())
    assert life.token("ada") == first
    life.service_back()
    life.until(lambda: life.token("ada") != first)
    life.until(lambda: life.state("ada").get("state") == "ready")
    assert write(ada, "again.txt") == 201


def lose_mount(life: Life, ada: Person, name: str) -> None:
    """Kill the mount; where it can be made again it comes back, elsewhere the person is told what to do."""
    kept(ada, name)
    kill_mount(life)
    if life.root:
        life.until(lambda: life.reads(ada, name))
        life.until(lambda: life.state("ada") == {"state": "ready", "pending": 0, "message": ""})
    else:
        life.until(lambda: "stop and start your server" in life.state("ada").get("message", ""))
        assert life.state("ada")["state"] == "offline"
        ada.stop()
        ada.start()
        assert life.reads(ada, name)


def test_a_killed_mount_is_made_again(life: Life, ada: Person) -> None:
    lose_mount(life, ada, "killed-mount.txt")
    assert write(ada, "afterwards.txt") == 201
    life.until(lambda: processes(life, "mount", "forked").is_running())


def test_a_mount_that_cannot_be_made_again_is_tried_again(life: Life, ada: Person) -> None:
    if not life.root:
        return  # told for good, as above
    name = kept(ada, "not-yet.txt")
    life.service_away()
    kill_mount(life)
    life.until(lambda: "could not be made again yet" in life.state("ada").get("message", ""), 40)
    assert life.state("ada")["state"] == "offline"
    life.service_back()
    life.until(lambda: life.reads(ada, name), 40)
    life.until(lambda: life.state("ada") == {"state": "ready", "pending": 0, "message": ""})


def test_a_killed_hub_finds_its_servers_and_goes_on(life: Life, ada: Person) -> None:
    server = ada.server("GET", "api/status").json()["started"]
    life.hub.stop(signal.SIGKILL)
    first = life.token("ada")
    life.hub.start()
    ada.log_in()
    ada.usable()
    life.hub.people.append(ada)
    assert ada.server("GET", "api/status").json()["started"] == server
    life.until(lambda: life.token("ada") != first)
    lose_mount(life, ada, "killed-hub.txt")


def test_a_hub_killed_with_everything_starts_over_on_the_stale_mount(life: Life, ada: Person) -> None:
    ada.stop()
    ada.start()
    name = kept(ada, "killed-with-everything.txt")
    life.hub.stop(signal.SIGKILL)
    for part in ("server", "mount"):
        processes(life, part, "keeper").kill()
    if life.root:  # the other hub's mounts are in a table of its own
        assert is_mounted(life.folder / "data" / "homes" / "ada" / "files")
    life.hub.start()
    ada.log_in()
    life.hub.people.append(ada)
    ada.start()
    assert life.reads(ada, name)
    ada.stop()
    assert not is_mounted(life.folder / "data" / "homes" / "ada" / "files")
