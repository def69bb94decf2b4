"""The inbox in the browser: a teacher and three students, on the Files site and in JupyterLab."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.extensions.notebook_server import NotebookServer, session
from tests.hub.sync.api import Api
from tests.hub.sync.conftest import close_clients as close_clients
from tests.sync_server import SyncServer, sync_server

from .axe import violations
from .conftest import picture
from .files_site import Open, text_file, upload
from .test_classes import enter, hand_out, handout, made_and_joined, notebook, of_student

pytestmark = pytest.mark.timeout(300)
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def bell(page: Page, unread: int) -> Locator:
    """The bell of the Files site with this number on it."""
    return page.get_by_role("link", name=f"Inbox: {unread} unread" if unread else "Inbox", exact=True)


def read_all(page: Page) -> None:
    """Go to the inbox and have nothing new in it."""
    page.get_by_role("link", name=re.compile(r"^Inbox")).click()
    expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
    button = page.get_by_role("button", name="Mark all as read")
    if button.is_visible() and button.is_enabled():
        button.click()
    expect(bell(page, 0)).to_be_visible()


@pytest.mark.usefixtures("everybody")
def test_students_hear_of_a_hand_out_and_one_of_a_mark(site: Open) -> None:
    name, file = "Optics", "lenses.ipynb"
    pages = made_and_joined(site, name)
    teacher, student, noor, omar = pages.values()
    for page in (student, noor, omar):
        read_all(page)
    teacher.get_by_role("navigation", name="Places").get_by_role("link", name="All files").click()
    expect(teacher.get_by_role("grid")).to_be_visible()
    upload(teacher, text_file(file, notebook("# Which lens?", "f = ...")))
    expect(teacher.get_by_role("row", name=file)).to_be_visible()
    hand_out(teacher, file, name)
    teacher.keyboard.press("Escape")

    for page in (student, noor, omar):  # nobody loads anything again
        expect(bell(page, 1)).to_be_visible()
        expect(page.get_by_role("list", name="Inbox")).to_contain_text(f"handed out “{file}” in {name}")
    picture(student, "inbox")
    assert violations(student) == []
    student.get_by_role("button", name=re.compile("^Open class: .*lenses")).click()
    expect(student.get_by_role("heading", name=name, level=2)).to_be_visible()
    expect(bell(student, 0)).to_be_visible()

    enter(teacher, name)
    handout(teacher, file).get_by_role("button", name="Collect now").click()
    of_student(handout(teacher, file), "student").get_by_role("button", name="Give back").click()
    teacher.get_by_label("Mark", exact=True).fill("17/20")
    teacher.get_by_role("button", name="Give it back").click()
    bell(student, 1).click()
    expect(student.get_by_role("list", name="Inbox")).to_contain_text("Mark: 17/20")
    expect(bell(noor, 1)).to_be_visible()  # still the hand-out

    noor.keyboard.press("Tab")
    noor.get_by_role("button", name=re.compile("^Mark as read")).first.focus()
    noor.keyboard.press("Enter")
    expect(bell(noor, 0)).to_be_visible()
    noor.get_by_role("button", name=re.compile("^Mark as unread")).first.click()
    expect(bell(noor, 1)).to_be_visible()
    noor.emulate_media(color_scheme="dark")
    assert violations(noor) == []
    noor.set_viewport_size({"width": 360, "height": 740})
    picture(noor, "phone-inbox")
    assert noor.evaluate("document.documentElement.scrollWidth") == 360


def test_a_share_leads_to_where_it_is_answered(site: Open) -> None:
    teacher, student = site("teacher"), site("student", "inbox")
    read_all(student)
    upload(teacher, text_file("told.txt", "Read me."))
    teacher.get_by_role("row", name="told.txt").click(button="right")
    teacher.get_by_role("menuitem", name="Share").click()
    field = teacher.get_by_role("combobox", name="Add people or groups")
    field.press_sequentially("student")
    teacher.get_by_role("option", name="student student").click()
    teacher.get_by_role("textbox", name="Message").fill("Before Friday")
    teacher.get_by_role("dialog").get_by_role("button", name="Share", exact=True).click()
    expect(student.get_by_text("Before Friday")).to_be_visible()
    student.get_by_role("button", name=re.compile("^Look: .*told.txt")).click()
    expect(student.get_by_role("button", name="Accept")).to_be_visible()


@pytest.fixture(scope="module")
def lab(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SyncServer, NotebookServer, Path]]:
    """A student's notebook server, its service, and the file with the state of its mount."""
    base = tmp_path_factory.mktemp("lab")
    with sync_server() as sync, session(sync, "student", base / "student") as server:
        yield sync, server, base / "student" / "mount.json"


@pytest.mark.needs("fuse", "root")
def test_the_bell_in_jupyterlab(lab: tuple[SyncServer, NotebookServer, Path], chromium: Browser) -> None:
    sync, server, _ = lab
    teacher, student = Api(sync, "teacher"), Api(sync, "student")
    made = teacher("POST", "classes", {"name": "Waves"}, 201)
    student("POST", "groups/join", {"code": made["code"]})
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(60_000)
    try:
        page.goto(server.page("lab?reset"))
        tab = page.get_by_role("tab", name=re.compile("^Inbox"))
        tab.click()
        expect(page.get_by_role("heading", name="Nothing new")).to_be_visible()
        teacher.put("/ripples.ipynb", NOTEBOOK)
        body = {"path": "/ripples.ipynb", "deadline": time.time() + 3 * 86400}
        teacher("POST", f"classes/{made['id']}/handouts", body, 201)
        expect(page.locator(".lm-TabBar-tab[data-cygnet-new='1']").first).to_be_visible()
        inbox = page.get_by_role("list", name="Inbox")
        expect(inbox).to_contain_text("Grace Hopper handed out “ripples.ipynb” in Waves.")
        expect(page.get_by_role("alert").or_(page.locator(".Toastify")).first).to_contain_text(
            "ripples.ipynb"
        )
        picture(page, "lab-inbox")
        inbox.get_by_role("button", name=re.compile("^Open class")).click()
        expect(page.get_by_role("heading", name="Waves", level=2)).to_be_visible()
        expect(page.locator(".lm-TabBar-tab[data-cygnet-new]")).to_have_count(0)
    finally:
        context.close()


@pytest.mark.needs("fuse", "root")
def test_trouble_with_the_mount_is_in_the_inbox(
    lab: tuple[SyncServer, NotebookServer, Path], chromium: Browser
) -> None:
    sync, server, _ = lab
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(60_000)
    student = Api(sync, "student")
    try:
        page.goto(server.page("lab?reset"))
        page.get_by_role("tab", name=re.compile("^Inbox")).click()
        student("POST", "notices/mount", {"message": "“a.txt” waits: your files are full."}, 204)
        expect(page.get_by_role("list", name="Inbox")).to_contain_text("“a.txt” waits: your files are full.")
    finally:
        context.close()
