"""The gallery in the browser: found, looked at, copied; published and taken out with the share dialog."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.extensions.notebook_server import NotebookServer, session
from tests.hub.sync.api import Api
from tests.hub.sync.conftest import close_clients as close_clients
from tests.sync_server import SyncServer, sync_server

from .axe import violations
from .conftest import picture
from .files_site import NASTY_NOTEBOOK, Open, row, text_file, upload

pytestmark = pytest.mark.timeout(240)


def cards(page: Page) -> list[str]:
    """The titles that the gallery shows."""
    return page.get_by_role("list", name="Gallery").get_by_role("heading").all_inner_texts()


def test_the_examples_are_found_and_copied(site: Open) -> None:
    page = site("student")
    page.get_by_role("navigation", name="Places").get_by_role("link", name="Gallery").click()
    expect(page.get_by_role("heading", name="The Z boson, seen in real collisions")).to_be_visible()
    assert len(cards(page)) >= 5
    picture(page, "gallery")
    assert violations(page) == []
    tags = page.get_by_role("navigation", name="Tags")
    tags.get_by_role("link", name=re.compile("^school")).click()
    expect(page.get_by_role("heading", name="The Z boson, seen in real collisions")).to_have_count(0)
    assert "How raindrops know the number π" in cards(page) and "tag=school" in page.url
    page.go_back()
    page.get_by_role("searchbox", name="Search the gallery").fill("quarter of a circle")
    expect(page.get_by_role("heading", name="The Z boson, seen in real collisions")).to_have_count(0)
    assert "How raindrops know the number π" in cards(page)

    page.get_by_role("link", name="How raindrops know the number π").click()
    expect(page.frame_locator("iframe").get_by_text("Draw a quarter of a circle")).to_be_visible()
    expect(page.get_by_role("button", name="Copy to my files and open")).to_be_enabled()
    page.go_back()
    page.get_by_role("button", name="Copy to my files: How raindrops").click()
    expect(page.get_by_text("“2-pi-from-raindrops.ipynb” is now among your files.")).to_be_visible()
    page.get_by_role("searchbox", name="Search the gallery").fill("nothing like this")
    expect(page.get_by_role("heading", name="Nothing in the gallery fits")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    page.get_by_role("link", name="Show everything").click()
    expect(page.get_by_role("heading", name="The Z boson, seen in real collisions")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    picture(page, "phone-gallery")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_notebook_is_published_and_taken_out(site: Open) -> None:
    teacher, student = site("teacher"), site("student", "gallery")
    upload(teacher, text_file("nasty.ipynb", json.dumps(NASTY_NOTEBOOK)))
    row(teacher, "nasty.ipynb").click(button="right")
    teacher.get_by_role("menuitem", name="Share").click()
    part = teacher.get_by_role("region", name="Publish in the gallery")
    part.get_by_label("What it is about").fill("<b>Not</b> harmful")
    part.get_by_label("Tags, with commas between").fill("Security, example")
    part.get_by_role("button", name="Publish", exact=True).click()
    expect(part.get_by_text("This notebook is in the gallery, as it was on")).to_be_visible()
    picture(teacher, "gallery-publish")
    assert violations(teacher) == []

    student.goto("services/sync/gallery?tag=security")
    expect(student.get_by_text("<b>Not</b> harmful")).to_be_visible()
    student.get_by_role("list", name="Gallery").get_by_role("heading").get_by_role("link").click()
    expect(student.frame_locator("iframe").get_by_text("Harmless")).to_be_visible()
    assert student.evaluate("window.hacked") is None
    part.get_by_role("button", name="Take out").click()
    expect(part.get_by_role("button", name="Publish", exact=True)).to_be_visible()
    student.reload()
    expect(student.get_by_role("heading", name="leads to nothing that you can see")).to_be_visible()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SyncServer, NotebookServer]]:
    """A teacher's notebook server and its service."""
    with (
        sync_server() as sync,
        session(sync, "teacher", tmp_path_factory.mktemp("lab") / "teacher") as server,
    ):
        yield sync, server


@pytest.mark.needs("fuse", "root")
def test_a_notebook_is_published_from_itself(
    lab: tuple[SyncServer, NotebookServer], chromium: Browser
) -> None:
    sync, server = lab
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    Api(sync, "teacher").put("/z.ipynb", json.dumps({**NASTY_NOTEBOOK, "metadata": kernel}).encode())
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    try:
        page.goto(server.page("lab/tree/z.ipynb"))
        page.get_by_role("button", name="Share").click()
        part = page.get_by_role("region", name="Publish in the gallery")
        part.get_by_label("Tags, with commas between").fill("lab")
        part.get_by_role("button", name="Publish", exact=True).click()
        expect(part.get_by_text("This notebook is in the gallery, as it was on")).to_be_visible()
        picture(page, "lab-publish")
        found = Api(sync, "student")("GET", "gallery?tag=lab")["entries"]
        assert [one["name"] for one in found] == ["z.ipynb"]
        page.keyboard.press("Escape")
        page.get_by_role("menuitem", name="File", exact=True).click()
        with context.expect_page() as opened:
            page.get_by_role("menuitem", name="Show the Gallery").click()
        assert opened.value.url.endswith("/services/sync/gallery")
        page.goto(server.page("lab?reset"))
        with context.expect_page() as opened:
            page.locator(".jp-LauncherCard", has_text="Gallery").click()
        assert opened.value.url.endswith("/services/sync/gallery")
    finally:
        context.close()
