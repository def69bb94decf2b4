"""`cygnet admin backup` and `restore` with PostgreSQL and S3, from there, to there, and between the kinds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from cygnet_hub.admin import extents
from cygnet_hub.config.layout import Layout
from cygnet_hub.config.storage import Urls
from cygnet_hub.services.sync.store.contents import Contents
from tests.backends import Cluster
from tests.hub.admin.test_admin import admin, props
from tests.hub.sync.api import Api
from tests.hub.sync.dav import Dav
from tests.integration.test_restored_backup import World, converge
from tests.sync_server import SyncServer, sync_server

pytestmark = [pytest.mark.needs("pg_ctlcluster", "radosgw"), pytest.mark.xdist_group("postgresql")]

LARGE = bytes(range(256)) * (40 << 10)  # ten MiB: more than one part of an upload to S3


class Site(NamedTuple):
    """A data directory, and where metadata and contents are; empty: in it."""

    layout: Layout
    database: str = ""
    storage: str = ""

    @contextmanager
    def serving(self) -> Iterator[SyncServer]:
        """Its service."""
        with sync_server(self.layout.sync, self.database, self.storage) as server:
            yield server

    def options(self) -> list[str]:
        """What `restore` is told of it."""
        pairs = (("--database-url", self.database), ("--storage-url", self.storage))
        return ["--data", str(self.layout.data), *(word for pair in pairs if pair[1] for word in pair)]


class Sites:
    """Makes places for platforms."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.folder, self._cluster = folder, cluster

    def place(self, kind: str, name: str) -> Site:
        """Where there is no platform yet: "local", or "elsewhere"."""
        layout = Layout(self.folder / name)
        if kind == "local":
            return Site(layout)
        return Site(layout, self._cluster.database(), f"s3://bucket-{uuid4().hex}/contents")

    def site(self, kind: str, name: str = "data") -> Site:
        """A data directory with settings."""
        made = self.place(kind, name)
        made.layout.sync.mkdir(parents=True)
        made.layout.version.write_text("1\n")
        if kind != "local":
            made.layout.settings.write_text(
                f'# ours\ndatabase_url = "{made.database}"\n'
                f'storage_url = "{made.storage}"\nidle_minutes = 7\n'
            )
        return made


@pytest.fixture
def sites(tmp_path: Path, cluster: Cluster, s3: str) -> Sites:
    return Sites(tmp_path, cluster)


KINDS = [("elsewhere", "elsewhere"), ("local", "elsewhere"), ("elsewhere", "local")]


@pytest.mark.parametrize(("before", "after"), KINDS)
def test_a_backup_of_one_moment_becomes_a_platform_of_either_kind(
    sites: Sites, before: str, after: str
) -> None:
    old, backup = sites.site(before), sites.folder / "backup"
    with old.serving() as server:
        ada, bob, over = Dav(server, "ada"), Dav(server, "bob"), threading.Event()
        ada.put("/large", LARGE)
        ada.put("/é", b"first")
        ada.put("/é", b"second")
        ada("MKCOL", "/newer than what is moved into it")
        ada("MOVE", "/é", Destination=ada.url("/newer than what is moved into it/é"))
        share = Api(server, "ada").share("/large", "bob")
        Api(server, "bob")("POST", f"shares/{share['id']}/accept")
        first = props(ada, "/large")

        def write() -> None:
            number = 0
            while not over.is_set():
                assert bob.put(f"/f{number % 5}", str(number) * 1000).status in (201, 204)
                number += 1

        thread = threading.Thread(target=write)
        thread.start()
        try:
            assert "holds a backup" in admin("backup", backup, "--data", old.layout.data).output
        finally:
            over.set()
            thread.join(60)
        later = ada.put("/later", "x")
        lost = {props(ada, "/later")["fileid"], props(ada, "/later")["getetag"], later.etag}
    assert "as it must be" in admin("scrub", "--data", backup).output
    new = sites.place(after, "again")
    admin("restore", backup, *new.options())
    assert "as it must be" in admin("scrub", "--data", new.layout.data).output
    assert "as it must be" in admin("fsck", "--data", new.layout.data).output
    with new.serving() as server:
        ada = Dav(server, "ada")
        assert ada.get("/newer than what is moved into it/é") == b"second"
        assert Dav(server, "bob").get("/Shares/large") == LARGE
        assert props(ada, "/large")["fileid"] == first["fileid"]
        assert props(ada, "/")["data-fingerprint"] != ""
        assert ada("GET", "/later").status == 404
        ada.put("/later", "y")
        found = props(ada, "/later")
        assert int(found["fileid"]) > int(first["fileid"]) + (1 << 31)
        assert not {found["fileid"], found["getetag"]} & lost


def test_settings_lead_to_where_the_copy_is_and_never_to_the_original(sites: Sites) -> None:
    old = sites.site("elsewhere")
    with old.serving() as server:
        Dav(server, "ada").put("/f", "1")
        admin("backup", sites.folder / "backup", "--data", old.layout.data)
    assert (sites.folder / "backup/cygnet.toml").read_text() == "# ours\nidle_minutes = 7\n"
    new = sites.place("elsewhere", "again")
    admin("restore", sites.folder / "backup", *new.options())
    text = new.layout.settings.read_text()
    assert new.database in text and new.storage in text and "idle_minutes = 7" in text
    assert old.database not in text


class Line:
    """Copies extents, counts them, and is dead after three when it is `weak`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.weak, self.copied = False, 0
        self._copy = extents.copy_one
        monkeypatch.setattr(extents, "copy_one", self.copy)

    def copy(self, source: Contents, target: Contents, key: str, size: int) -> None:
        if self.weak and self.copied >= 3:
            raise OSError("the line is dead")
        self._copy(source, target, key, size)
        self.copied += 1


def test_what_was_broken_off_goes_on_and_copies_nothing_twice(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, backup = sites.site("elsewhere"), sites.place("elsewhere", "again"), sites.folder / "backup"
    monkeypatch.setattr(extents, "AT_ONCE", 1)
    line = Line(monkeypatch)

    def break_off(*command: object) -> None:
        line.weak, line.copied = True, 0
        assert "the line is dead" in admin(*command, code=1).output
        line.weak, line.copied = False, 0

    with old.serving() as server:
        ada = Dav(server, "ada")
        for number in range(10):
            ada.put(f"/f{number}", str(number) * 100)
        break_off("backup", backup, "--data", old.layout.data)
        assert "not a whole one" in admin("restore", backup, *new.options(), code=1).output
        admin("backup", backup, "--data", old.layout.data)
        assert line.copied == 10 - 3
    break_off("restore", backup, *new.options())
    admin("restore", backup, *new.options())
    assert line.copied == 10 - 3
    with new.serving() as server:
        assert Dav(server, "ada").get("/f9") == b"9" * 100


def test_an_earlier_backup_is_brought_up_to_date(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    old, backup = sites.site("elsewhere"), sites.folder / "backup"
    copied: list[int] = []
    monkeypatch.setattr(extents.Progress, "done", lambda _, size: copied.append(size))
    with old.serving() as server:
        ada = Dav(server, "ada")
        ada.put("/f", b"1" * 1000)
        admin("backup", backup, "--data", old.layout.data)
        assert "not empty" in admin("backup", backup, "--data", old.layout.data, code=1).output
        ada.put("/f", b"2" * 2000)
        admin("expire", "--versions-days", 0, "--data", old.layout.data)
        server.services.collect_garbage()
        server.services.database.write_now(lambda c: c.exec_driver_sql("UPDATE extent SET created = 0"))
        server.services.collect_garbage()
        copied.clear()
        admin("backup", backup, "--update", "--data", old.layout.data)
    assert copied == [2000]
    assert [path.stat().st_size for path in backup.glob("sync/contents/??/*")] == [2000]
    assert "as it must be" in admin("scrub", "--data", backup).output


def test_nothing_is_restored_over_something(sites: Sites) -> None:
    used, backup = sites.site("elsewhere"), sites.folder / "backup"
    with used.serving() as server:
        Dav(server, "ada").put("/f", "1")
        admin("backup", backup, "--data", used.layout.data)
    free = sites.place("elsewhere", "again")
    taken = Site(free.layout, used.database, free.storage)
    assert "in use" in admin("restore", backup, *taken.options(), code=1).output
    with used.serving() as server:
        Dav(server, "ada").put("/g", "2")
    taken = Site(Layout(sites.folder / "third"), free.database, used.storage)
    assert "other files" in admin("restore", backup, *taken.options(), code=1).output
    wrong = admin("restore", backup, "--data", sites.folder / "no", "--database-url", "mysql://x", code=1)
    assert "must begin with postgresql://" in wrong.output
    away = ["--data", sites.folder / "away", "--database-url", "postgresql://127.0.0.1:1/x"]
    assert "cygnet admin restore: " in admin("restore", backup, *away, code=1).output
    with used.serving() as server:
        assert Dav(server, "ada").get("/g") == b"2"


def test_tables_of_another_version_are_not_taken(sites: Sites) -> None:
    old = sites.site("elsewhere")
    with old.serving() as server:
        server.services.database.write_now(
            lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        )
        output = admin("backup", sites.folder / "backup", "--data", old.layout.data, code=1).output
    assert "another version" in output


@pytest.mark.needs("nextcloudcmd")
def test_laptops_converge_with_what_was_restored_elsewhere(sites: Sites) -> None:
    new = sites.place("elsewhere", "again")
    converge(World(sites.folder, "nextcloudcmd", Urls(new.database, new.storage)))
