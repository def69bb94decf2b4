"""A start that fails says why and what to do, in words for the person who waits; nothing is left of it."""

from __future__ import annotations

import html
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cygnet_spawner.process import Process, until
from tests.spawner.small_hub import Person, SmallHub
from tests.spawner.world import lay_out, settings
from tests.sync_server import SyncServer

pytestmark = [
    pytest.mark.needs("root", "fuse", "bwrap", "setpriv"),
    pytest.mark.xdist_group("confinement"),
    pytest.mark.timeout(180),
]
QUICK = """
c.LocalSpawner.mount_timeout = 5
c.LocalSpawner.environments = {
    "works": {"title": "Works", "python": __import__("sys").executable},
    "gone": {"title": "Gone", "python": "/nowhere/bin/python"},
}
"""


@dataclass
class Place:
    folder: Path
    hub: SmallHub
    service: SyncServer

    def nothing_is_left(self, name: str) -> bool:
        token = self.folder / "data" / "run" / name / "token" / "token"
        return (
            f"{self.folder}/data/homes/{name}/" not in Path("/proc/mounts").read_text() and not token.exists()
        )


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with (
        tempfile.TemporaryDirectory(prefix="cygnet-fail-") as name,
        tempfile.TemporaryDirectory(prefix="cygnet-fail-sync-") as contents,
    ):
        folder = Path(name)
        folder.chmod(0o711)
        service = SyncServer(Path(contents))
        service.start()
        lay_out(folder, "internal-test-key")
        hub = SmallHub(
            folder, "cygnet_spawner.local.LocalSpawner", settings(folder, service.url + "/") + QUICK
        )
        found = Place(folder, hub, service)
        try:
            with hub:
                yield found
        finally:
            found.service.stop()


def told(person: Person, **options: str) -> str:
    """Start a server that will not start, and return the page that says so."""
    answer = person.start(refused=True, **options)
    assert answer.status_code >= 400, answer.text
    return html.unescape(answer.text)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"open_file": "Examples/missing.ipynb"}, "There is no file Examples/missing.ipynb in your files"),
        ({"open_file": "../up"}, "inside your files"),
        ({"environment": "perl"}, 'There is no software environment "perl"'),
        ({"environment": "gone"}, "/nowhere/bin/python"),
        ({"cores": "77"}, "77 is not offered for cores"),
    ],
)
def test_a_choice_that_cannot_be_is_explained(place: Place, options: dict[str, str], words: str) -> None:
    ada = place.hub.login("ada")
    assert words in told(ada, **options)
    assert place.nothing_is_left("ada")


def test_somebody_the_service_does_not_know_is_told(place: Place) -> None:
    assert "There is no account stranger" in told(place.hub.login("stranger"))
    assert place.nothing_is_left("stranger")


def test_a_mount_that_cannot_start_is_told(place: Place) -> None:
    run = place.folder / "data" / "run" / "bob"
    run.parent.mkdir(mode=0o711, exist_ok=True)
    run.write_text("not a folder")
    assert "There is no room for your session" in told(place.hub.login("bob"))
    assert place.nothing_is_left("bob")


def test_a_service_that_is_away_is_told(place: Place) -> None:
    place.service.stop()
    try:
        assert "The storage service does not answer; try again in a minute" in told(
            place.hub.login("teacher")
        )
        assert place.nothing_is_left("teacher")
    finally:
        place.service = SyncServer(place.service.data, place.service.port)
        place.service.start()
    student = place.hub.login("student")
    student.start()
    student.stop()


async def test_a_process_is_known_by_its_start_time_too() -> None:
    me = Process.of(os.getpid())
    assert me is not None
    assert me.alive()
    assert not Process(me.pid, me.started + 1).alive()
    assert Process.of(0) is None
    assert not await until(lambda: False, 0.05)
