"""Sharing in JupyterLab and in Notebook 7: two people, each with a mount, a notebook server and a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.extensions.notebook_server import NotebookServer, session
from tests.sync_server import SyncServer, sync_server

pytestmark = [
    pytest.mark.needs("fuse", "root"),
    pytest.mark.timeout(240),
]

PICTURES = Path(__file__).parents[2] / "artifacts" / "extension"
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# The mass of the Z boson"},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "source": "6 * 7",
            "outputs": [],
            "execution_count": None,
        },
    ],
    "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}


@dataclass
class People:
    """Two sessions, the service between them, and a browser for both."""

    sync: SyncServer
    browser: Browser
    teacher: NotebookServer
    student: NotebookServer
    files: dict[str, Path]

    def page(self, server: NotebookServer, address: str) -> Page:
        """Open a page in a browser context of its own."""
        page = self.browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.set_default_timeout(30_000)
        page.goto(server.page(address))
        return page

    def notebook(self, name: str) -> None:
        """Put a notebook into the teacher's files, through her mount."""
        (self.files["teacher"] / name).write_text(json.dumps(NOTEBOOK))


@pytest.fixture(scope="module")
def people(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    base = tmp_path_factory.mktemp("people")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        sync_server() as sync,
        session(sync, "teacher", base / "teacher") as teacher,
        session(sync, "student", base / "student") as student,
    ):
        files = {name: base / name / "files" for name in ("teacher", "student")}
        yield People(sync, chromium, teacher, student, files)


@pytest.fixture(autouse=True)
def closed(people: People) -> Iterator[None]:
    """Close what a test opened."""
    yield
    contexts: list[BrowserContext] = list(people.browser.contexts)
    for context in contexts:
        context.close()


def picture(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png")


def share_with(page: Page, typed: str, name: str, role: str = "Can view", message: str = "") -> None:
    """Share by the dialog that is open, with the keyboard where a person would use it."""
    field = page.get_by_role("combobox", name="Add people or groups")
    field.press_sequentially(typed)
    page.get_by_role("option", name=name).wait_for()
    field.press("Enter")
    page.get_by_role("combobox", name="What they may do").select_option(role)
    page.get_by_role("textbox", name="Message").fill(message)
    page.get_by_role("dialog").get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("combobox", name=f"What {name} may do")).to_be_visible()


def show_shares(page: Page) -> None:
    """Open the panel, in a Lab that was opened with `?reset`: another click on its tab would close it."""
    page.get_by_role("tab", name=re.compile("Shared with me")).click()


def test_a_notebook_is_shared_accepted_viewed_and_copied_in_lab(people: People) -> None:
    people.notebook("z.ipynb")
    student = people.page(people.student, "lab?reset")
    show_shares(student)
    expect(student.get_by_text("What others share with you appears here.")).to_be_visible()

    teacher = people.page(people.teacher, "lab/tree/z.ipynb")
    # Until the kernel has its name the toolbar moves, and a click can miss.
    expect(teacher.locator(".jp-Toolbar-kernelName")).to_have_text("Python 3 (ipykernel)")
    teacher.get_by_role("button", name="Share").click()
    picture(teacher, "share-dialog")
    share_with(teacher, "emm", "Emmy Noether", message="For Monday")
    expect(teacher.get_by_text("Not accepted yet")).to_be_visible()

    # The open page of the student hears of it by itself.
    expect(student.get_by_text("Grace Hopper shared “z.ipynb” with you.")).to_be_visible()
    expect(student.locator("[data-id=cygnet-shares][data-cygnet-new='1']")).to_be_visible()
    expect(student.get_by_role("list", name="New").get_by_text("For Monday")).to_be_visible()
    picture(student, "shared-with-me")
    student.get_by_role("button", name="Look: z.ipynb").click()
    look = student.get_by_role("dialog", name="z.ipynb")
    expect(look.frame_locator("iframe").get_by_text("The mass of the Z boson")).to_be_visible()
    picture(student, "look")
    student.keyboard.press("Escape")
    expect(look).to_have_count(0)
    student.get_by_role("button", name="Accept: z.ipynb").click()
    student.get_by_role("button", name="Open: z.ipynb").click()
    expect(student.get_by_text("Grace Hopper shared this with you to view.")).to_be_visible()
    expect(student.locator("[data-cygnet-new]")).to_have_count(0)
    code = student.locator(".jp-CodeCell .cm-content")
    expect(code).to_have_attribute("aria-readonly", "true")
    code.click()
    student.keyboard.type("spoil")
    expect(code).to_have_text("6 * 7")
    picture(student, "read-only")

    student.locator(".cygnet-banner").get_by_role("button", name="Copy to my files").click()
    expect(student.get_by_text("“z.ipynb” is in your files now.")).to_be_visible()
    editable = student.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .cm-content")
    expect(editable).not_to_have_attribute("aria-readonly", "true")
    assert "6 * 7" in (people.files["student"] / "z.ipynb").read_text()
    editable.click()
    student.keyboard.press("End")
    student.keyboard.type(" + 1")
    expect(editable).to_have_text("6 * 7 + 1")

    expect(teacher.get_by_text("Not accepted yet")).to_be_visible()  # until she looks again
    teacher.keyboard.press("Escape")
    expect(teacher.get_by_role("dialog")).to_have_count(0)
    teacher.get_by_role("button", name="Share").click()
    expect(teacher.get_by_role("combobox", name="What Emmy Noether may do")).to_be_visible()
    expect(teacher.get_by_text("Not accepted yet")).to_have_count(0)

    teacher.get_by_role("button", name="Remove access of Emmy Noether").click()
    teacher.get_by_role("button", name="Remove", exact=True).click()
    expect(teacher.get_by_text("Only you. Add somebody above.")).to_be_visible()
    expect(student.get_by_text("What others share with you appears here.")).to_be_visible()
    assert (people.files["student"] / "z.ipynb").exists()


def test_the_same_in_notebook_7(people: People) -> None:
    people.notebook("seven.ipynb")
    teacher = people.page(people.teacher, "notebooks/seven.ipynb")
    teacher.get_by_role("button", name="Share").click()
    share_with(teacher, "cla", "class", role="Can edit")
    picture(teacher, "share-dialog-notebook")

    student = people.page(people.student, "tree")
    student.get_by_role("tab", name="Shared").click()
    student.get_by_role("button", name="Accept: seven.ipynb").click()
    picture(student, "shared-with-me-notebook")
    with student.context.expect_page() as opened:
        student.get_by_role("button", name="Open: seven.ipynb").click()
    shared = opened.value
    expect(shared.locator(".jp-CodeCell .cm-content")).to_be_visible()
    expect(shared.locator(".jp-CodeCell .cm-content")).not_to_have_attribute("aria-readonly", "true")
    expect(shared.locator(".cygnet-banner")).to_have_count(0)  # she may edit it

    with student.context.expect_page() as opened:
        student.get_by_role("button", name="Copy to my files: seven.ipynb").click()
    expect(opened.value).to_have_url(re.compile("/notebooks/seven.ipynb"))


def test_a_folder_is_shared_from_the_file_browser_and_declined(people: People) -> None:
    (people.files["teacher"] / "data").mkdir()
    (people.files["teacher"] / "data" / "readme.txt").write_text("Seven runs.")
    teacher = people.page(people.teacher, "lab?reset")
    folder = teacher.locator(".jp-DirListing-item", has_text="data")
    folder.click(button="right")
    expect(teacher.get_by_text("Copy Shareable Link")).to_have_count(0)
    teacher.get_by_text("Share…").click()
    share_with(teacher, "noether", "Emmy Noether")
    teacher.keyboard.press("Escape")
    show_shares(teacher)
    expect(teacher.get_by_role("list", name="Shared by me")).to_contain_text("with Emmy Noether")

    student = people.page(people.student, "lab?reset")
    show_shares(student)
    student.get_by_role("button", name="Look: data").click()
    look = student.get_by_role("dialog", name="data")
    look.get_by_role("button", name="readme.txt").click()
    expect(look.get_by_text("Seven runs.")).to_be_visible()
    look.get_by_role("button", name="Decline").click()
    student.get_by_text("Declined (1)").click()
    student.get_by_role("button", name="Accept: data").click()
    student.get_by_role("button", name="Open: data").click()
    assert (people.files["student"] / "Shares" / "data").is_dir()


def test_a_link_with_a_password_is_made_copied_and_deleted(people: People) -> None:
    people.notebook("link.ipynb")
    teacher = people.page(people.teacher, "lab/tree/link.ipynb")
    teacher.context.grant_permissions(["clipboard-read", "clipboard-write"])
    teacher.get_by_role("button", name="Share").click()
    teacher.get_by_role("button", name="Create a link…").click()
    teacher.get_by_role("checkbox", name="Password").check()
    teacher.get_by_label("Password of the link").fill("open sesame")
    teacher.get_by_label("Last day of the link").fill("2099-01-31")
    teacher.get_by_role("button", name="Create link").click()
    expect(teacher.get_by_text("Anyone with the link can view · password · until 2099-01-31")).to_be_visible()
    teacher.get_by_role("button", name="Copy link").click()
    expect(teacher.get_by_role("button", name="Copied")).to_be_visible()
    assert f"{people.sync.url}/s/" in teacher.evaluate("navigator.clipboard.readText()")
    picture(teacher, "link")
    teacher.get_by_role("button", name="Delete link").click()
    expect(teacher.get_by_text("No link. People without an account can be given one.")).to_be_visible()


def test_what_the_service_refuses_is_said_in_its_words(people: People) -> None:
    people.notebook("mine.ipynb")
    teacher = people.page(people.teacher, "lab/tree/mine.ipynb")
    teacher.get_by_role("button", name="Share").click()
    field = teacher.get_by_role("combobox", name="Add people or groups")
    field.fill("nobody at all")
    expect(teacher.get_by_text("Nobody else found for “nobody at all”.")).to_be_visible()
    field.press("Escape")
    expect(teacher.get_by_role("dialog")).to_be_visible()
    teacher.get_by_role("button", name="Create a link…").click()
    teacher.get_by_role("checkbox", name="Password").check()
    teacher.get_by_label("Password of the link").fill("x" * 5000)
    teacher.get_by_role("button", name="Create link").click()
    expect(teacher.get_by_role("alert")).to_contain_text("characters at most")
    picture(teacher, "refused")
