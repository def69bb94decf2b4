"""A full disk, a full space, a machine that fails: the right status, nothing half done, and on it goes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import http.client
import json
import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from cygnet_hub.services.sync.model.errors import QuotaExceeded
from cygnet_hub.services.sync.service.fsck import check
from cygnet_hub.services.sync.store import spaces
from cygnet_hub.services.sync.store.database import Database
from tests.crash import remote_server
from tests.hub.sync.dav import Answer, Dav, set_quota
from tests.hub.sync.test_batch import multipart
from tests.hub.sync.test_history import deleted
from tests.hub.sync.test_tus import create, patch
from tests.sync_server import SyncServer, sync_server

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 12 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], check=True, timeout=10)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=10)


def clean(server: SyncServer) -> bool:
    return check(server.services.database, server.services.disk.contents).clean


@pytest.mark.needs("root", "mount")
def test_a_disk_that_fills_up_while_a_body_comes(small_disk: Path) -> None:
    with sync_server(small_disk) as server:
        ada = Dav(server, "ada")
        ada.put("/kept", b"old")
        etag = ada.etag("/")
        answer = ada.put("/kept", b"x" * 20 * MIB)
        assert answer.status == 507 and "disk" in answer.message
        assert (ada.get("/kept"), ada.etag("/")) == (b"old", etag)
        assert not list(small_disk.rglob("*.part"))
        assert ada.put("/kept", b"x" * 2 * MIB).status == 204
        assert clean(server)


@pytest.mark.needs("root", "mount")
def test_a_disk_that_is_full_when_the_database_commits(small_disk: Path) -> None:
    """No byte is free: changes are refused, reading goes on, and so does all once there is room."""
    with sync_server(small_disk) as server:
        ada = Dav(server, "ada")
        ada.put("/kept", b"old")
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(bytes(4096))
        statuses = set()
        for number in range(40):
            # A file of no bytes needs room in the database only; sooner or later its log has to grow.
            statuses.add(ada.put(f"/empty-{number}", b"").status)
            statuses.add(ada("MKCOL", f"/folder-{number}").status)
        assert statuses <= {201, 507} and 507 in statuses
        assert ada("DELETE", "/kept").status in (204, 507)
        assert ada("GET", "/kept").status in (200, 404)
        ballast.unlink()
        assert ada.put("/kept", b"new").status in (201, 204)
        assert ada.get("/kept") == b"new"
        assert clean(server)


async def test_a_database_that_runs_full_in_the_middle_of_a_group(tmp_path: Path) -> None:
    """SQLite then rolls back the whole transaction, not only the statement: no write may be half believed."""
    database = Database.open(f"sqlite:///{tmp_path}/d.db")

    def fill(connection: Connection) -> None:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        try:
            connection.execute(text("INSERT INTO instance VALUES ('fill', hex(zeroblob(100000)))"))
        finally:
            connection.execute(text("PRAGMA max_page_count = 1073741823"))

    def note(key: str) -> Callable[[Connection], None]:
        return lambda connection: spaces.set_fact(connection, key, "yes")

    # While the first is held, the others come together, and are one group.
    runs = [lambda _: time.sleep(0.1), note("before"), fill, note("after")]
    results = await asyncio.gather(*(database.write(run) for run in runs), return_exceptions=True)
    assert results[0] is None and isinstance(results[2], QuotaExceeded)
    for key, result in (("before", results[1]), ("after", results[3])):
        there = await database.read(lambda connection, key=key: spaces.fact(connection, key))
        assert there == ("yes" if result is None else None), (key, result)
    await database.write(note("later"))
    assert await database.read(lambda connection: spaces.fact(connection, "later")) == "yes"
    database.close()


WAYS: dict[str, Callable[[Dav], Answer]] = {
    "PUT": lambda dav: dav.put("/big", bytes(600)),
    "PUT over a file": lambda dav: dav.put("/small", bytes(1001)),
    "PUT of nothing": lambda dav: fill_up(dav).put("/empty", b""),
    "JSON PUT": lambda dav: dav.raw("PUT", "/services/sync/api/v1/content?path=/big", bytes(600)),
    "an upload announced": lambda dav: uploads(dav)("MKCOL", "/announced", OC_Total_Length="600"),
    "a part": lambda dav: parts(dav, 300, 300),
    "the last MOVE": lambda dav: join(dav),
    "TUS, announced": lambda dav: create(dav, "/", 600, filename="big"),
    "TUS, all at once": lambda dav: create(dav, "/", 600, bytes(600), filename="big"),
    "TUS, the last bytes": lambda dav: go_on(dav),
    "bulk": lambda dav: in_bulk(dav),
    "COPY": lambda dav: dav("COPY", "/small", Destination=dav.url("/copy")),
    "COPY of a folder": lambda dav: dav("COPY", "/d", Destination=dav.url("/e")),
    "MKCOL": lambda dav: fill_up(dav)("MKCOL", "/folder"),
    "restore from the trash": lambda dav: restore(dav),
    "restore a version": lambda dav: revert(dav),
}


def uploads(dav: Dav) -> Dav:
    return Dav(dav.server, dav.user, f"/remote.php/dav/uploads/{dav.user}")


def fill_up(dav: Dav) -> Dav:
    assert dav.put("/rest", bytes(500)).status == 201
    return dav


def parts(dav: Dav, *sizes: int) -> Answer:
    name = f"/{len(sizes)}-{sum(sizes)}-{time.monotonic_ns()}"
    assert uploads(dav)("MKCOL", name).status == 201
    answers = [uploads(dav).put(f"{name}/{number}", bytes(size)) for number, size in enumerate(sizes)]
    assert all(answer.status == 201 for answer in answers[:-1])
    return answers[-1]


def join(dav: Dav) -> Answer:
    assert uploads(dav)("MKCOL", "/late").status == 201
    assert uploads(dav).put("/late/1", bytes(400)).status == 201
    fill_up(dav)
    return uploads(dav)("MOVE", "/late/.file", Destination=dav.url("/late"))


def go_on(dav: Dav) -> Answer:
    made = create(dav, "/", 450, filename="late")
    assert made.status == 201
    fill_up(dav)
    return patch(dav, made.headers["Location"], 0, bytes(450))


def in_bulk(dav: Dav) -> Answer:
    """What is told of the file, as if it were the answer: that one is a 200 in any case."""
    to = Dav(dav.server, dav.user, "/remote.php/dav/bulk")
    answer = to("POST", "", multipart({"/big": bytes(600)}), Content_Type="multipart/related; boundary=b")
    told = json.loads(answer.body)["/big"]
    assert told["error"] is True and "/big" not in dav.list("/")
    return replace(answer, status=507 if "not enough room" in told["message"] else 500)


def restore(dav: Dav) -> Answer:
    trash = Dav(dav.server, dav.user, f"/remote.php/dav/trash-bin/{dav.user}")
    assert dav("DELETE", "/small").status == 204
    assert dav.put("/rest", bytes(900)).status == 201
    return trash("MOVE", deleted(trash)["small"], Destination=dav.url("/small"))


def revert(dav: Dav) -> Answer:
    number = int(dav.put("/small", b"").headers["OC-FileId"].split("oc")[0])
    history = Dav(dav.server, dav.user, f"/remote.php/dav/meta/{number}/v")
    assert dav.put("/rest", bytes(900)).status == 201
    return history("COPY", max(history.list("/")), Destination=dav.url("/small"))


@pytest.mark.parametrize("way", WAYS)
def test_a_full_space_takes_nothing_in_any_way(server: SyncServer, way: str) -> None:
    """1,000 bytes, of which 500 are taken."""
    bob = Dav(server, "bob")
    bob.list("/")
    set_quota(server, "bob", None)
    for name in bob.list("/"):
        assert name == "/" or bob("DELETE", name).status == 204
    bob("MKCOL", "/d")
    bob.put("/d/f", b"")
    bob.put("/small", bytes(500))
    if "folder" in way:
        bob("MOVE", "/small", Destination=bob.url("/d/f"), Overwrite="T")
    set_quota(server, "bob", 999 if way.startswith("COPY") else 1000)
    answer = WAYS[way](bob)
    assert answer.status == 507, answer
    assert bob("PROPFIND", "/", Depth="0").status == 207
    assert clean(server)
    set_quota(server, "bob", None)
    assert bob.put("/after", bytes(5000)).status in (201, 204)


@pytest.mark.parametrize("error", [errno.EIO, errno.EROFS])
def test_a_disk_that_fails_is_an_error_and_not_a_loss(
    ada: Dav, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    ada.put("/safe", b"old")
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", lambda _fd: (_ for _ in ()).throw(OSError(error, os.strerror(error))))
        assert ada.put("/safe", b"new").status == 500
    assert ada.get("/safe") == b"old"
    assert ada.put("/safe", b"new").status == 204
    assert clean(ada.server)


def test_too_many_open_files_pass(tmp_path: Path) -> None:
    """No descriptor is left: requests that wait are answered later or refused, and nothing stays broken."""
    with remote_server(tmp_path) as remote:
        ada = Dav(remote, "ada")
        ada.put("/kept", bytes(MIB))
        used = len(os.listdir(f"/proc/{remote.process.pid}/fd"))
        resource.prlimit(remote.process.pid, resource.RLIMIT_NOFILE, (used + 3, 4096))
        statuses: list[int] = []

        def work(number: int) -> None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                statuses.append(ada.put(f"/f{number}", bytes(MIB)).status)
                statuses.append(ada("GET", "/kept").status)

        with ThreadPoolExecutor(8) as workers:
            futures = [workers.submit(work, number) for number in range(8)]
            wait(futures, timeout=3)
            resource.prlimit(remote.process.pid, resource.RLIMIT_NOFILE, (4096, 4096))
        assert set(statuses) <= {200, 201, 503}
        assert ada.put("/kept", b"new").status == 204
        assert ada.get("/kept") == b"new"
    with sync_server(tmp_path) as server:
        assert clean(server)
