"""What links of the kind "open in Cygnet" lead to, and copies of what is behind public links."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from tests.hub.sync.api import Api, link_token
from tests.hub.sync.dav import set_quota
from tests.sync_server import SyncServer

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.fixture
def name() -> str:
    return f"{uuid4().hex}.ipynb"


def test_a_file_is_found_by_its_id_by_whoever_has_it(teacher: Api, student: Api, bob: Api, name: str) -> None:
    node = teacher.put(f"/{name}", NOTEBOOK)
    assert teacher("GET", f"open?file={node['id']}")["node"]["path"] == f"/{name}"
    teacher("POST", "files/move", {"source": f"/{name}", "destination": f"/moved {name}"})
    assert teacher("GET", f"open?file={node['id']}")["node"]["path"] == f"/moved {name}"
    share = teacher.share(f"/moved {name}", "student")
    assert student("GET", f"open?file={node['id']}") == {"node": None, "share": share["id"]}
    student("POST", f"shares/{share['id']}/accept")
    assert student("GET", f"open?file={node['id']}")["node"]["path"] == f"/Shares/moved {name}"
    assert bob.error("GET", f"open?file={node['id']}")[0] == 404
    assert teacher("GET", "open", params={"path": f"/moved {name}"})["node"]["id"] == node["id"]
    teacher("POST", "files/delete", {"paths": [f"/moved {name}"]})
    assert teacher.error("GET", f"open?file={node['id']}")[0] == 404
    assert teacher.error("GET", "open?file=/etc")[0] == 400


def test_a_file_in_a_shared_folder_leads_to_the_share(teacher: Api, student: Api) -> None:
    folder = f"/{uuid4().hex}"
    teacher("POST", "folders", {"path": folder}, 201)
    node = teacher.put(f"{folder}/a.ipynb", NOTEBOOK)
    share = teacher.share(folder, "student")
    assert student("GET", f"open?file={node['id']}") == {"node": None, "share": share["id"]}


def test_a_copy_of_what_a_link_shows_gets_a_free_name(teacher: Api, student: Api, name: str) -> None:
    teacher.put(f"/{name}", NOTEBOOK)
    token = link_token(teacher.share(f"/{name}", kind="link"))
    stem = name.removesuffix(".ipynb")
    made = [student("POST", f"public/{token}/copy", {}, 201)["path"] for _ in range(2)]
    assert made == [f"/{name}", f"/{stem} (2).ipynb"]
    student.put(f"/{name}", b"mine")
    assert teacher.http.get("/api/v1/content", params={"path": f"/{name}"}).content == NOTEBOOK
    student("POST", "folders", {"path": f"/{stem}"}, 201)
    inside = student("POST", f"public/{token}/copy", {"destination": f"/{stem}"}, 201)
    assert inside["path"] == f"/{stem}/{name}"
    assert student.error("POST", f"public/{token}/copy", {"destination": "/nowhere"})[0] == 404
    assert student.error("POST", f"public/{token}/copy", {"destination": f"/{name}"})[0] == 400
    assert student.error("POST", f"public/{token}/copy", {"destination": "/Shares"})[0] in (403, 404)


def test_a_folder_behind_a_link_is_copied_whole_or_in_part(teacher: Api, student: Api) -> None:
    folder = uuid4().hex
    teacher("POST", "folders", {"path": f"/{folder}"}, 201)
    for one in ("a.ipynb", "data.csv"):
        teacher.put(f"/{folder}/{one}", NOTEBOOK)
    token = link_token(teacher.share(f"/{folder}", kind="link"))
    assert student("POST", f"public/{token}/copy", {}, 201)["path"] == f"/{folder}"
    assert student.names(f"/{folder}") == ["a.ipynb", "data.csv"]
    part = student("POST", f"public/{token}/copy", {"path": "/data.csv"}, 201)
    assert part["path"] == "/data.csv"
    assert student.error("POST", f"public/{token}/copy", {"path": "/../x"})[0] in (400, 404)
    assert teacher.error("POST", f"public/{token}/copy", {"destination": f"/{folder}"})[0] == 409


def test_only_who_may_see_and_store_gets_a_copy(
    server: SyncServer, teacher: Api, student: Api, bob: Api, name: str
) -> None:
    teacher.put(f"/{name}", NOTEBOOK)
    share = teacher.share(f"/{name}", kind="link", password="open sesame")
    token = link_token(share)
    route = f"public/{token}/copy"
    assert Api(server, None).error("POST", route, {})[0] == 401
    assert student.error("POST", route, {})[0] == 401
    right = {"X-Share-Password": "open sesame"}
    answer = student.http.post(f"/api/v1/{route}", json={}, headers=right)
    assert answer.status_code == 201
    set_quota(server, "bob", 10)
    assert bob.http.post(f"/api/v1/{route}", json={}, headers=right).status_code == 507
    set_quota(server, "bob", None)
    teacher("DELETE", f"shares/{share['id']}", status=204)
    assert student.http.post(f"/api/v1/{route}", json={}, headers=right).status_code == 404


def test_no_page_of_another_site_makes_a_copy(server: SyncServer, teacher: Api, name: str) -> None:
    teacher.put(f"/{name}", NOTEBOOK)
    token = link_token(teacher.share(f"/{name}", kind="link"))
    cookie = server.login.cookie(server, "hub-token-of-student")
    with httpx.Client(base_url=server.url, cookies={server.login.cookie_name: cookie}) as browser:
        assert browser.get("/api/v1/me").status_code == 200
        url = f"/api/v1/public/{token}/copy"
        assert browser.post(url, json={}).status_code == 403
        assert browser.post(url, json={}, headers={"Origin": "https://evil.example"}).status_code == 403
