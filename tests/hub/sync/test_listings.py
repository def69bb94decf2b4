"""A folder's listing by WebDAV is made of rows: it says of each node what asking for the node itself says."""

from __future__ import annotations

import json
import re

import pytest

from cygnet_hub.services.sync.handlers.dav.render import LIVE
from tests.hub.sync.api import Api
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer

PREFIXES = {"DAV:": "d", "http://owncloud.org/ns": "oc", "http://nextcloud.org/ns": "nc"}


def asking(*more: str) -> str:
    """A PROPFIND for everything that the service computes, and more."""
    names = "".join(f"<{PREFIXES[space]}:{name}/>" for space, name in LIVE) + "".join(more)
    return (
        f'<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns">'
        f"<d:prop>{names}</d:prop></d:propfind>"
    )


def responses(dav: Dav, path: str, body: str, depth: str) -> list[str]:
    """The `response` elements of a listing, as they were sent."""
    answer = dav("PROPFIND", path, body, Depth=depth)
    assert answer.status == 207
    return re.findall(r"<d:response>.*?</d:response>", answer.body.decode(), re.DOTALL)


@pytest.fixture(scope="module")
def folder(server: SyncServer) -> str:
    dav = Dav(server, "ada")
    assert dav("MKCOL", "/rows").status == 201
    for name in ("plain.txt", "a & b <c>.bin", "e\u0301té.ipynb", "100%.tar.gz", "empty"):
        assert dav.put(f"/rows/{name}", b"" if name == "empty" else name.encode()).status == 201
    assert dav("MKCOL", "/rows/inner").status == 201
    dav.put("/rows/inner/x", b"1234")
    return "/rows"


def compare(dav: Dav, path: str, names: list[str]) -> None:
    """What a listing says of each is what is said of each by itself."""
    listed = responses(dav, path, asking(), "1")
    own = responses(dav, path, asking(), "0")
    single = [responses(dav, f"{path.rstrip('/')}/{name}", asking(), "0")[0] for name in names]
    assert sorted(listed) == sorted(own + single)
    # A favourite is no matter of rows: the usual way says the same and more.
    assert len(responses(dav, path, asking("<oc:favorite/>"), "1")) == len(listed)


def test_a_folder_of_ones_own(server: SyncServer, folder: str) -> None:
    dav = Dav(server, "ada")
    compare(dav, folder, [path.rpartition("/")[2] for path in dav.list(folder) if path != folder])


def test_the_root_with_what_others_share_and_a_shared_folder(server: SyncServer, folder: str) -> None:
    ada, bob, dav = Api(server, "ada"), Api(server, "bob"), Dav(server, "bob")
    share = ada.share("/rows", "bob")
    bob("POST", f"shares/{share['id']}/accept")
    dav.put("/mine", b"x")
    compare(dav, "/", [path[1:] for path in dav.list("/") if path != "/"])
    compare(dav, "/Shares", ["rows"])
    compare(dav, "/Shares/rows", [path.rpartition("/")[2] for path in dav.list("/Shares/rows")][1:])


def test_a_file_and_an_empty_folder(server: SyncServer, folder: str) -> None:
    dav = Dav(server, "ada")
    dav("MKCOL", "/rows-of-none")
    assert len(responses(dav, "/rows-of-none", asking(), "1")) == 1
    assert responses(dav, "/rows/plain.txt", asking(), "1") == responses(
        dav, "/rows/plain.txt", asking(), "0"
    )


def test_more_than_a_page(server: SyncServer) -> None:
    api, dav = Api(server, "ada"), Dav(server, "ada")
    dav("MKCOL", "/pages")
    files = [{"path": f"/pages/{n:05}", "size": 0} for n in range(2000)]
    api.http.post("/api/v1/batch", content=(json.dumps({"files": files}) + "\n").encode())
    found = responses(dav, "/pages", asking(), "1")
    assert len(found) == len({*found}) == 2001
