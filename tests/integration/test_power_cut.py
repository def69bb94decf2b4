"""The power fails: of what was not flushed, some is forgotten; of what was acknowledged, nothing."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from cygnet_hub.services.sync.service.tokens import Keys, keep_secret
from cygnet_hub.services.sync.store.contents import Contents
from cygnet_hub.services.sync.store.folders import sync_folder
from tests.crash import eventually
from tests.forgetful import forgetful
from tests.storm.clients import S3, Plain, Tus
from tests.storm.oracle import Oracle, Place, digest
from tests.storm.run import checks, examine, writing
from tests.storm.service import Service
from tests.sync_process import stub_hub

pytestmark = pytest.mark.needs("fuse")


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    with stub_hub() as address:
        yield address


class World:
    """A disk, and what was acknowledged of it.

    Args:
        folder: for the disk, for where it is mounted, and for logs.
        api: the address of the hub's API.
    """

    def __init__(self, folder: Path, api: str) -> None:
        self.folder, self.api, self.oracle = folder, api, Oracle()
        self.disk, self.mounted = folder / "disk", folder / "mounted"
        self.disk.mkdir()
        self.mounted.mkdir()

    def service(self, root: Path) -> Service:
        """A service whose data are in a folder; it is not started."""
        return Service(root / "data", self.api, ("ada",), self.folder / "service.log")

    @contextlib.contextmanager
    def until_cut(self, seed: int, kept: float, *, deaf: bool = False) -> Iterator[Service]:
        """Run the service on the disk; at the end of the block the power fails.

        Args:
            seed: of what survives.
            kept: with which probability a change survives that was not flushed.
            deaf: whether the disk does not heed flushes.
        """
        with forgetful(self.disk, self.mounted, seed, deaf=deaf) as cut:
            service = self.service(self.mounted)
            service.start()
            try:
                service.wait_until_ready()
                yield service
                service.failing = True
                cut(kept)
            finally:
                service.kill()

    def verify(self) -> None:
        """Start the service on what is left, and see that nothing is missing that was acknowledged."""
        service = self.service(self.disk)
        service.start()
        try:
            service.wait_until_ready()
            for place in self.oracle.places():
                self.oracle.check(place, service.look)
        finally:
            service.kill()
        checks(service)
        examine(service.data, self.oracle)


@pytest.fixture
def world(tmp_path: Path, api: str) -> World:
    return World(tmp_path, api)


@pytest.mark.parametrize("kept", [0.0, 0.6])
def test_what_was_acknowledged_survives_every_power_cut(world: World, kept: float) -> None:
    for seed in range(2):
        until = world.oracle.changes + random.Random(f"{kept} {seed}").randrange(10, 60)
        with contextlib.ExitStack() as stack, world.until_cut(seed, kept) as service:
            clients = [
                kind(service, world.oracle, "ada", f"{kept} {seed}", name)
                for kind, name in ((Plain, "one"), (Plain, "two"), (Tus, "three"), (S3, "four"))
            ]
            stack.enter_context(writing(clients))
            assert eventually(lambda until=until: world.oracle.changes >= until, 60)
        world.verify()


def test_the_very_first_file_survives_and_so_does_the_key_of_the_instance(world: World) -> None:
    place, body = Place("ada", "/first"), b"first" * 1000
    with world.until_cut(1, 0.0) as service:
        world.oracle.begin(place, digest(body))
        assert service.request("PUT", service.address(place), body, "ada")[0] == 201
        world.oracle.acknowledge(place, digest(body))
        key = (world.mounted / "data" / "instance.key").read_bytes()
    world.verify()
    assert (world.disk / "data" / "instance.key").read_bytes() == key


def test_contents_and_keys_survive_without_the_help_of_a_database(world: World) -> None:
    """SQLite flushes the folder that it is in now and then, with all names in it; PostgreSQL is elsewhere."""
    with forgetful(world.disk, world.mounted, 1) as cut:
        contents = Contents.open(f"file://{world.mounted}/new/contents")
        writer = contents.create()
        writer.write(b"kept")
        (piece,) = writer.finish().pieces
        key = Keys.load(world.mounted / "key").derive("test")
        keep_secret(world.mounted / "secret", "kept")
        cut(0.0)
    left = Contents.open(f"file://{world.disk}/new/contents")
    assert b"".join(left.read(piece)) == b"kept"
    assert Keys.load(world.disk / "key").derive("test") == key
    assert (world.disk / "secret").read_text() == "kept"


def test_a_disk_that_does_not_heed_flushes_is_found_out(world: World) -> None:
    """The test of these tests: they see what is lost."""
    place = Place("ada", "/first")
    with world.until_cut(1, 0.0, deaf=True) as service:
        world.oracle.begin(place, digest(b"first"))
        assert service.request("PUT", service.address(place), b"first", "ada")[0] == 201
        world.oracle.acknowledge(place, digest(b"first"))
    with pytest.raises(AssertionError, match="holds nothing"):
        world.verify()


def test_a_power_cut_keeps_what_was_flushed_and_nothing_else(world: World) -> None:
    with forgetful(world.disk, world.mounted, 1) as cut:
        for name in ("kept", "changed", "renamed"):
            write(world.mounted / name, b"x" * 10_000)
        sync_folder(world.mounted)
        (world.mounted / "changed").write_bytes(b"y" * 5_000)
        (world.mounted / "renamed").rename(world.mounted / "new name")
        write(world.mounted / "name not flushed", b"x")
        cut(0.0)
    left = {path.name: path.read_bytes() for path in world.disk.iterdir()}
    assert left == dict.fromkeys(("kept", "changed", "renamed"), b"x" * 10_000)


def write(path: Path, data: bytes) -> None:
    """Write a file and flush it, but not its name."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
