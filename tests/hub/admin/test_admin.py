"""`cygnet admin` on a data directory whose sync service is running."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cygnet_hub.cli.admin import command
from cygnet_hub.config.layout import Layout
from cygnet_hub.services.sync.service.expiry import DAY, expire
from cygnet_hub.services.sync.service.fsck import check
from tests.hub.sync.api import Api
from tests.hub.sync.conftest import close_clients  # noqa: F401 - a fixture
from tests.hub.sync.dav import Dav
from tests.hub.sync.test_bit_rot import newest_extent, spoil
from tests.sync_server import SyncServer, sync_server

FINGERPRINT = (
    '<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:data-fingerprint/><oc:fileid/>'
    "<d:getetag/></d:prop></d:propfind>"
)


def admin(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "data")
    made.sync.mkdir(parents=True)
    made.version.write_text("1\n")
    return made


@pytest.fixture
def server(layout: Layout) -> Iterator[SyncServer]:
    with sync_server(layout.sync) as running:
        yield running


def test_fsck_and_scrub(layout: Layout, server: SyncServer) -> None:
    ada = Dav(server, "ada")
    ada.put("/good", b"x" * 100_000)
    ada.put("/bad", b"y" * 100_000)
    assert "as it must be" in admin("fsck", "--data", layout.data).output
    assert "Read 2 extents, 200.0 kB" in admin("scrub", "--data", layout.data).output
    with newest_extent(ada).open("r+b") as file:
        spoil(file, 99_999)
    assert "as it must be" in admin("fsck", "--data", layout.data).output
    assert "ada:/bad" in admin("scrub", "--data", layout.data, code=1).output
    newest_extent(ada).unlink()
    assert "is missing" in admin("fsck", "--data", layout.data, code=1).output


def test_quota(layout: Layout, server: SyncServer) -> None:
    ada = Dav(server, "ada")
    ada.put("/f", b"x" * 1000)
    assert "1.0 kB; the limit is none" in admin("quota", "ada", "--data", layout.data).output
    assert "limit is 2.0 kB" in admin("quota", "ada", "2kB", "--data", layout.data).output
    assert ada.put("/g", b"x" * 1500).status == 507
    admin("quota", "ada", "none", "--data", layout.data)
    assert ada.put("/g", b"x" * 1500).status == 201
    assert "no files" in admin("quota", "nobody", "--data", layout.data, code=1).output
    assert "not a size" in admin("quota", "ada", "much", "--data", layout.data, code=1).output


def test_what_is_no_data_directory_is_left_alone(tmp_path: Path) -> None:
    assert "not a data directory" in admin("fsck", "--data", tmp_path, code=1).output
    assert not list(tmp_path.iterdir())


def test_expire_keeps_the_current_version_and_what_was_replaced_lately(server: SyncServer) -> None:
    ada, database = Dav(server, "ada"), server.services.database
    for body in ("one", "two", "three"):
        ada.put("/f", body)
    ada.put("/thrown", "x")
    ada("DELETE", "/thrown")
    now = time.time()
    assert expire(database, 30, 30, now + 29 * DAY) == (0, 0)
    database.write_now(
        lambda c: c.exec_driver_sql("UPDATE version SET created = created - 8640000 WHERE size = 3")
    )
    # "two" was made long ago too, but replaced only now.
    assert expire(database, 30, 30, now) == (1, 0)
    assert expire(database, 30, 30, now + 31 * DAY) == (1, 1)
    assert ada.get("/f") == b"three"
    assert check(database, server.services.disk.contents).clean


def test_expire_by_command(layout: Layout, server: SyncServer) -> None:
    ada = Dav(server, "ada")
    ada.put("/f", "1")
    ada.put("/f", "2")
    assert "Deleted 0 old versions, and 0 things" in admin("expire", "--data", layout.data).output
    result = admin("expire", "--versions-days", 0, "--trash-days", 0, "--data", layout.data)
    assert "Deleted 1 old versions" in result.output


def props(dav: Dav, path: str) -> dict[str, str]:
    return dav.list(path, "0", FINGERPRINT)[path]


def test_a_backup_of_a_running_service_is_one_moment(
    layout: Layout, server: SyncServer, tmp_path: Path
) -> None:
    ada, over = Dav(server, "ada"), threading.Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            assert ada.put(f"/f{number % 5}", str(number) * 1000).status in (201, 204)
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(3):
            admin("backup", tmp_path / f"backup{number}", "--data", layout.data)
    finally:
        over.set()
        thread.join(20)
    assert "not empty" in admin("backup", tmp_path / "backup0", "--data", layout.data, code=1).output
    for number in range(3):
        admin("restore", tmp_path / f"backup{number}", "--data", tmp_path / f"again{number}")
        assert "as it must be" in admin("scrub", "--data", tmp_path / f"again{number}").output
        assert "as it must be" in admin("fsck", "--data", tmp_path / f"again{number}").output


def test_a_copy_with_links_stays_as_it_is_when_the_backup_is_brought_up_to_date(
    layout: Layout, server: SyncServer, tmp_path: Path
) -> None:
    ada, site, monday = Dav(server, "ada"), tmp_path / "site", tmp_path / "monday"
    layout.settings.write_text("idle_minutes = 7\n")
    ada.put("/f", "1")
    admin("backup", site, "--data", layout.data)
    shutil.copytree(site, monday, copy_function=os.link)
    layout.settings.write_text("idle_minutes = 8\n")
    ada.put("/g", "2")
    admin("backup", site, "--update", "--data", layout.data)
    assert (monday / "cygnet.toml").read_text() == "idle_minutes = 7\n"
    for folder, files in ((site, {"/f", "/g"}), (monday, {"/f"})):
        admin("restore", folder, "--data", tmp_path / f"{folder.name} again")
        with sync_server(tmp_path / f"{folder.name} again" / "sync") as restored:
            assert set(Dav(restored, "ada").list("/")) - {"/"} == files


def test_nothing_that_was_given_out_after_the_backup_means_something_else(
    layout: Layout, server: SyncServer, tmp_path: Path
) -> None:
    ada = Dav(server, "ada")
    ada.put("/kept", "kept")
    admin("backup", tmp_path / "backup", "--data", layout.data)
    cursor = Api(server, "ada")("GET", "changes?wait=0", headers={"Accept": "application/json"})["cursor"]
    later = ada.put("/kept", "later").etag
    ada.put("/new", "x")
    lost = {props(ada, path)["fileid"] for path in ("/new",)}
    etags = {later, *(props(ada, path)["getetag"] for path in ("/", "/new"))}
    admin("restore", tmp_path / "backup", "--data", tmp_path / "again")
    with sync_server(tmp_path / "again" / "sync") as restored:
        back = Dav(restored, "ada")
        assert back.get("/kept") == b"kept"
        assert props(back, "/")["data-fingerprint"] != props(ada, "/").get("data-fingerprint", "")
        back.put("/kept", "other")
        back.put("/new", "y")
        assert props(back, "/new")["fileid"] not in lost
        assert not {props(back, path)["getetag"] for path in ("/", "/kept", "/new")} & etags
        told = Api(restored, "ada")(
            "GET", f"changes?cursor={cursor}&wait=0", headers={"Accept": "application/json"}
        )
        assert told["reset"]


def test_a_number_of_a_kind_that_the_backup_has_none_of_is_not_given_out_again(
    layout: Layout, server: SyncServer, tmp_path: Path
) -> None:
    ada = Dav(server, "ada")
    ada.put("/kept", "kept")
    admin("backup", tmp_path / "backup", "--data", layout.data)
    lost = Api(server, "ada").share("/kept", "bob")["id"]
    admin("restore", tmp_path / "backup", "--data", tmp_path / "again")
    with sync_server(tmp_path / "again" / "sync") as restored:
        assert Api(restored, "ada").share("/kept", "bob")["id"] != lost


def test_what_other_tools_restored_is_set_off_too(layout: Layout) -> None:
    with sync_server(layout.sync) as server:
        ada = Dav(server, "ada")
        ada.put("/f", "x")
        before = props(ada, "/f")
        assert "is running" in admin("restored", "--data", layout.data, code=1).output
    admin("restored", "--data", layout.data)
    with sync_server(layout.sync) as server:
        ada = Dav(server, "ada")
        assert props(ada, "/").get("data-fingerprint")
        ada.put("/g", "y")
        number = int(props(ada, "/g")["fileid"])
        assert number > int(before["fileid"]) + (1 << 31)
        assert check(server.services.database, server.services.disk.contents).clean
