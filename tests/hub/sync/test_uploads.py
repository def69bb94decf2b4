"""Uploads in parts by WebDAV."""

from __future__ import annotations

import hashlib
import itertools
import random

import pytest

from tests.hub.sync.dav import Dav, set_quota
from tests.sync_server import SyncServer

DATA = random.Random(1).randbytes(5_000_000)
CUTS = [0, 1_000_000, 1_000_001, 3_500_000, len(DATA)]
PARTS = [DATA[a:b] for a, b in itertools.pairwise(CUTS)]
SHA1 = "SHA1:" + hashlib.sha1(DATA).hexdigest()

NAMES = {
    "nextcloud": [f"{i:016d}" for i in range(len(PARTS))],
    "owncloud": [f"{offset:016d}" for offset in CUTS[:-1]],
    "rclone": [f"{a:015d}-{b:015d}" for a, b in itertools.pairwise(CUTS)],
    "nextcloud 2": [str(i) for i in range(1, len(PARTS) + 1)],
    "more than nine": ["2", "10", "11", "100"],
}


@pytest.fixture
def uploads(server: SyncServer) -> Dav:
    return Dav(server, "ada", "/remote.php/dav/uploads/ada")


def begin(uploads: Dav, name: str, names: list[str], order: list[int]) -> None:
    assert uploads("MKCOL", f"/{name}", OC_Total_Length=str(len(DATA))).status == 201
    for index in order:
        assert uploads.put(f"/{name}/{names[index]}", PARTS[index]).status == 201


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]])
def test_parts_are_joined_by_their_numbers(uploads: Dav, ada: Dav, kind: str, order: list[int]) -> None:
    name = f"{kind} {order[0]}"
    begin(uploads, name, NAMES[kind], order)
    headers = {"Destination": ada.url(f"/{name}"), "OC_Checksum": SHA1, "OC_Total_Length": str(len(DATA))}
    moved = uploads("MOVE", f"/{name}/.file", X_OC_Mtime="1500000000", **headers)
    assert (moved.status, moved.headers["X-OC-MTime"]) == (201, "accepted")
    assert ada.get(f"/{name}") == DATA
    assert SHA1 in ada.list(f"/{name}", depth="0")[f"/{name}"]["checksums"]
    again = uploads("MOVE", f"/{name}/.file", X_OC_Mtime="1500000000", **headers)
    assert (again.status, again.etag) == (201, moved.etag)


def test_an_interrupted_upload_says_what_has_come(uploads: Dav) -> None:
    begin(uploads, "half", NAMES["nextcloud"], [0, 1])
    shown = uploads.list("/half")
    sizes = [int(values["getcontentlength"]) for path, values in shown.items() if path != "/half"]
    assert sizes == [1_000_000, 1]
    assert uploads("DELETE", "/half").status == 204
    assert uploads("PROPFIND", "/half").status == 404


def test_missing_parts_and_wrong_bytes_make_no_file(uploads: Dav, ada: Dav) -> None:
    begin(uploads, "bad", NAMES["nextcloud"], [0, 1, 2])
    destination = ada.url("/bad")
    short = uploads("MOVE", "/bad/.file", Destination=destination, OC_Total_Length=str(len(DATA)))
    assert short.status == 400
    wrong = uploads("MOVE", "/bad/.file", Destination=destination, OC_Checksum=SHA1)
    assert wrong.status == 400
    assert "/bad" not in ada.list("/")


def test_a_part_with_wrong_bytes_is_not_taken(uploads: Dav) -> None:
    begin(uploads, "sums", NAMES["nextcloud"], [0])
    assert uploads.put("/sums/0000000000000001", "x", OC_Checksum=SHA1).status == 400
    assert len(uploads.list("/sums")) == 2


def test_an_overwrite_is_guarded_by_the_etag_in_a_tagged_list(uploads: Dav, ada: Dav) -> None:
    old = ada.put("/guarded", "one")
    ada.put("/guarded", "two")
    begin(uploads, "guard", NAMES["nextcloud"], [0, 1, 2, 3])
    destination = ada.url("/guarded")
    stale = uploads("MOVE", "/guard/.file", Destination=destination, If=f"<{destination}> ([{old.etag}])")
    assert stale.status == 412
    assert ada.get("/guarded") == b"two"
    fresh = f"<{destination}> ([{ada.list('/guarded', depth='0')['/guarded']['getetag']}])"
    assert uploads("MOVE", "/guard/.file", Destination=destination, If=fresh).status == 204
    assert ada.get("/guarded") == DATA


def test_a_part_sent_twice_counts_once(uploads: Dav, ada: Dav) -> None:
    begin(uploads, "twice", NAMES["nextcloud"], [0, 1, 2, 1, 3])
    moved = uploads("MOVE", "/twice/.file", Destination=ada.url("/twice"), OC_Checksum=SHA1)
    assert moved.status == 201


def test_parts_need_an_upload_and_a_number(uploads: Dav) -> None:
    assert uploads.put("/nowhere/1", "x").status == 404
    begin(uploads, "names", NAMES["nextcloud"], [])
    assert uploads.put("/names/abc", "x").status == 400
    assert uploads("MKCOL", "/names").status == 405


def test_uploads_of_others_are_closed(server: SyncServer, uploads: Dav) -> None:
    begin(uploads, "mine", NAMES["nextcloud"], [0])
    bob = Dav(server, "bob")
    assert bob.raw("PUT", uploads.url("/mine/2"), "x").status == 403
    assert bob.raw("MOVE", uploads.url("/mine/.file"), Destination=bob.url("/stolen")).status == 403


def test_an_upload_may_be_bound_to_its_file_from_the_start(uploads: Dav, ada: Dav) -> None:
    place = {"Destination": ada.server.origin + ada.url("/bound.root")}
    assert uploads("MKCOL", "/bound", **place).status == 201
    for number, part in enumerate(PARTS, 1):
        assert uploads.put(f"/bound/{number}", part, OC_Total_Length=str(len(DATA)), **place).status == 201
    assert uploads("GET", "/bound/1").status == 405
    assert uploads("MOVE", "/bound/.file", Destination=ada.url("/elsewhere")).status == 400
    assert uploads("MOVE", "/bound/.file", OC_Checksum=SHA1, **place).status == 201
    assert ada.get("/bound.root") == DATA


def test_a_bound_upload_is_refused_where_it_cannot_end(server: SyncServer) -> None:
    bob, uploads = Dav(server, "bob"), Dav(server, "bob", "/remote.php/dav/uploads/bob")
    bob.list("/")
    assert uploads("MKCOL", "/lost", Destination=bob.url("/no/folder")).status == 409
    set_quota(server, "bob", 1000)
    place = {"Destination": bob.url("/large")}
    assert uploads("MKCOL", "/large", OC_Total_Length="2000", **place).status == 507
    assert uploads("MKCOL", "/large", **place).status == 201
    assert uploads.put("/large/1", "x", OC_Total_Length="2000", **place).status == 507
    set_quota(server, "bob", None)
