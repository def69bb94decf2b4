"""The trash and the versions by WebDAV, in both dialects."""

from __future__ import annotations

import pytest

from cygnet_hub.services.sync.service.fsck import check
from tests.hub.sync.dav import Dav, set_quota
from tests.sync_server import SyncServer

TRASHES = ["/remote.php/dav/trash-bin/ada", "/remote.php/dav/trashbin/ada/trash"]
PROPS = (
    '<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><d:prop>'
    "<oc:trashbin-original-location/><nc:trashbin-filename/><d:getcontentlength/></d:prop></d:propfind>"
)


@pytest.fixture(params=TRASHES)
def trash(server: SyncServer, request: pytest.FixtureRequest) -> Dav:
    dav = Dav(server, "ada", request.param)
    assert dav("DELETE", "/").status == 204
    return dav


def deleted(trash: Dav) -> dict[str, str]:
    """What is in the trash: original place to the path of the item."""
    listed = trash.list("/", props=PROPS)
    return {values["trashbin-original-location"]: path for path, values in listed.items() if path != "/"}


def test_what_was_deleted_comes_back_with_its_id(ada: Dav, trash: Dav) -> None:
    ada("MKCOL", "/d")
    put = ada.put("/d/f", "x")
    ada("DELETE", "/d")
    assert "/d" not in ada.list("/")
    item = deleted(trash)["d"]
    back = trash("MOVE", item, Destination=ada.url("/again"))
    assert back.status == 201
    assert ada.get("/again/f") == b"x"
    assert ada("GET", "/again/f").etag == put.etag
    assert deleted(trash) == {}
    ada("DELETE", "/again")


def test_nextclouds_restore_puts_it_where_it_was(server: SyncServer, ada: Dav) -> None:
    trash = Dav(server, "ada", TRASHES[1])
    trash("DELETE", "/")
    ada.put("/n", "x")
    ada("DELETE", "/n")
    destination = trash.root.removesuffix("trash") + "restore/n"
    ada.put("/n", "in the way")
    assert trash("MOVE", deleted(trash)["n"], Destination=destination).status == 412
    ada("MOVE", "/n", Destination=ada.url("/other"))
    assert trash("MOVE", deleted(trash)["n"], Destination=destination).status == 201
    assert ada.get("/n") == b"x"


def test_what_is_deleted_for_good_is_gone(server: SyncServer, ada: Dav, trash: Dav) -> None:
    ada("MKCOL", "/d")
    ada("MKCOL", "/d/e")
    ada.put("/d/e/f", "x")
    ada("DELETE", "/d")
    assert trash("DELETE", deleted(trash)["d"]).status == 204
    assert deleted(trash) == {}
    assert check(server.services.database, server.services.disk.contents).clean


def test_the_trash_of_others_is_closed(server: SyncServer, trash: Dav) -> None:
    bob = Dav(server, "bob")
    for method in ("PROPFIND", "DELETE"):
        assert bob.raw(method, trash.root + "/").status == 403


def test_restoring_needs_room(server: SyncServer) -> None:
    bob, trash = Dav(server, "bob"), Dav(server, "bob", "/remote.php/dav/trash-bin/bob")
    bob.put("/f", b"x" * 100)
    bob("DELETE", "/f")
    set_quota(server, "bob", 50)
    assert trash("MOVE", deleted(trash)["f"], Destination=bob.url("/f")).status == 507
    set_quota(server, "bob", None)


@pytest.mark.parametrize("address", ["/remote.php/dav/meta/{}/v", "/remote.php/dav/versions/ada/versions/{}"])
def test_an_old_version_is_read_and_restored(server: SyncServer, ada: Dav, address: str) -> None:
    for body in ("one", "two", "three"):
        file_id = int(ada.put("/v", body).headers["OC-FileId"].split("oc")[0])
    history = Dav(server, "ada", address.format(file_id))
    old = [path for path in history.list("/") if path != "/"]
    bodies = [history.get(path) for path in old]
    assert bodies[:2] == [b"two", b"one"]
    method = "COPY" if "meta" in address else "MOVE"
    assert history(method, old[1], Destination=ada.url("/v")).status == 204
    assert ada.get("/v") == b"one"
    assert history.get(list(history.list("/"))[1]) == b"three"
    assert Dav(server, "bob").raw("PROPFIND", history.root).status in (403, 404)
