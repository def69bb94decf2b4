"""A notebook that is open in the browser and saved elsewhere: a mount, a server, a laptop by WebDAV."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .desk import ADDRESSES, CONTENT, PICTURES, Desk, cell, desk_of_ada, edit, notebook, opened, seen, until

pytestmark = [pytest.mark.needs("fuse", "root"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of_ada(tmp_path_factory.mktemp("desk"), chromium) as made:
        yield made


@pytest.fixture(autouse=True)
def closed(desk: Desk) -> Iterator[None]:
    """Close what a test opened."""
    yield
    for context in list(desk.browser.contexts):
        context.close()


def held(page: Page) -> Locator:
    """The quiet line above a document that is not saved."""
    return page.get_by_role("status").filter(has_text="saved this file elsewhere")


@pytest.mark.parametrize("address", ADDRESSES)
def test_autosave_overwrites_nobody_and_the_changes_of_both_are_merged(desk: Desk, address: str) -> None:
    name = f"merge-{address[:3]}.ipynb"
    page = opened(desk, name, address)
    desk.laptop(name, notebook("# Decay times of the muon", *CONTENT[1:]))
    seen(desk, name, "of the muon")
    edit(page, 2, "print(2 * tau)")
    expect(held(page)).to_be_visible()  # by autosave
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "2 * tau" not in desk.stored(name)
    page.screenshot(path=PICTURES / f"held-{address[:3]}.png")

    page.get_by_role("button", name="See and decide").click()
    dialog = page.get_by_role("dialog", name=f"“{name}” was changed elsewhere")
    expect(dialog.get_by_text("Ada Lovelace saved it elsewhere")).to_be_visible()
    expect(dialog.get_by_text("Changed elsewhere", exact=True)).to_be_visible()
    expect(dialog.get_by_text("Changed here", exact=True)).to_be_visible()
    page.screenshot(path=PICTURES / f"conflict-{address[:3]}.png")
    dialog.get_by_role("button", name="Merge").click()
    expect(dialog).to_have_count(0)
    expect(cell(page, 0)).to_have_text("# Decay times of the muon")
    expect(held(page)).to_have_count(0)
    until(lambda: "2 * tau" in desk.stored(name), "the merged notebook was not saved")
    assert "of the muon" in desk.stored(name)

    # It goes on as before: what is saved now began from the merged notebook.
    edit(page, 1, "tau = 2.197")
    until(lambda: "2.197" in desk.stored(name), "autosave did not go on")


def test_what_both_changed_stays_visible(desk: Desk) -> None:
    page = opened(desk, "both.ipynb", "lab/tree/{}?reset")
    desk.laptop("both.ipynb", notebook(CONTENT[0], "tau = 2.1969811", CONTENT[2]))
    seen(desk, "both.ipynb", "2.1969811")
    edit(page, 1, "tau = 2.20")
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog")  # whoever presses Save is asked at once
    expect(dialog.get_by_text("Changed here and elsewhere", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Merge").click()
    expect(cell(page, 1)).to_contain_text("<<<<<<< here")
    expect(cell(page, 1)).to_contain_text("tau = 2.1969811")
    expect(page.get_by_text("1 cell holds both texts")).to_be_visible()


def test_both_are_kept(desk: Desk) -> None:
    page = opened(desk, "keep.ipynb", "lab/tree/{}?reset")
    desk.laptop("keep.ipynb", notebook("theirs", *CONTENT[1:]))
    seen(desk, "keep.ipynb", "theirs")
    edit(page, 0, "mine")
    page.keyboard.press("Control+s")
    page.get_by_role("dialog").get_by_role("button", name="Keep both").click()
    expect(page.get_by_role("tab", name="keep (mine")).to_be_visible()
    expect(cell(page, 0)).to_have_text("mine")
    assert "theirs" in desk.stored("keep.ipynb")
    copies = [path for path in desk.files.iterdir() if path.name.startswith("keep (mine")]
    assert ["mine" in path.read_text() for path in copies] == [True]


def test_mine_and_theirs_are_taken(desk: Desk) -> None:
    page = opened(desk, "take.ipynb", "lab/tree/{}?reset")
    desk.laptop("take.ipynb", notebook("theirs", *CONTENT[1:]))
    seen(desk, "take.ipynb", "theirs")
    edit(page, 0, "mine")
    page.keyboard.press("Control+s")
    page.get_by_role("dialog").get_by_role("button", name="Take mine").click()
    until(lambda: "mine" in desk.stored("take.ipynb"), "mine was not saved")

    desk.laptop("take.ipynb", notebook("theirs again", *CONTENT[1:]))
    seen(desk, "take.ipynb", "theirs again")
    edit(page, 0, "mine again")
    page.keyboard.press("Control+s")
    page.get_by_role("dialog").get_by_role("button", name="Take theirs").click()
    expect(cell(page, 0)).to_have_text("theirs again")
    assert "theirs again" in desk.stored("take.ipynb")


@pytest.mark.parametrize("address", ADDRESSES)
def test_times_and_equal_contents_raise_no_alarm(desk: Desk, address: str) -> None:
    name = f"calm-{address[:3]}.ipynb"
    page = opened(desk, name, address)
    later = time.time() + 86_400
    os.utime(desk.files / name, (later, later))
    edit(page, 0, "# first")
    until(lambda: "# first" in desk.stored(name), "a touched file was not saved")

    # The same contents come back from a laptop, formatted in another way.
    desk.laptop(name, json.dumps(json.loads(desk.stored(name)), indent=7))
    seen(desk, name, " " * 7 + '"')
    edit(page, 0, "# second")
    until(lambda: "# second" in desk.stored(name), "equal contents were not saved")
    expect(held(page)).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_text_is_compared_by_lines(desk: Desk) -> None:
    desk.laptop("run.txt", "one\ntwo\nthree\n")
    until((desk.files / "run.txt").exists, "the text did not reach the mount")
    page = desk.open("lab/tree/run.txt?reset")
    text = page.locator(".jp-FileEditor .cm-content")
    expect(text).to_contain_text("three")
    desk.laptop("run.txt", "ONE\ntwo\nthree\n")
    seen(desk, "run.txt", "ONE")
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("four\n")
    page.keyboard.press("Control+s")
    page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    until(lambda: desk.stored("run.txt") == "ONE\ntwo\nthree\nfour\n", "the texts were not merged")
