"""Public links by WebDAV."""

from __future__ import annotations

import asyncio
import base64

import pytest

from cygnet_hub.services.sync.model.node import EDITOR, VIEWER, Permission
from cygnet_hub.services.sync.model.principal import Principal
from cygnet_hub.services.sync.model.sharing import ShareRequest
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer

ADA = Principal("user", "ada")


def link(server: SyncServer, path: str, permissions: Permission = VIEWER, password: str = "") -> str:
    """The token of a new link."""
    request = ShareRequest(path, "link", "", permissions, password)
    made = asyncio.run_coroutine_threadsafe(server.services.shares.create(ADA, request), server.loop).result(
        10
    )
    return made.url.rpartition("/")[2]


def holder(server: SyncServer, root: str, user: str = "", password: str = "") -> Dav:
    dav = Dav(server, "ada", root)
    dav.headers = {}
    if user:
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        dav.headers = {"Authorization": f"Basic {token}"}
    return dav


@pytest.fixture(scope="module")
def folder(ada: Dav) -> str:
    ada("MKCOL", "/public")
    ada.put("/public/f.root", bytes(range(256)))
    ada.put("/private", "secret")
    return "/public"


DOORS = ["/public.php/webdav", "/remote.php/dav/public-files/{}", "/public.php/dav/files/{}"]


@pytest.mark.parametrize("door", DOORS)
def test_the_holder_of_a_link_sees_what_is_shared_and_nothing_else(
    server: SyncServer, folder: str, door: str
) -> None:
    token = link(server, folder)
    dav = holder(server, door.format(token), token if "{}" not in door else "")
    assert set(dav.list("/")) == {"/", "/f.root"}
    assert dav("GET", "/f.root", Range="bytes=1-2").body == b"\x01\x02"
    assert dav("GET", "/private").status == 404
    assert dav.put("/f.root", "x").status == 403
    assert dav("DELETE", "/f.root").status == 403
    assert dav("MKCOL", "/d").status == 403
    assert dav.raw("GET", server.url.removeprefix(server.origin) + "/remote.php/webdav/private").status == 401


@pytest.mark.parametrize("door", DOORS)
def test_a_password_is_asked_for(server: SyncServer, folder: str, door: str) -> None:
    token = link(server, folder, password="correct horse")
    root, user = door.format(token), token if "{}" not in door else "public"
    assert holder(server, root)("PROPFIND", "/").status == 401
    assert holder(server, root, user, "wrong")("PROPFIND", "/").status == 401
    assert holder(server, root, user, "correct horse")("PROPFIND", "/").status == 207


def test_a_link_to_one_file_shows_a_folder_with_that_file(server: SyncServer, folder: str) -> None:
    token = link(server, "/public/f.root")
    dav = holder(server, f"/remote.php/dav/public-files/{token}")
    assert set(dav.list("/")) == {"/", "/f.root"}
    assert dav.get("/f.root") == bytes(range(256))
    assert dav.put("/g", "x").status == 403


def test_an_editor_by_link_may_write(server: SyncServer, folder: str) -> None:
    dav = holder(server, f"/remote.php/dav/public-files/{link(server, folder, EDITOR)}")
    assert dav.put("/upload", "x").status == 201
    assert dav("DELETE", "/upload").status == 204


def test_a_token_that_is_wrong_opens_nothing(server: SyncServer) -> None:
    assert holder(server, "/remote.php/dav/public-files/nonsense")("PROPFIND", "/").status == 404


def test_a_link_opens_no_other_door(server: SyncServer, folder: str) -> None:
    token = link(server, folder, EDITOR)
    for root in ("/remote.php/dav/files/ada", "/remote.php/webdav", "/remote.php/dav/uploads/ada"):
        assert holder(server, root, token)("PROPFIND", "/x").status == 401
