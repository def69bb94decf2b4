"""Nobody is shut out: every view in both colour schemes by axe-core, and the hub's pages on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.platform import Platform

from .axe import violations
from .conftest import picture
from .files_site import SITE, Open, row, text_file, upload

VIEWS = [
    "",
    "?file=notes.md",
    "shared-with-me",
    "shared-by-me",
    "links",
    "deleted-files",
    "settings/devices",
    "classes",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_view_shuts_anybody_out(site: Open, scheme: Any) -> None:
    page = site("teacher")
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    expect(page.get_by_role("button", name="New", exact=True)).to_be_visible()
    if row(page, "notes.md").count() == 0:
        upload(page, text_file("notes.md", "# Notes\n\nSome `code`.\n\n```py\nx = 'a'  # why\n```\n"))
    expect(row(page, "notes.md")).to_be_visible()
    found: dict[str, list[str]] = {}
    for address in VIEWS:
        page.goto(SITE + address)
        expect(page.get_by_role("heading").or_(page.get_by_role("grid")).first).to_be_visible()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        found[address] = violations(page)
        page.set_viewport_size({"width": 360, "height": 740})
        picture(page, f"phone-{scheme}-{address.replace('/', '-').strip('?') or 'files'}")
        page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(SITE)
    row(page, "notes.md").click()
    found["chosen"] = violations(page)
    page.get_by_role("button", name="Show as tiles").click()
    found["tiles"] = violations(page)
    picture(page, f"tiles-{scheme}")
    page.get_by_role("button", name="Show as a table").click()
    row(page, "notes.md").click(button="right")
    found["menu"] = violations(page)
    page.get_by_role("menuitem", name="Versions").click()
    expect(page.get_by_text("Now", exact=True)).to_be_visible()
    found["versions"] = violations(page)
    page.keyboard.press("Escape")
    row(page, "notes.md").click(button="right")
    page.get_by_role("menuitem", name="Share").click()
    expect(page.get_by_placeholder("Add people")).to_be_visible()
    found["share"] = violations(page)
    assert {view: words for view, words in found.items() if words} == {}


PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


def look_at(page: Page, name: str, scheme: str) -> list[str]:
    """What shuts somebody out on the page, at a desk and on a phone, where it must not scroll sideways."""
    found = violations(page)
    picture(page, f"hub-{name}-{scheme}")
    page.set_viewport_size(PHONE)
    found += [f"phone: {words}" for words in violations(page)]
    picture(page, f"phone-hub-{name}-{scheme}")
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(DESK)
    return found + ([f"{width} pixels wide on a phone"] if width > PHONE["width"] else [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_hub_shuts_anybody_out(
    site: Open, new_page: Callable[[str], Page], running: Platform, scheme: Any
) -> None:
    stranger = new_page("stranger")
    stranger.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    stranger.goto("hub/login")
    found = {"login": look_at(stranger, "login", scheme)}
    stranger.get_by_label("Account name").fill("teacher")
    stranger.get_by_label("Password").fill("not the password")
    stranger.get_by_role("button", name="Log in").click()
    expect(stranger.get_by_role("alert")).to_be_visible()
    found["wrong password"] = look_at(stranger, "login-wrong", scheme)

    page = site("teacher")
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for name, address, words in (
        ("home", "hub/home", "Hello, teacher"),
        ("spawn", "hub/spawn", "Start a notebook server"),
        ("password", "hub/change-password", "Change your password"),
        ("missing", "hub/no-such-page", "There is nothing here"),
        ("not-running", "user/teacher/lab", "Your notebook server is not running"),
    ):
        page.goto(address)
        expect(page.get_by_role("heading", name=words)).to_be_visible()
        found[name] = look_at(page, name, scheme)
    assert {name: words for name, words in found.items() if words} == {}
