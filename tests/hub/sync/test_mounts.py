"""What others share, seen in the receiver's tree by WebDAV."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from cygnet_hub.services.sync.model.node import EDITOR, VIEWER, Permission
from cygnet_hub.services.sync.model.principal import Principal
from cygnet_hub.services.sync.model.sharing import ShareRequest
from tests.hub.sync.dav import Dav, set_quota
from tests.sync_server import SyncServer, sync_server

TEACHER, STUDENT = Principal("user", "teacher"), Principal("user", "student")


def run(server: SyncServer, coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, server.loop).result(10)


def share(server: SyncServer, path: str, permissions: Permission) -> None:
    """The teacher shares `path` with the student, who accepts."""
    request = ShareRequest(path, "user", "student", permissions)
    shared = run(server, server.services.shares.create(TEACHER, request))
    run(server, server.services.shares.answer(STUDENT, shared.row.id, "accepted"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SyncServer]:
    """A service for each test: names of mounts depend on what was shared before."""
    with sync_server(tmp_path) as running:
        yield running


@pytest.fixture
def teacher(server: SyncServer) -> Dav:
    dav = Dav(server, "teacher")
    dav("MKCOL", "/course")
    dav.put("/course/f.ipynb", "exercise")
    return dav


@pytest.fixture
def student(server: SyncServer, teacher: Dav) -> Dav:
    return Dav(server, "student")


def test_a_share_appears_with_the_letters_of_what_is_allowed(
    server: SyncServer, teacher: Dav, student: Dav
) -> None:
    assert "/Shares" not in student.list("/")
    share(server, "/course", EDITOR)
    assert student.list("/Shares")["/Shares/course"]["permissions"] == "SMGDNVCK"
    assert student.list("/Shares/course")["/Shares/course/f.ipynb"]["permissions"] == "SGDNVW"
    assert student.get("/Shares/course/f.ipynb") == b"exercise"
    assert student.put("/Shares/course/mine", "x").status == 201
    assert teacher.get("/course/mine") == b"x"


def test_a_viewer_changes_nothing(server: SyncServer, teacher: Dav, student: Dav) -> None:
    share(server, "/course", VIEWER)
    shown = student.list("/Shares/course")
    assert (shown["/Shares/course"]["permissions"], shown["/Shares/course/f.ipynb"]["permissions"]) == (
        "SMGDNV",
        "SG",
    )
    file, inside = "/Shares/course/f.ipynb", "/Shares/course/new"
    assert student.put(file, "x").status == 403
    assert student.put(inside, "x").status == 403
    assert student("MKCOL", inside).status == 403
    assert student("DELETE", file).status == 403
    assert student("MOVE", file, Destination=student.url("/mine")).status == 403
    assert student("MOVE", file, Destination=student.url(inside)).status == 403
    body = '<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><x/></d:prop></d:set></d:propertyupdate>'
    assert student("PROPPATCH", file, body).status == 403
    assert student("COPY", file, Destination=student.url("/mine")).status == 201
    assert student("COPY", "/mine", Destination=student.url(inside)).status == 403
    assert student.get("/mine") == teacher.get("/course/f.ipynb") == b"exercise"


def test_the_receivers_root_etag_tells_of_changes_by_the_owner(
    server: SyncServer, teacher: Dav, student: Dav
) -> None:
    before = student.etag("/")
    share(server, "/course", VIEWER)
    mounted = student.etag("/")
    teacher.put("/course/f.ipynb", "changed")
    changed = student.etag("/")
    teacher.put("/course/f.ipynb", "again")
    assert len({before, mounted, changed, student.etag("/")}) == 4
    assert student.etag("/Shares") != student.etag("/")


def test_deleting_a_mount_declines_it_and_deletes_nothing(
    server: SyncServer, teacher: Dav, student: Dav
) -> None:
    share(server, "/course", EDITOR)
    assert student("DELETE", "/Shares/course").status == 204
    assert "/Shares" not in student.list("/")
    assert teacher.get("/course/f.ipynb") == b"exercise"


def test_renaming_a_mount_is_the_receivers_business(server: SyncServer, teacher: Dav, student: Dav) -> None:
    share(server, "/course", VIEWER)
    assert student("MOVE", "/Shares/course", Destination=student.url("/Shares/physics")).status == 201
    assert set(student.list("/Shares")) == {"/Shares", "/Shares/physics"}
    assert "/course" in teacher.list("/")
    assert student("MOVE", "/Shares/physics", Destination=student.url("/physics")).status == 403


def test_what_is_moved_out_of_a_share_can_be_restored_by_its_owner(
    server: SyncServer, teacher: Dav, student: Dav
) -> None:
    share(server, "/course", EDITOR)
    assert student("MOVE", "/Shares/course/f.ipynb", Destination=student.url("/taken")).status == 201
    assert student.get("/taken") == b"exercise"
    assert "/course/f.ipynb" not in teacher.list("/course")


def test_the_folder_of_shares_is_nobodys_to_change(server: SyncServer, teacher: Dav, student: Dav) -> None:
    assert student("MKCOL", "/Shares").status == 403
    assert student.put("/shares", "another name").status == 201
    share(server, "/course", EDITOR)
    assert student("MKCOL", "/Shares").status == 405
    assert student.put("/Shares/x", "x").status == 403
    assert student("DELETE", "/Shares").status == 403
    assert student("MOVE", "/Shares", Destination=student.url("/other")).status == 403
    assert student("COPY", "/Shares", Destination=student.url("/other")).status == 403
    assert student("PROPPATCH", "/Shares", "<x/>").status == 400


def test_what_the_owner_deletes_disappears(server: SyncServer, teacher: Dav, student: Dav) -> None:
    share(server, "/course/f.ipynb", VIEWER)
    assert student.get("/Shares/f.ipynb") == b"exercise"
    teacher("DELETE", "/course")
    assert "/Shares" not in student.list("/")
    assert student("GET", "/Shares/f.ipynb").status == 404


def test_a_full_owner_limits_the_receiver(server: SyncServer, teacher: Dav, student: Dav) -> None:
    share(server, "/course", EDITOR)
    set_quota(server, "teacher", 10)
    assert student.put("/Shares/course/big", b"x" * 100).status == 507
