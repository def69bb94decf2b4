"""Public links by WebDAV: three addresses, one tree, ranged reads for programs."""

from __future__ import annotations

import httpx
import pytest

from tests.hub.sync.api import Api, client, link_token
from tests.sync_server import SyncServer


@pytest.fixture(scope="module")
def teacher(server: SyncServer) -> Api:
    made = Api(server, "teacher")
    made("POST", "folders", {"path": "/public"}, 201)
    made.put("/public/a.txt", b"0123456789")
    made.put("/secret.txt", b"not for you")
    return made


def addresses(server: SyncServer, token: str, password: str = "") -> list[httpx.Client]:
    base = server.url
    return [
        client(base_url=f"{base}/public.php/webdav", auth=(token, password)),
        client(base_url=f"{base}/remote.php/dav/public-files/{token}", auth=("public", password)),
        client(base_url=f"{base}/public.php/dav/files/{token}", auth=("anonymous", password)),
    ]


def test_every_address_reads_ranges_and_writes_nothing(server: SyncServer, teacher: Api) -> None:
    token = link_token(teacher.share("/public", kind="link", password="geheim"))
    for dav in addresses(server, token, "geheim"):
        assert dav.get("/a.txt", headers={"Range": "bytes=2-4"}).content == b"234"
        assert dav.request("PROPFIND", "/", headers={"Depth": "1"}).status_code == 207
        assert dav.put("/a.txt", content=b"x").status_code == 403
        assert dav.delete("/a.txt").status_code == 403
        assert dav.get("/secret.txt").status_code == 404
        assert dav.get("/../secret.txt").status_code in (400, 401, 404)
    for dav in addresses(server, token, "wrong"):
        assert dav.get("/a.txt").status_code == 401
    server.forget_guesses()


def test_a_persons_own_password_is_no_key_to_a_link(server: SyncServer, teacher: Api) -> None:
    token = link_token(teacher.share("/public", kind="link", password="geheim"))
    auth = ("teacher", server.app_password("teacher"))
    url = f"{server.url}/remote.php/dav/public-files/{token}/a.txt"
    assert httpx.get(url, auth=auth).status_code == 401
    assert httpx.get(f"{server.url}/public.php/webdav/a.txt", auth=auth).status_code == 404
    server.forget_guesses()


def test_an_editors_link_writes_until_it_is_revoked(server: SyncServer, teacher: Api) -> None:
    share = teacher.share("/public", kind="link", role="editor")
    for number, dav in enumerate(addresses(server, link_token(share))):
        assert dav.put(f"/by-link-{number}.txt", content=b"x").status_code == 201
    teacher("DELETE", f"shares/{share['id']}", status=204)
    for dav in addresses(server, link_token(share)):
        assert dav.get("/a.txt").status_code == 404


def test_a_link_is_read_in_ranges_where_no_client_expects_otherwise(server: SyncServer) -> None:
    """uproot fetches all of what lies below `remote.php/dav/public-files/`: other servers ignore ranges."""
    api = Api(server, "ada")
    api.put("/ranged.root", bytes(range(256)) * 100)
    token = link_token(api.share("/ranged.root", kind="link"))
    url = f"{server.url}/public.php/dav/files/{token}/ranged.root"
    one = httpx.get(url, headers={"Range": "bytes=256-259"})
    assert (one.status_code, one.content) == (206, b"\x00\x01\x02\x03")
    many = httpx.get(url, headers={"Range": "bytes=0-1,1000-1001"})
    assert many.status_code == 206
    assert many.headers["Content-Type"].startswith("multipart/byteranges")
