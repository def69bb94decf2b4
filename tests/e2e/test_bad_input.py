"""Bad input: a clear error where it happens, in the words of whoever sees it, and nothing lost."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.platform import Platform

from .people import Laptop, Person

FILES = "remote.php/dav/files/teacher"


@dataclass
class Dav:
    """A WebDAV client that sends its paths as they are."""

    address: str
    app_password: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        login = base64.b64encode(f"teacher:{self.app_password}".encode()).decode()
        self.headers = {"Authorization": f"Basic {login}"}

    def __call__(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
        """Status and text of the answer."""
        with closing(self.connect()) as connection:
            connection.request(method, self.path(path), body, self.headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.address)
        return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def path(self, path: str) -> str:
        return urlsplit(self.address).path + FILES + path


@pytest.fixture(scope="module")
def cookies() -> dict[str, list[Any]]:
    """Of the people who have logged in already."""
    return {}


@pytest.fixture
def teacher(new_page: Callable[[str], Page], running: Platform, cookies: dict[str, list[Any]]) -> Person:
    """The teacher, on the Files site."""
    person = Person(new_page("teacher"), "teacher", running.passwords["teacher"])
    if "teacher" not in cookies:
        person.log_in()
        cookies["teacher"] = person.page.context.cookies()
    person.page.context.add_cookies(cookies["teacher"])
    person.page.goto("services/sync/")
    return person


def api(person: Person, method: str, path: str, data: Any = None) -> Any:
    """Call the service as the person's browser does, and return the answer."""
    token = next(
        c["value"] for c in person.page.context.cookies() if c["name"] == "_xsrf" and "sync" in c["path"]
    )
    headers = {"X-XSRFToken": token, "Content-Type": "application/json"}
    address = f"services/sync/api/v1/{path}"
    return person.page.request.fetch(address, method=method, headers=headers, data=json.dumps(data))


def upload(page: Page, name: str, content: bytes) -> None:
    """New ▸ Upload files on the Files site."""
    page.get_by_role("button", name="New", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Upload files").click()
    chooser.value.set_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})


@pytest.fixture
def dav(teacher: Person, running: Platform) -> Iterator[Dav]:
    """A client with an app password of the teacher's."""
    made = api(teacher, "POST", "app-passwords", {"label": "bad input"}).json()
    yield Dav(running.sync, made["password"])
    api(teacher, "DELETE", f"app-passwords/{made['id']}")


@pytest.mark.parametrize(("name", "password"), [("teacher", "not the password"), ("nobody-at-all", "secret")])
def test_a_wrong_password_and_an_unknown_person_are_told_the_same(
    new_page: Callable[[str], Page], name: str, password: str
) -> None:
    page = new_page("stranger")
    person = Person(page, name, password)
    person.fill_in_login()
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("The name or the password is not right.")
    expect(page.get_by_label("Account name")).to_have_value(name)


def test_a_file_to_open_outside_of_the_files_is_refused_on_the_form(teacher: Person) -> None:
    page = teacher.page
    page.goto("hub/spawn")
    page.get_by_label("File to open").fill("../../etc/passwd")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("main").or_(page.locator("body")).first).to_contain_text(
        'File to open: must be a path inside your files, without ".." or empty parts.'
    )
    expect(page.get_by_label("Cores")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/Examples/%2e%2e/%2e%2e/student/x.txt", "is not a name that a file or folder can have"),
        ("/" + "n" * 256, "256 bytes"),
        ("/%FF%FE.txt", "not valid UTF-8"),
    ],
    ids=["dots", "256 bytes", "not UTF-8"],
)
def test_a_name_that_cannot_be_is_refused_in_words(dav: Dav, path: str, words: str) -> None:
    before = dav("PROPFIND", "/")[1].count("<d:response>")
    status, text = dav("PUT", path, b"x")
    assert (status, words in text) == (400, True), text
    assert dav("PROPFIND", "/")[1].count("<d:response>") == before


@pytest.mark.needs("nextcloudcmd")
def test_an_empty_file_is_a_file(teacher: Person, dav: Dav, running: Platform, tmp_path: Path) -> None:
    page = teacher.page
    upload(page, "nothing.ipynb", b"")
    expect(page.get_by_role("row", name="nothing.ipynb")).to_contain_text("0 B")
    page.get_by_role("link", name="nothing.ipynb").click()
    expect(page.get_by_text("This file is empty")).to_be_visible()
    laptop = Laptop(tmp_path / "laptop", f"{running.hub}services/sync/", "teacher", dav.app_password)
    laptop.sync()
    assert (laptop.folder / "nothing.ipynb").read_bytes() == b""
    assert dav("DELETE", "/nothing.ipynb")[0] == 204


def test_an_upload_cut_in_the_middle_leaves_what_was_there(dav: Dav) -> None:
    assert dav("PUT", "/kept.txt", b"as it was")[0] == 201
    with closing(dav.connect()) as connection:
        connection.putrequest("PUT", dav.path("/kept.txt"))
        for name, value in {**dav.headers, "Content-Length": "1000000"}.items():
            connection.putheader(name, value)
        connection.endheaders(b"half of " * 1000)
        connection.sock.shutdown(socket.SHUT_RDWR)
    time.sleep(0.5)  # what the service would do by mistake, it would have done
    assert dav("GET", "/kept.txt") == (200, "as it was")
    assert dav("DELETE", "/kept.txt")[0] == 204


def test_nobody_shares_with_themselves(teacher: Person) -> None:
    page = teacher.page
    page.get_by_role("row", name="Examples").get_by_role("button", name="Share Examples").click()
    dialog = page.get_by_role("dialog", name="Share")
    dialog.get_by_role("combobox", name="Add people or groups").press_sequentially("teacher")
    expect(dialog.get_by_role("status")).to_contain_text("Nobody else found for “teacher”.")
    answer = api(
        teacher,
        "POST",
        "shares",
        {"path": "/Examples", "kind": "user", "grantee": "teacher", "role": "viewer"},
    )
    assert answer.status == 400
    assert "yourself" in answer.json()["error"]["message"]


def test_an_expired_link_says_so(teacher: Person, running: Platform, new_page: Callable[[str], Page]) -> None:
    wanted = {"path": "/Examples/README.md", "kind": "link", "role": "viewer"}
    share = api(teacher, "POST", "shares", wanted).json()
    visitor = new_page("visitor")
    visitor.goto(share["url"])
    expect(visitor.get_by_text("README.md").first).to_be_visible()
    # A link ends at midnight, which no test can wait for.
    with closing(sqlite3.connect(running.data / "sync" / "sync.db", timeout=10)) as database, database:
        database.execute("UPDATE share SET expires = 1 WHERE id = ?", (int(share["id"]),))
    visitor.goto(share["url"])
    expect(visitor.get_by_text("It has expired")).to_be_visible()
    expect(visitor.get_by_text("README.md")).to_have_count(0)


def test_with_a_quota_of_zero_nothing_is_stored_and_one_is_told(
    running: Platform, new_page: Callable[[str], Page]
) -> None:
    command = [sys.executable, "-m", "cygnet_fs_bridge.cli", "user", "add", "poor", "--quota", "0"]
    command += ["--password-stdin", "--data", str(running.data)]
    subprocess.run(command, input=b"no room at all\n", check=True, timeout=60)
    page = new_page("poor")
    poor = Person(page, "poor", "no room at all")
    poor.log_in()
    upload(page, "a.txt", b"something")
    uploads = page.get_by_role("region", name="Uploads")
    expect(uploads).to_contain_text("There is not enough room")
    page.reload()
    expect(page.get_by_text("Your files live here")).to_be_visible()

    page.goto("hub/spawn")
    poor.start_server()
    page.locator(".jp-LauncherCard").filter(has_text="Text File").click()
    expect(page.get_by_role("dialog")).to_contain_text("There is no room left for this in your files")
    assert page.request.get("user/poor/api/contents/").json()["content"] == []
