"""Public links: what whoever has one gets, and what guessing gets."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest

from tests.hub.sync.api import Api, client, link_token
from tests.hub.sync.test_shares import expire
from tests.sync_server import SyncServer


@pytest.fixture
def folder(teacher: Api, request: pytest.FixtureRequest) -> str:
    path = f"/{request.node.name}"
    teacher("POST", "folders", {"path": path}, 201)
    teacher.put(f"{path}/a.txt", b"0123456789")
    teacher.put("/secret.txt", b"not for you")
    return path


def visitor(server: SyncServer, share: dict[str, object]) -> httpx.Client:
    server.forget_guesses()
    return client(base_url=f"{server.url}/api/v1/public/{link_token(share)}")


def url(guest: httpx.Client, path: str = "") -> str:
    return str(guest.base_url).rstrip("/") + path


def test_a_link_to_a_folder_shows_the_folder_and_nothing_else(
    server: SyncServer, teacher: Api, folder: str
) -> None:
    guest = visitor(server, teacher.share(folder, kind="link"))
    item = guest.get(url(guest)).json()
    assert (item["name"], item["item"], item["needs_password"]) == (folder[1:], "folder", False)
    listing = guest.get("files").json()
    assert [node["path"] for node in listing["children"]] == ["/a.txt"]
    ranged = guest.get("content?path=/a.txt", headers={"Range": "bytes=2-4"})
    assert (ranged.status_code, ranged.content) == (206, b"234")
    for path in ("/secret.txt", f"{folder}/a.txt", "/../secret.txt", "/..%2fsecret.txt"):
        assert guest.get(f"content?path={path}").status_code in (400, 404)
    archive = zipfile.ZipFile(io.BytesIO(guest.get("archive").content))
    assert archive.namelist() == ["a.txt"]


def test_a_link_to_a_file_shows_the_file(server: SyncServer, teacher: Api, folder: str) -> None:
    guest = visitor(server, teacher.share(f"{folder}/a.txt", kind="link"))
    item = guest.get(url(guest)).json()
    assert (item["name"], item["item"], item["size"]) == ("a.txt", "file", 10)
    assert guest.get("content").content == b"0123456789"
    answer = guest.get("content?path=/&download=1")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_password_hides_even_the_name(server: SyncServer, teacher: Api, folder: str) -> None:
    share = teacher.share(folder, kind="link", password="correct horse")
    assert share["has_password"] is True
    guest = visitor(server, share)
    hidden = guest.get(url(guest)).text
    assert folder[1:] not in hidden
    assert "Grace" not in hidden
    for path in ("files", "content?path=/a.txt", "archive", "preview?path=/a.txt"):
        answer = guest.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "password-required")
    assert guest.post("unlock", json={"password": "wrong"}).json()["error"]["code"] == "wrong-password"
    assert guest.get("files", headers={"X-Share-Password": "correct horse"}).status_code == 200
    assert guest.post("unlock", json={"password": "correct horse"}).status_code == 204
    assert guest.get("files").status_code == 200
    assert guest.get(url(guest)).json()["name"] == folder[1:]


def test_a_new_password_ends_the_sessions_of_the_old_one(
    server: SyncServer, teacher: Api, folder: str
) -> None:
    share = teacher.share(folder, kind="link", password="old")
    guest = visitor(server, share)
    guest.post("unlock", json={"password": "old"})
    assert guest.get("files").status_code == 200
    teacher("PATCH", f"shares/{share['id']}", {"password": "new"})
    assert guest.get("files").status_code == 401
    teacher("PATCH", f"shares/{share['id']}", {"note": "x"})
    assert guest.get("files").status_code == 401, "what is not named stays"
    teacher("PATCH", f"shares/{share['id']}", {"password": None})
    assert guest.get("files").status_code == 200


def test_the_session_of_one_link_opens_no_other(server: SyncServer, teacher: Api, folder: str) -> None:
    first, second = (teacher.share(folder, kind="link", password="same") for _ in range(2))
    guest = visitor(server, first)
    guest.post("unlock", json={"password": "same"})
    session = guest.cookies["cygnet-link"]
    other = visitor(server, second)
    assert other.get("files", headers={"Cookie": f"cygnet-link={session}"}).status_code == 401
    assert other.get("files", headers={"Cookie": "cygnet-link=9999999999.00"}).status_code == 401


def test_unknown_expired_and_revoked_links_look_the_same(
    server: SyncServer, teacher: Api, folder: str
) -> None:
    expired, revoked = teacher.share(folder, kind="link"), teacher.share(folder, kind="link")
    expire(server, expired["id"])
    teacher("DELETE", f"shares/{revoked['id']}", status=204)
    unknown = {"url": "x/" + "A" * 22}
    answers = set()
    for share in (expired, revoked, unknown):
        guest = visitor(server, share)
        for path in ("", "/files", "/content?path=/a.txt"):
            answer = guest.get(url(guest, path))
            answers.add((answer.status_code, answer.text))
    assert len(answers) == 1
    assert answers.pop()[0] == 404


def test_guessing_a_password_is_slowed_down(server: SyncServer, teacher: Api, folder: str) -> None:
    guest = visitor(server, teacher.share(folder, kind="link", password="right"))
    statuses = [guest.post("unlock", json={"password": f"wrong{n}"}).status_code for n in range(12)]
    assert statuses[:10] == [401] * 10
    assert statuses[10:] == [429] * 2
    answer = guest.post("unlock", json={"password": "right"})
    assert answer.status_code == 429, "a right guess in between must not get through either"
    assert int(answer.headers["Retry-After"]) > 0
    server.forget_guesses()
    assert guest.post("unlock", json={"password": "right"}).status_code == 204


def test_guessing_tokens_is_slowed_down(server: SyncServer, teacher: Api) -> None:
    server.forget_guesses()
    base = f"{server.url}/api/v1/public/"
    statuses = [httpx.get(base + f"{n:022d}").status_code for n in range(62)]
    assert statuses[0] == 404
    assert statuses[-1] == 429
    server.forget_guesses()


def test_the_database_holds_neither_token_nor_password(server: SyncServer, teacher: Api, folder: str) -> None:
    share = teacher.share(folder, kind="link", password="hidden-password")
    token = link_token(share)
    stored = b"".join(path.read_bytes() for path in server.data.glob("sync.db*"))
    assert token.encode() not in stored
    assert b"hidden-password" not in stored
    assert server.app_password("teacher").encode() not in stored
    again = teacher("GET", f"shares/{share['id']}")
    assert again["url"] == share["url"], "the owner can copy the link again"


def test_the_page_of_a_link_needs_no_login_and_leaks_no_address(server: SyncServer) -> None:
    answer = httpx.get(f"{server.url}/s/whatever")
    assert answer.status_code in (200, 503)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


def test_programs_find_the_file_behind_the_address_of_a_link(
    server: SyncServer, teacher: Api, folder: str
) -> None:
    path = f"{folder}/events.root"
    teacher.put(path, b"0123456789")
    page = f"{server.url}/s/{link_token(teacher.share(path, kind='link'))}"
    told = httpx.head(page, follow_redirects=True)
    assert (told.headers["Content-Length"], told.headers["Accept-Ranges"]) == ("10", "bytes")
    part = httpx.get(page, headers={"Range": "bytes=2-4"}, follow_redirects=True)
    assert (part.status_code, part.content) == (206, b"234")
    whole = httpx.get(f"{page}/download")
    assert whole.content == b"0123456789"
    assert whole.headers["Content-Disposition"].startswith("attachment")


def test_a_shared_folder_is_downloaded_in_parts_or_as_a_whole(
    server: SyncServer, teacher: Api, folder: str
) -> None:
    teacher.put(f"{folder}/events.root", b"0123456789")
    share = teacher.share(folder, kind="link", password="open sesame")
    address, right = f"{server.url}/s/{link_token(share)}/download", {"X-Share-Password": "open sesame"}
    assert httpx.get(address).status_code == 401
    assert httpx.get(f"{address}?path=/events.root", headers=right).content == b"0123456789"
    assert httpx.get(address, headers=right).content.startswith(b"PK")
    assert httpx.head(address, headers=right).status_code == 200
    assert httpx.get(f"{address}?path=/../x", headers=right).status_code in (400, 404)
