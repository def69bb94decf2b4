"""The Files site in a real browser, on the whole platform."""

from __future__ import annotations

import base64
import json
import os
import re
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.platform import Platform

from .files_site import NASTY_NOTEBOOK, SITE, Open, new_folder, row, text_file, upload


def test_files_are_uploaded_renamed_moved_deleted_and_found(site: Open) -> None:
    page = site("teacher")
    new_folder(page, "Everyday")
    upload(page, text_file("a.txt", "one"), text_file("b.txt", "two"), text_file("empty.txt", ""))
    for name in ("a.txt", "b.txt", "empty.txt"):
        expect(row(page, name)).to_be_visible()

    upload(page, text_file("a.txt", "another"))
    page.get_by_role("dialog", name="This name is taken").get_by_role("button", name="Keep both").click()
    expect(row(page, "a (2).txt")).to_be_visible()

    row(page, "b.txt").click()
    page.keyboard.press("F2")
    page.keyboard.type("x/y")
    expect(page.get_by_role("alert").filter(has_text="cannot contain")).to_be_visible()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("renamed.txt")
    page.keyboard.press("Enter")
    expect(row(page, "renamed.txt")).to_be_visible()
    expect(row(page, "b.txt")).to_have_count(0)

    page.keyboard.press("n")
    page.keyboard.type("Inside")
    page.keyboard.press("Enter")
    row(page, "renamed.txt").click(button="right")
    page.get_by_role("menuitem", name="Move").click()
    chooser = page.get_by_role("dialog", name="Move to")
    chooser.get_by_role("button", name="Inside").click()
    chooser.get_by_role("button", name="Move here").click()
    expect(row(page, "renamed.txt")).to_have_count(0)

    row(page, "a (2).txt").click()
    page.keyboard.press("Delete")
    expect(row(page, "a (2).txt")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "a (2).txt")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("rename")
    expect(page.get_by_role("status").filter(has_text="1 result for")).to_be_visible()
    expect(row(page, "renamed.txt")).to_contain_text("in /Everyday/Inside")


def test_deleted_files_are_listed_restored_and_deleted_for_ever(site: Open) -> None:
    page = site("teacher")
    new_folder(page, "To clear")
    upload(page, text_file("keep.txt", "wanted"), text_file("gone.txt", "unwanted"))
    expect(row(page, "gone.txt")).to_be_visible()
    expect(row(page, "keep.txt")).to_be_visible()
    row(page, "keep.txt").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    expect(page.get_by_role("heading", name="This folder is empty")).to_be_visible()

    page.get_by_role("navigation", name="Places").get_by_role("link", name="Deleted files").click()
    keep, gone = (page.get_by_role("row").filter(has_text=name).first for name in ("keep.txt", "gone.txt"))
    expect(keep).to_contain_text("was in /To clear")
    expect(keep).to_contain_text("just now")
    gone.click(button="right")
    page.get_by_role("menuitem", name="Delete for ever").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for ever").click()
    expect(page.get_by_role("row").filter(has_text="gone.txt")).to_have_count(0)
    keep.click()
    page.get_by_role("toolbar").get_by_role("button", name="Restore").click()
    page.get_by_role("status").get_by_role("button", name="Show").click()
    expect(row(page, "keep.txt")).to_be_visible()
    expect(row(page, "gone.txt")).to_have_count(0)


def test_versions_are_looked_at_downloaded_and_restored(site: Open) -> None:
    page = site("teacher")
    new_folder(page, "Drafts")
    upload(page, text_file("plan.txt", "the first plan"))
    expect(row(page, "plan.txt")).to_be_visible()
    upload(page, text_file("plan.txt", "quite another plan"))
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    expect(row(page, "plan.txt")).to_contain_text("18 B")

    row(page, "plan.txt").click(button="right")
    page.get_by_role("menuitem", name="Versions").click()
    dialog = page.get_by_role("dialog", name="Versions of “plan.txt”")
    versions = dialog.get_by_role("list", name="Versions").get_by_role("listitem")
    expect(versions).to_have_count(2)
    expect(versions.first).to_contain_text("Now")
    old = versions.nth(1)
    expect(old).to_contain_text("14 B")
    old.get_by_role("button", name="Look").click()
    look = page.get_by_role("dialog", name="Preview of plan.txt")
    expect(look.get_by_text("the first plan")).to_be_visible()
    look.get_by_role("button", name="Close the preview").click()
    with page.expect_download() as download:
        old.get_by_role("button", name="Download").click()
    assert download.value.path().read_bytes() == b"the first plan"
    assert download.value.suggested_filename == "plan.txt"
    old.get_by_role("button", name="Restore").click()
    expect(versions).to_have_count(3)
    dialog.get_by_role("button", name="Close").click()
    expect(row(page, "plan.txt")).to_contain_text("14 B")


def test_a_large_upload_goes_on_after_a_break_and_after_a_reload(site: Open, tmp_path: Path) -> None:
    page = site("teacher")
    new_folder(page, "Large")
    large = tmp_path / "events.bin"
    large.write_bytes(os.urandom(1 << 20) * 25)
    offsets: list[int] = []
    breaks = {8 << 20}

    def part(route: Route) -> None:
        offset = int(route.request.url.rpartition("/")[2])
        offsets.append(offset)
        if offset in breaks or (16 << 20 in breaks and offset >= 16 << 20):
            breaks.discard(8 << 20)
            route.abort()
        else:
            route.continue_()

    page.route(re.compile(r"/api/v1/uploads/\w+/\d+$"), part)
    breaks.add(16 << 20)
    upload(page, large)
    panel = page.get_by_role("region", name="Uploads")
    expect(panel.get_by_text("The connection is lost at 64 %")).to_be_visible()
    assert offsets[:4] == [0, 8 << 20, 8 << 20, 16 << 20]

    page.reload()
    expect(panel.get_by_text("Interrupted at 64 %")).to_be_visible()
    breaks.clear()
    offsets.clear()
    with page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Choose events.bin again").click()
    chooser.value.set_files(large)
    expect(row(page, "events.bin")).to_be_visible()
    assert offsets == [16 << 20, 24 << 20]
    row(page, "events.bin").click()
    with page.expect_download() as download:
        page.get_by_role("toolbar").get_by_role("button", name="Download").click()
    assert download.value.path().read_bytes() == large.read_bytes()


def test_a_name_that_is_too_long_is_refused_in_words(site: Open) -> None:
    page = site("teacher")
    expect(page.get_by_role("button", name="New", exact=True)).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("ü" * 128)
    expect(page.get_by_role("alert")).to_contain_text("at most 255 bytes")
    expect(page.get_by_role("button", name="Create")).to_be_disabled()


def test_a_file_and_a_folder_are_downloaded(site: Open, tmp_path: Path) -> None:
    page = site("teacher")
    new_folder(page, "To take")
    upload(page, text_file("one ü.txt", "first"), text_file("two.txt", "second"))
    row(page, "two.txt").click(button="right")
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Download").click()
    assert download.value.suggested_filename == "two.txt"
    assert download.value.path().read_bytes() == b"second"
    row(page, "one ü.txt").click()
    page.keyboard.press("ControlOrMeta+a")
    with page.expect_download() as download:
        page.get_by_role("toolbar").get_by_role("button", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert sorted(archive.namelist()) == ["one ü.txt", "two.txt"]


def test_a_shared_notebook_is_found_looked_at_and_copied(site: Open) -> None:
    teacher, student = site("teacher"), site("student", "shared-with-me")
    new_folder(teacher, "Course")
    upload(teacher, text_file("task.ipynb", json.dumps(NASTY_NOTEBOOK)))
    row(teacher, "task.ipynb").click(button="right")
    teacher.get_by_role("menuitem", name="Share").click()
    dialog = teacher.get_by_role("dialog", name="Share “task.ipynb”")
    dialog.get_by_placeholder("Add people").fill("stud")
    dialog.get_by_role("option", name="student student").click()
    dialog.get_by_role("button", name="Share", exact=True).click()
    expect(dialog.get_by_role("list").get_by_text("student").first).to_be_visible()

    # It appears without loading the page anew.
    card = student.get_by_role("listitem").filter(has_text="task.ipynb")
    expect(card).to_contain_text("can view")
    card.get_by_role("button", name="Look").click()
    expect(student.frame_locator("iframe").get_by_text("Harmless")).to_be_visible()
    expect(student.get_by_role("region", name="This share")).to_contain_text("wants to share this with you")
    teacher.goto(SITE + "shared-by-me")
    expect(teacher.get_by_role("listitem").filter(has_text="task.ipynb")).to_contain_text("not answered yet")
    student.get_by_role("link", name="Back to Shared with me").click()
    card.get_by_role("button", name="Copy to my files").click()
    student.get_by_role("dialog").get_by_role("button", name="Copy here").click()
    student.get_by_role("button", name="Show it").click()
    expect(student.get_by_role("link", name="Open in notebook")).to_have_attribute(
        "href", "/hub/user-redirect/lab/tree/task.ipynb"
    )

    teacher.goto(SITE + "shared-by-me")
    given = teacher.get_by_role("listitem").filter(has_text="task.ipynb")
    expect(given).to_contain_text("accepted")
    given.get_by_role("button", name="Stop sharing").click()
    expect(given).to_have_count(0)


def test_a_link_with_a_password_opens_for_anybody(site: Open, new_page: Callable[[str], Page]) -> None:
    teacher = site("teacher")
    new_folder(teacher, "Open house")
    upload(teacher, text_file("welcome.md", "# Come in"))
    expect(row(teacher, "welcome.md")).to_be_visible()
    made = teacher.evaluate(
        """async password => {
            const token = decodeURIComponent(/_xsrf=([^;]*)/.exec(document.cookie)[1].replaceAll('"', ''));
            const answer = await fetch('/services/sync/api/v1/shares', {
                method: 'POST', headers: {'Content-Type': 'application/json', 'X-XSRFToken': token},
                body: JSON.stringify({path: '/Open house', kind: 'link', role: 'viewer', password}),
            });
            return await answer.json();
        }""",
        "let-me-in-7",
    )
    guest = new_page("guest")
    guest.goto(SITE + "s/" + made["url"].rstrip("/").rsplit("/", 1)[-1])
    guest.get_by_label("Password").fill("wrong")
    guest.get_by_role("button", name="Open").click()
    expect(guest.get_by_role("alert")).to_contain_text(re.compile("password", re.I))
    guest.get_by_label("Password").fill("let-me-in-7")
    guest.get_by_role("button", name="Open").click()
    row(guest, "welcome.md").get_by_role("link").click()
    expect(guest.get_by_role("heading", name="Come in")).to_be_visible()
    guest.keyboard.press("Escape")
    with guest.expect_download() as download:
        guest.get_by_role("button", name="Download all").click()
    assert zipfile.is_zipfile(download.value.path())

    teacher.goto(SITE + "links")
    link = teacher.get_by_role("listitem").filter(has_text="Open house")
    expect(link).to_contain_text("with password")
    link.get_by_role("button", name="Delete link").click()
    expect(link).to_have_count(0)
    guest.reload()
    expect(guest.get_by_role("heading", name="This link does not work any more")).to_be_visible()


def propfind(running: Platform, user: str, password: str) -> int:
    """The status that a sync client gets."""
    request = urllib.request.Request(
        f"{running.sync}remote.php/dav/files/{quote(user)}/",
        method="PROPFIND",
        headers={
            "Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode(),
            "Depth": "0",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_an_app_password_is_shown_once_works_and_is_revoked(site: Open, running: Platform) -> None:
    page = site("student", "settings/devices")
    expect(page.get_by_label("Server address")).to_have_value(re.compile(r"^http://.*/services/sync$"))
    page.get_by_label("Name of the device").fill("My laptop")
    page.get_by_role("button", name="Make a password").click()
    password = page.get_by_role("textbox", name="App password").input_value()
    assert propfind(running, "student", password) == 207
    page.get_by_role("button", name="Done").click()
    page.reload()
    expect(page.get_by_role("button", name="Revoke My laptop")).to_be_visible()
    assert password not in page.content()
    page.get_by_role("button", name="Revoke My laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("button", name="Revoke My laptop")).to_have_count(0)
    assert propfind(running, "student", password) == 401


def test_the_end_of_a_session_leads_to_the_login(site: Open) -> None:
    page = site("teacher")
    expect(page.get_by_role("button", name="New", exact=True)).to_be_visible()
    page.context.clear_cookies()
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").get_by_role("link", name="Log in again")).to_be_attached()


def test_ten_thousand_entries_are_as_quick_as_ten(site: Open) -> None:
    page = site("teacher")
    folder = {"id": "1", "name": "", "path": "/", "kind": "folder", "size": 0, "mtime": 0, "etag": "x"}
    folder |= {
        "permissions": "RGDNVCK",
        "mime": "",
        "share_types": [],
        "owner": {"id": "t", "display_name": "T"},
    }
    many = [
        folder | {"id": f"f{n}", "name": f"run {n}.root", "path": f"/run {n}.root", "kind": "file"}
        for n in range(10_000)
    ]
    body = json.dumps({"node": folder, "children": many})
    page.route("**/api/v1/files?*", lambda route: route.fulfill(body=body, content_type="application/json"))
    page.reload()
    grid = page.get_by_role("grid", name="All files")
    expect(grid).to_have_attribute("aria-rowcount", "10001")
    grid.focus()
    page.keyboard.press("End")
    expect(row(page, "run 9999.root")).to_be_visible()
    assert page.get_by_role("row").count() < 100
    page.keyboard.press("ControlOrMeta+a")
    expect(page.get_by_text("10,000 selected")).to_be_visible()


@pytest.mark.parametrize("address", ["", "shared-with-me", "links", "settings/devices", "?file=none.txt"])
def test_a_phone_needs_no_sideways_scrolling(site: Open, address: str) -> None:
    page = site("teacher", address)
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.get_by_role("navigation", name="Places")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def drop(page: Page, files: dict[str, str]) -> None:
    """Drop files on the view, as the browser tells of it when they come from the desktop."""
    page.evaluate(
        """files => {
            const data = new DataTransfer();
            for (const [name, text] of Object.entries(files)) data.items.add(new File([text], name));
            const view = document.querySelector('.view');
            for (const kind of ['dragenter', 'dragover', 'drop'])
                view.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: 1}));
        }""",
        files,
    )


def test_files_are_dropped_in_and_dragged_onto_a_folder(site: Open, tmp_path: Path) -> None:
    page = site("teacher")
    new_folder(page, "Desk")
    drop(page, {"one.txt": "1", "two.txt": "2", "three.txt": "3"})
    for name in ("one.txt", "two.txt", "three.txt"):
        expect(row(page, name)).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("Drawer")
    page.keyboard.press("Enter")
    expect(row(page, "Drawer")).to_be_visible()
    row(page, "one.txt").click()
    row(page, "two.txt").click(modifiers=["ControlOrMeta"])
    row(page, "one.txt").drag_to(row(page, "Drawer"))
    expect(row(page, "one.txt")).to_have_count(0)
    expect(row(page, "two.txt")).to_have_count(0)
    expect(row(page, "three.txt")).to_be_visible()
    row(page, "Drawer").get_by_role("link").click()
    expect(row(page, "one.txt")).to_be_visible()
    expect(row(page, "two.txt")).to_be_visible()

    whole = tmp_path / "thesis" / "chapter 1"
    whole.mkdir(parents=True)
    (whole / "intro.md").write_text("# Intro")
    page.get_by_role("button", name="New", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Upload a folder").click()
    chooser.value.set_files(tmp_path / "thesis")
    row(page, "thesis").get_by_role("link").click()
    row(page, "chapter 1").get_by_role("link").click()
    expect(row(page, "intro.md")).to_be_visible()
