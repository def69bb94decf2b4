"""Saves that say what they began from, and what is told about two changed copies."""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.extensions.notebook_server import TOKEN, NotebookServer, bare_server, call, token_file
from tests.sync_server import SyncServer, sync_server

pytestmark = pytest.mark.xdist_group("notebook")

_MANAGER = "--ServerApp.contents_manager_class=cygnet_extensions.saves.SyncedContents"


@dataclass
class Session:
    """A notebook server over a folder, which is what a mount of the service would be."""

    sync: SyncServer
    server: NotebookServer
    files: Path

    def put(self, name: str, content: str, **more: Any) -> tuple[int, Any]:
        """Save a text by the contents API."""
        model = {"type": "file", "format": "text", "content": content, **more}
        request = urllib.request.Request(
            f"{self.server.url}api/contents/{name}", json.dumps(model).encode(), method="PUT"
        )
        request.add_header("Authorization", f"token {TOKEN}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def both(self, name: str, content: str) -> None:
        """Make a version at the service, and the same file in the folder."""
        address = f"{self.sync.url}/remote.php/dav/files/ada/{name}"
        httpx.put(address, content=content, auth=("ada", self.sync.app_password("ada"))).raise_for_status()
        (self.files / name).write_text(content)


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    base = tmp_path_factory.mktemp("ada")
    (base / "files").mkdir()
    with sync_server() as sync:
        token = token_file(base / "secrets", sync, "ada")
        address = {"CYGNET_URL": sync.url, "CYGNET_TOKEN_FILE": str(token)}
        with bare_server(base / "home", base / "files", _MANAGER, **address) as server:
            yield Session(sync, server, base / "files")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_save_says_what_it_began_from(ada: Session) -> None:
    status, saved = ada.put("a.txt", "one", base_hash=None)
    assert (status, saved["hash"]) == (201, sha256("one"))
    status, saved = ada.put("a.txt", "two", base_hash=saved["hash"])
    assert (status, saved["hash"]) == (200, sha256("two"))
    status, refused = ada.put("a.txt", "three", base_hash=sha256("one"))
    assert (status, refused["reason"]) == (409, "changed-elsewhere")
    assert (ada.files / "a.txt").read_text() == "two"
    assert [path.name for path in ada.files.glob(".*a.txt")] == []


def test_what_was_deleted_elsewhere_is_written_again(ada: Session) -> None:
    ada.put("gone.txt", "one")
    (ada.files / "gone.txt").unlink()
    assert ada.put("gone.txt", "two", base_hash=sha256("one"))[0] == 201


def test_a_save_that_says_nothing_is_as_in_jupyter(ada: Session) -> None:
    ada.put("plain.txt", "one")
    assert ada.put("plain.txt", "two")[0] == 200


def test_a_base64_that_is_none_is_refused(ada: Session) -> None:
    assert ada.put("b.bin", "???a", format="base64")[0] == 400
    assert ada.put("b.bin", "AAAA", format="base64")[0] == 201
    assert (ada.files / "b.bin").read_bytes() == b"\0\0\0"


def test_two_texts_are_merged_with_the_version_that_both_began_with(ada: Session) -> None:
    ada.both("text.txt", "one\ntwo\nthree\n")
    base = sha256("one\ntwo\nthree\n")
    ada.both("text.txt", "ONE\ntwo\nthree\n")
    mine = {"path": "text.txt", "base_hash": base, "type": "file", "content": "one\ntwo\nTHREE\n"}
    status, found = call(ada.server, "POST", "compare", mine)
    assert status == 200
    assert (found["merged"], found["conflicts"]) == ("ONE\ntwo\nTHREE\n", 0)
    assert (found["author"], found["hash"]) == ("Ada Lovelace", sha256("ONE\ntwo\nthree\n"))


def test_without_that_version_there_is_no_merge(ada: Session) -> None:
    ada.both("lost.txt", "theirs\n")
    mine = {"path": "lost.txt", "base_hash": sha256("?"), "type": "file", "content": "mine\n"}
    found = call(ada.server, "POST", "compare", mine)[1]
    assert found["merged"] is None
    assert [cell["kind"] for cell in found["cells"]] == ["changed"]


def test_a_notebook_that_is_none_any_more_cannot_be_compared(ada: Session) -> None:
    ada.both("broken.ipynb", "no notebook")
    mine: dict[str, Any] = {"path": "broken.ipynb", "base_hash": "", "type": "notebook"}
    mine["content"] = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    found = call(ada.server, "POST", "compare", mine)[1]
    assert (found["same"], found["cells"], found["merged"]) == (False, None, None)


@pytest.mark.parametrize("body", [{}, [], {"path": "a", "base_hash": "", "type": "file", "content": {}}])
def test_a_question_that_does_not_fit_is_refused(ada: Session, body: object) -> None:
    assert call(ada.server, "POST", "compare", body)[0] == 400


def test_versions_are_listed_compared_restored_and_copied(ada: Session) -> None:
    ada.both("v.txt", "first\n")
    ada.both("v.txt", "second\n")
    now, before = call(ada.server, "GET", "versions?path=v.txt")[1]["versions"]
    assert (now["current"], before["current"]) == (True, False)
    found = call(ada.server, "GET", f"versions/{before['id']}/compare?path=v.txt")[1]
    assert [lines["side"] for lines in found["cells"][0]["lines"]] == ["left", "right", "same"]
    copy = {"path": "v.txt", "to": "v (old).txt"}
    assert call(ada.server, "POST", f"versions/{before['id']}/copy", copy)[0] == 200
    assert call(ada.server, "POST", f"versions/{before['id']}/copy", copy)[0] == 412
    restored = call(ada.server, "POST", f"versions/{before['id']}/restore", {"path": "v.txt"})
    assert restored == (200, {"hash": sha256("first\n")})
    assert len(call(ada.server, "GET", "versions?path=v.txt")[1]["versions"]) == 3
    assert call(ada.server, "POST", "versions/1/copy", {"path": "v.txt"})[0] == 400
