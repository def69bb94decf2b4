"""A backup is restored: clients that know more than the server keep what they have, and bring it back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cygnet_hub.admin.backup import back_up, restore
from cygnet_hub.admin.extents import Progress
from cygnet_hub.config.layout import Layout
from cygnet_hub.config.storage import Urls
from cygnet_hub.up.ports import choose_ports
from tests.hub.sync.dav import Dav
from tests.integration.desktop import CLIENTS, Laptop
from tests.sync_server import SyncServer, sync_server


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed: apt install {name.removesuffix('cmd')}-desktop-cmd")
    return name


class World:
    """A platform, what becomes of it, and two laptops of its one user.

    Args:
        folder: for everything.
        client: what runs on the laptops.
        again: where the restored one has metadata and contents; None: in its data directory.
    """

    def __init__(self, folder: Path, client: str, again: Urls | None = None) -> None:
        self.folder, self.client, self.port = folder, client, choose_ports("127.0.0.1", 0).sync
        self.urls = again
        self.old, self.again = Layout(folder / "data"), Layout(folder / "again")
        self.old.sync.mkdir(parents=True)
        self.old.version.write_text("1\n")
        self.laptops: list[Laptop] = []

    @contextmanager
    def serving(self, layout: Layout) -> Iterator[SyncServer]:
        """The service, always at the same address."""
        urls = (self.urls if layout is self.again else None) or Urls("", "")
        with sync_server(layout.sync, urls.database, urls.storage, self.port) as server:
            if not self.laptops:
                password = server.app_password("ada")
                self.laptops = [
                    Laptop(self.client, self.folder / name, "ada", password) for name in ("one", "two")
                ]
            yield server

    def back_up(self) -> None:
        back_up(self.old, self.folder / "backup", Progress(lambda _: None))

    def restore(self) -> None:
        restore(self.folder / "backup", self.again, Progress(lambda _: None), self.urls)

    def sync(self, server: SyncServer) -> None:
        for laptop in self.laptops:
            laptop.sync(server.url)


@pytest.fixture
def world(tmp_path: Path, client: str) -> World:
    return World(tmp_path, client)


def test_clients_converge_and_delete_nothing(world: World) -> None:
    converge(world)


def converge(world: World) -> None:
    """See that laptops which know more than a restored platform bring it back."""
    with world.serving(world.old) as server:
        one = world.laptops[0].folder
        for name in ("kept", "changed", "deleted later"):
            (one / name).write_text(f"{name} before")
        world.sync(server)
        world.back_up()
        (one / "deleted later").unlink()
        (one / "changed").write_text("changed after the backup")
        (one / "new").mkdir()
        (one / "new" / "file").write_text("new after the backup")
        world.sync(server)
    world.restore()
    with world.serving(world.again) as server:
        for _ in range(3):
            world.sync(server)
        left = world.laptops[0].tree()
        assert world.laptops[1].tree() == left
        assert left["new/file"] == b"new after the backup"
        assert left["kept"] == b"kept before"
        # Both sides of what differs are kept; what was deleted since is there again.
        assert {b"changed before", b"changed after the backup"} <= set(left.values())
        assert left["deleted later"] == b"deleted later before"
        assert Dav(server, "ada").get("/new/file") == b"new after the backup"


def test_a_backup_that_knows_nothing_of_what_clients_have_deletes_nothing(world: World) -> None:
    with world.serving(world.old) as server:
        world.sync(server)
        world.back_up()
        (world.laptops[0].folder / "all").write_text("all that there is")
        world.sync(server)
    world.restore()
    with world.serving(world.again) as server:
        for laptop in world.laptops:
            # Nextcloud's asks before it removes all that it knows, and without a window waits for ever.
            laptop.forget()
        world.sync(server)
        world.sync(server)
        assert [laptop.tree() for laptop in world.laptops] == [{"all": b"all that there is"}] * 2
        assert Dav(server, "ada").get("/all") == b"all that there is"
