"""Links that open a notebook here: made on the Files site, followed by somebody who is not logged in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.platform import Platform

from .axe import violations
from .conftest import picture
from .files_site import NASTY_NOTEBOOK, Open, row, text_file, upload
from .people import SERVER_MS

pytestmark = pytest.mark.timeout(240)


def link_dialog(page: Page, name: str) -> Locator:
    """Upload a notebook, and open the dialog for links to it."""
    expect(page.get_by_role("grid").or_(page.get_by_role("heading", name="is empty"))).to_be_visible()
    upload(page, text_file(name, json.dumps(NASTY_NOTEBOOK)))
    row(page, name).click(button="right")
    page.get_by_role("menuitem", name="Open link and badge").click()
    return page.get_by_role("dialog")


def log_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Account name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def names(page: Page) -> list[str]:
    """What is directly in somebody's files."""
    answer = page.request.get("services/sync/api/v1/files?path=/")
    return [node["name"] for node in answer.json()["children"]]


def test_a_public_notebook_is_looked_at_then_copied_then_opened(
    site: Open, new_page: Callable[[str], Page], running: Platform
) -> None:
    teacher = site("teacher")
    dialog = link_dialog(teacher, "lens.ipynb")
    dialog.get_by_label("Everybody with an account").check()
    dialog.get_by_role("button", name="Make a public link").click()
    link = dialog.get_by_label("Link", exact=True).input_value()
    markdown = dialog.get_by_label("Badge as Markdown").input_value()
    picture(teacher, "open-link-dialog")
    assert violations(teacher) == []
    assert urlsplit(link).path == "/hub/open" and list(parse_qs(urlsplit(link).query)) == ["link"]
    image = re.fullmatch(r"\[!\[Open in Cygnet\]\((.*)\)\]\((.*)\)", markdown)
    assert image and image[2] == link
    svg = new_page("nobody").request.get(image[1])  # without a login, as on a page of others
    assert svg.headers["content-type"] == "image/svg+xml" and "Open in Cygnet" in svg.text()

    student = new_page("student")
    student.goto(link)
    log_in(student, "student", running.passwords["student"])
    frame = student.frame_locator("iframe")
    expect(frame.get_by_text("Harmless")).to_be_visible()
    assert student.evaluate("window.hacked") is None
    assert "lens.ipynb" not in names(student)
    bar = student.get_by_role("region", name="Open this")
    expect(bar).to_contain_text("A copy of your own is made: lens.ipynb in All files.")
    picture(student, "open-link")
    assert violations(student) == []
    bar.get_by_role("button", name="Copy to my files and open").click()
    student.wait_for_url("**/user/student/lab/tree/lens.ipynb", timeout=SERVER_MS)
    expect(student.get_by_role("heading", name="Harmless")).to_be_visible(timeout=SERVER_MS)
    assert "lens.ipynb" in names(student)

    student.goto(link)
    expect(bar).to_contain_text("lens (2).ipynb")
    student.emulate_media(color_scheme="dark")
    student.set_viewport_size({"width": 360, "height": 740})
    expect(frame.get_by_text("Harmless")).to_be_visible()
    picture(student, "phone-open-link")
    assert student.evaluate("document.documentElement.scrollWidth") == 360
    assert "lens (2).ipynb" not in names(student)


def test_a_link_to_a_file_is_for_those_who_have_it(site: Open) -> None:
    teacher = site("teacher")
    dialog = link_dialog(teacher, "own.ipynb")
    link = dialog.get_by_label("Link", exact=True).input_value()
    teacher.goto(f"{link}&environment=fortran")
    expect(teacher.get_by_role("note")).to_contain_text("software that is not offered here: “fortran”")
    expect(teacher.get_by_role("button", name="Open in notebook")).to_be_enabled()
    expect(teacher.frame_locator("iframe").get_by_text("Harmless")).to_be_visible()

    student = site("student")
    student.goto(link)
    expect(student.get_by_role("heading", name="leads to nothing that you can see")).to_be_visible()
    body = {"path": "/own.ipynb", "kind": "user", "grantee": "student", "role": "viewer"}
    token = next(
        one["value"] for one in teacher.context.cookies() if one["name"] == "_xsrf" and "sync" in one["path"]
    )
    made = teacher.request.post("services/sync/api/v1/shares", data=body, headers={"X-XSRFToken": token})
    assert made.status == 201
    student.reload()
    student.get_by_role("link", name="Look").click()
    student.get_by_role("button", name="Accept").click()
    student.goto(link)
    expect(student.get_by_role("button", name="Open in notebook")).to_be_enabled()


def test_an_open_link_leads_nowhere_else(site: Open, running: Platform) -> None:
    page = site("student")
    for query in ("next=https://evil.example/", "path=//evil.example", "link=../../evil", "file=1%0d%0aX: y"):
        page.goto(f"hub/open?{query}")
        assert page.url.startswith(f"{running.hub}services/sync/open?")
        expect(page.get_by_role("main")).to_be_visible()
