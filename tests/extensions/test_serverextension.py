"""The server extension in a real notebook server, against a real sync service."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.web import RequestHandler

from cygnet_extensions.serverextension.extension import ROUTES
from cygnet_extensions.serverextension.mount import MountState, read_state
from tests.extensions.notebook_server import TOKEN, NotebookServer, bare_server, call, token_file
from tests.sync_server import SyncServer, sync_server

pytestmark = pytest.mark.xdist_group("notebook")

EXAMPLES = {
    r"/cygnet/api/shares": "shares",
    r"/cygnet/api/shares/version": "shares/version",
    r"/cygnet/api/shares/([A-Za-z0-9_-]+)": "shares/1",
    r"/cygnet/api/shares/([A-Za-z0-9_-]+)/(accept|decline)": "shares/1/accept",
    r"/cygnet/api/shares/([A-Za-z0-9_-]+)/copy": "shares/1/copy",
    r"/cygnet/api/shares/([A-Za-z0-9_-]+)/(files|content|preview)": "shares/1/files",
    r"/cygnet/api/people": "people",
    r"/cygnet/api/mount": "mount",
    r"/cygnet/api/bytes": "bytes?path=x",
    r"/cygnet/api/root-viewer": "root-viewer",
    r"/cygnet/api/activity": "activity",
    r"/cygnet/api/quota": "quota",
    r"/cygnet/api/room": "room",
    r"/cygnet/api/compare": "compare",
    r"/cygnet/api/versions": "versions?path=/a",
    r"/cygnet/api/versions/([A-Za-z0-9_-]+)/compare": "versions/1/compare?path=/a",
    r"/cygnet/api/versions/([A-Za-z0-9_-]+)/(restore|copy)": "versions/1/copy",
    r"/cygnet/api/notices/events": "notices/events",
    r"/cygnet/api/((?:classes|groups|notices|gallery)(?:/[A-Za-z0-9_@-][A-Za-z0-9_@.-]*)*)": "classes",
}


def verbs() -> list[tuple[str, str]]:
    """Every route of the extension with every verb that it has."""
    return [
        (method, EXAMPLES[pattern])
        for pattern, handler in ROUTES
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if getattr(handler, method.lower()) is not RequestHandler._unimplemented_method
    ]


@pytest.fixture(scope="module")
def sync() -> Iterator[SyncServer]:
    with sync_server() as server:
        yield server


@pytest.fixture(scope="module")
def teacher(sync: SyncServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookServer]:
    base = tmp_path_factory.mktemp("teacher")
    token = token_file(base / "secrets", sync, "teacher")
    with bare_server(base / "home", base, CYGNET_URL=sync.url, CYGNET_TOKEN_FILE=str(token)) as server:
        yield server


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookServer]:
    base = tmp_path_factory.mktemp("refusing")
    repository = str(Path(__file__).parents[2])
    authorizer = "--ServerApp.authorizer_class=tests.extensions.refusing.Refusing"
    with bare_server(base / "home", base, authorizer, PYTHONPATH=repository) as server:
        yield server


@pytest.mark.parametrize(("method", "route"), verbs())
def test_a_stranger_is_refused(teacher, method, route):
    status, answer = call(teacher, method, route, {} if method != "GET" else None, token="")
    assert status == 403
    assert answer["error"]["message"]


@pytest.mark.parametrize(("method", "route"), verbs())
def test_who_is_not_authorized_is_refused(refusing, method, route):
    status, answer = call(refusing, method, route, {} if method != "GET" else None)
    assert status == 403
    assert "not authorized" in answer["error"]["message"]


def test_people_are_found(teacher):
    status, answer = call(teacher, "GET", "people?q=emmy")
    assert status == 200
    assert answer == {"people": [{"id": "student", "display_name": "Emmy Noether", "kind": "user"}]}


def upload(sync: SyncServer, user: str, path: str, content: bytes = b"{}") -> None:
    request = urllib.request.Request(f"{sync.url}/remote.php/webdav{path}", content, method="PUT")
    request.add_header("Authorization", f"Bearer {sync.app_password(user)}")
    urllib.request.urlopen(request, timeout=10).close()


def give_to_teacher(sync: SyncServer, path: str) -> str:
    """Share something of Ada's; return the id of the share."""
    request = urllib.request.Request(f"{sync.url}/api/v1/shares", method="POST")
    wanted = {"path": path, "kind": "user", "grantee": "teacher", "role": "viewer"}
    request.data = json.dumps(wanted).encode()
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", f"Bearer {sync.app_password('ada')}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.loads(answer.read())["id"])


def test_a_share_is_made_changed_listed_and_ended(teacher, sync):
    upload(sync, "teacher", "/a.ipynb")
    request = {"path": "/a.ipynb", "kind": "user", "grantee": "student", "role": "viewer", "note": "Look"}
    status, share = call(teacher, "POST", "shares", request)
    assert (status, share["name"], share["state"], share["note"]) == (201, "a.ipynb", "pending", "Look")
    status, changed = call(teacher, "PATCH", f"shares/{share['id']}", {"role": "editor"})
    assert (status, changed["role"]) == (200, "editor")
    for query in ("view=item&path=/a.ipynb", "view=by-me"):
        _, answer = call(teacher, "GET", f"shares?{query}")
        assert [(s["id"], s["grantee"]["id"]) for s in answer["shares"]] == [(share["id"], "student")]
    assert call(teacher, "DELETE", f"shares/{share['id']}")[0] == 204
    assert call(teacher, "GET", "shares?view=by-me")[1] == {"shares": []}


def test_the_version_follows_what_others_share(teacher, sync):
    before = call(teacher, "GET", "shares/version")[1]["version"]
    upload(sync, "ada", "/ada.ipynb")
    give_to_teacher(sync, "/ada.ipynb")
    deadline = time.monotonic() + 10
    while call(teacher, "GET", "shares/version")[1]["version"] == before:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    received = call(teacher, "GET", "shares?view=with-me")[1]["shares"]
    share = next(one for one in received if one["name"] == "ada.ipynb")
    assert share["owner"] == {"id": "ada", "display_name": "Ada Lovelace"}
    assert call(teacher, "POST", f"shares/{share['id']}/decline", {})[0] == 204


def test_the_services_words_come_through(teacher):
    request = {"path": "/none.ipynb", "kind": "user", "grantee": "student", "role": "viewer"}
    status, answer = call(teacher, "POST", "shares", request)
    assert (status, answer["error"]["code"]) == (404, "not-found")
    assert answer["error"]["message"]


@pytest.mark.parametrize("provider", ["nextcloud", "owncloud"])
def test_the_same_works_by_the_dialect_of_another_service(provider, sync, tmp_path):
    token = token_file(tmp_path / "secrets", sync, "teacher")
    environment = {"CYGNET_URL": sync.url, "CYGNET_TOKEN_FILE": str(token), "CYGNET_SHARE_PROVIDER": provider}
    name = f"/{provider}.ipynb"
    upload(sync, "teacher", name)
    upload(sync, "ada", name)
    received = give_to_teacher(sync, name)
    with bare_server(tmp_path / "home", tmp_path, **environment) as server:
        assert call(server, "GET", "people?q=emmy")[1]["people"][0]["id"] == "student"
        request = {"path": name, "kind": "user", "grantee": "student", "role": "editor"}
        status, share = call(server, "POST", "shares", request)
        assert (status, share["role"], share["path"]) == (201, "editor", name)
        assert call(server, "PATCH", f"shares/{share['id']}", {"role": "viewer"})[1]["role"] == "viewer"
        assert call(server, "DELETE", f"shares/{share['id']}")[0] == 204
        assert call(server, "GET", f"shares?view=item&path={name}")[1] == {"shares": []}
        assert isinstance(call(server, "GET", "shares/version")[1]["version"], int)
        status, answer = call(server, "GET", f"shares/{received}/files?path=/")
        assert (status, "once you accept it" in answer["error"]["message"]) == (501, True)
        assert call(server, "POST", f"shares/{received}/accept", {})[0] == 204
        waiting = call(server, "GET", "shares?view=with-me")[1]["shares"]
        assert {one["id"]: one["state"] for one in waiting}[received] == "accepted"
        assert call(server, "POST", f"shares/{received}/decline", {})[0] == 204


def raw(server: NotebookServer, route: str) -> tuple[Any, bytes]:
    """Headers and bytes of an answer of the extension."""
    request = urllib.request.Request(f"{server.url}cygnet/api/{route}")
    request.add_header("Authorization", f"token {TOKEN}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers, answer.read()


def test_what_is_shared_is_looked_at_before_it_is_accepted(teacher, sync):
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
        {"id": "a", "cell_type": "markdown", "metadata": {}, "source": "# Look at me <script>1</script>"}
    ]}  # fmt: skip
    upload(sync, "ada", "/look.ipynb", json.dumps(notebook).encode())
    upload(sync, "ada", "/empty.html", b"")
    share, empty = give_to_teacher(sync, "/look.ipynb"), give_to_teacher(sync, "/empty.html")
    status, seen = call(teacher, "GET", f"shares/{share}/files?path=/")
    assert (status, seen["node"]["name"], seen["children"]) == (200, "look.ipynb", None)
    headers, body = raw(teacher, f"shares/{share}/content")
    assert json.loads(body) == notebook
    headers, body = raw(teacher, f"shares/{share}/preview")
    assert b"Look at me" in body
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    for answered in (headers, raw(teacher, f"shares/{empty}/content")[0]):
        assert answered["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answered["X-Content-Type-Options"] == "nosniff"
    assert call(teacher, "GET", f"shares/{share}/content?path=/no")[0] == 404
    waiting = {one["id"]: one["state"] for one in call(teacher, "GET", "shares?view=with-me")[1]["shares"]}
    assert waiting[share] == "pending"
    for one in (share, empty):
        assert call(teacher, "POST", f"shares/{one}/decline", {})[0] == 204


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"kind": "user", "grantee": "student"}, "path is missing"),
        ({"path": "/a", "kind": "dog"}, "kind has to be one of user, group, link"),
        ({"path": "/a", "kind": "link", "role": 7}, "role has to be a text"),
        ({"path": "/a", "kind": "link", "role": "owner"}, "role has to be one of viewer, editor"),
    ],
)
def test_what_makes_no_share_is_refused_in_words(teacher, body, words):
    assert call(teacher, "POST", "shares", body) == (400, {"error": {"code": "http-400", "message": words}})


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(teacher, body):
    status, answer = call(teacher, "POST", "shares", body)
    assert (status, answer["error"]["message"]) == (400, "The request is not a JSON object")


def test_an_id_cannot_reach_another_route(teacher):
    assert call(teacher, "DELETE", "shares/..%2Fapp-passwords%2F1")[0] == 404


def test_the_credential_is_in_no_answer_and_no_log(teacher, sync):
    for route in ("people?q=e", "mount", "shares?view=by-me"):
        assert sync.app_password("teacher") not in json.dumps(call(teacher, "GET", route))
    assert sync.app_password("teacher") not in teacher.log.read_text()


def test_a_new_token_is_used_at_once(sync, tmp_path):
    token = token_file(tmp_path / "secrets", sync, "ada")
    token.write_text("wrong")
    with bare_server(
        tmp_path / "home", tmp_path, CYGNET_URL=sync.url, CYGNET_TOKEN_FILE=str(token)
    ) as server:
        status, answer = call(server, "GET", "people?q=emmy")
        assert (status, bool(answer["error"]["message"])) == (502, True)
        fresh = token.with_suffix(".new")
        fresh.write_text(sync.app_password("ada"))
        os.replace(fresh, token)
        assert call(server, "GET", "people?q=emmy")[0] == 200


def test_without_a_service_the_error_says_what_to_do(tmp_path):
    with bare_server(tmp_path / "home", tmp_path) as server:
        status, answer = call(server, "GET", "people?q=emmy")
        assert (status, answer["error"]["code"]) == (503, "not-configured")
        assert "cygnet login" in answer["error"]["message"]
        assert call(server, "GET", "mount")[1] == {
            "kind": "unknown",
            "state": "unknown",
            "pending": 0,
            "message": "",
        }


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (
            '{"state": "offline", "pending": 2, "message": "away"}',
            MountState("fuse", "offline", 2, "away"),
        ),
        ('{"state": "ready"}', MountState("fuse", "ready")),
        ("{", MountState("fuse")),
        ("[]", MountState("fuse")),
        ('{"state": "ready", "pending": "many"}', MountState("fuse")),
        (None, MountState("fuse")),
    ],
)
def test_the_state_file_is_read_whatever_is_in_it(tmp_path, text, state):
    file = tmp_path / "state.json"
    if text is not None:
        file.write_text(text)
    assert read_state("fuse", str(file)) == state
