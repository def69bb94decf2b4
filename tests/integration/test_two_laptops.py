"""Two laptops with Nextcloud's client are worked on at random, and in the end they are equal."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from cygnet_hub.services.sync.service.fsck import check
from tests.hub.sync.dav import Dav
from tests.integration.desktop import Laptop
from tests.sync_server import sync_server

FOLDERS = st.sampled_from(["", "d", "d/e", "g"])
NAMES = st.sampled_from(["a", "b", "ü ñ#%.txt"])
LAPTOPS = st.sampled_from([0, 1])
#: How often both sync until nothing changes any more.
ROUNDS = 6
#: What a client calls its own version when both sides changed; it stays where it is.
CONFLICT = "(conflicted copy "


class Laptops(RuleBasedStateMachine):
    """Two folders of one account."""

    @initialize()
    def start(self) -> None:
        self.stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="cygnet-laptops-"))
        self.stack.callback(shutil.rmtree, self.folder)
        self.server = self.stack.enter_context(sync_server(self.folder / "service"))
        password = self.server.app_password("ada")
        self.laptops = [
            Laptop("nextcloudcmd", self.folder / name, "ada", password) for name in ("one", "two")
        ]
        self.count = 0
        # The client asks before it removes all that it knows; so there is something that is never removed.
        self.write(0, "", "anchor")
        self.sync(0)
        self.sync(1)

    @rule(laptop=LAPTOPS)
    def sync(self, laptop: int) -> None:
        self.laptops[laptop].sync(self.server.url)

    @rule(laptop=LAPTOPS, folder=FOLDERS, name=NAMES)
    def write(self, laptop: int, folder: str, name: str) -> None:
        self.count += 1
        path = self.laptops[laptop].folder / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{self.count} by {laptop}")
        # A client tells a new file from the one that it knows by whole seconds and the size.
        os.utime(path, (1_700_000_000 + self.count,) * 2)

    @rule(laptop=LAPTOPS, folder=FOLDERS, name=NAMES)
    def remove(self, laptop: int, folder: str, name: str) -> None:
        (self.laptops[laptop].folder / folder / name).unlink(missing_ok=True)

    @rule(laptop=LAPTOPS, folder=FOLDERS.filter(bool))
    def remove_folder(self, laptop: int, folder: str) -> None:
        shutil.rmtree(self.laptops[laptop].folder / folder, ignore_errors=True)

    @rule(laptop=LAPTOPS, old=FOLDERS, name=NAMES, new=FOLDERS, other=NAMES)
    def move(self, laptop: int, old: str, name: str, new: str, other: str) -> None:
        root = self.laptops[laptop].folder
        if (root / old / name).exists() and (root / new).is_dir():
            (root / old / name).rename(root / new / other)

    @rule(laptop=LAPTOPS)
    def move_folder(self, laptop: int) -> None:
        root = self.laptops[laptop].folder
        if (root / "d").is_dir() and not (root / "g").exists():
            (root / "d").rename(root / "g")

    def teardown(self) -> None:
        if not hasattr(self, "stack"):
            return
        with self.stack:
            trees = self.settle()
            assert trees[0] == trees[1] == self.stored()
            assert trees[0]["anchor"] == b"1 by 0"
            assert check(self.server.services.database, self.server.services.disk.contents).clean

    def settle(self) -> list[dict[str, bytes | None]]:
        """Sync until both have the same; what both have then."""
        for _ in range(ROUNDS):
            for laptop in (0, 1):
                self.sync(laptop)
            trees = [
                {path: data for path, data in laptop.tree().items() if CONFLICT not in path}
                for laptop in self.laptops
            ]
            if trees[0] == trees[1]:
                break
        return trees

    def stored(self, folder: str = "/") -> dict[str, bytes | None]:
        """What the service has."""
        dav, found = Dav(self.server, "ada"), {}
        for path, properties in dav.list(folder).items():
            if path == folder:
                continue
            if properties["id"] and "getcontentlength" in properties:
                found[path[1:]] = dav.get(path)
            else:
                found |= {path[1:]: None, **self.stored(path)}
        return found


def how() -> settings:
    """A few steps with each run of all tests, the same ones each time; many random ones in a storm."""
    usual = {"deadline": None, "suppress_health_check": list(HealthCheck)}
    if settings.get_current_profile_name() == "storm":
        return settings(max_examples=40, stateful_step_count=40, **usual)
    return settings(max_examples=2, stateful_step_count=10, derandomize=True, **usual)


Laptops.TestCase.settings = how()
TestLaptops = pytest.mark.needs("nextcloudcmd")(Laptops.TestCase)
