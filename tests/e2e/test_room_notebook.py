"""One's own quota in JupyterLab: shown, minded before a save, and room made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.hub.sync.dav import set_quota

from .desk import PICTURES, Desk, cell, desk_of_ada, edit, notebook, opened, until

pytestmark = [pytest.mark.needs("fuse", "root"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of_ada(tmp_path_factory.mktemp("room"), chromium) as made:
        yield made


def test_a_save_that_would_fail_is_not_tried_and_room_is_made(desk: Desk) -> None:
    desk.laptop("big.txt", "x" * 90_000)
    desk.laptop("small.txt", "x" * 1000)
    set_quota(desk.sync, "ada", 100_000)
    page = opened(desk, "grow.ipynb", "lab/tree/{}?reset")
    status = page.get_by_role("button", name="of 100 kB used")
    expect(status).to_be_visible()
    edit(page, 0, "# " + "y" * 20_000)
    warning = page.get_by_text("“grow.ipynb” is not saved: it needs")
    expect(warning).to_be_visible()
    assert "yyyy" not in desk.stored("grow.ipynb")
    page.screenshot(path=PICTURES / "no-room.png")

    page.get_by_role("button", name="Make room").click()
    dialog = page.get_by_role("dialog", name="Room in your files")
    rows = dialog.get_by_role("list", name="What takes the room, the largest first").get_by_role("listitem")
    expect(rows.first).to_contain_text("big.txt")
    expect(rows.first).to_contain_text("90 kB")
    page.screenshot(path=PICTURES / "room.png")
    rows.first.get_by_role("button", name="Delete big.txt…").click()
    rows.first.get_by_role("button", name="Delete “big.txt”").click()
    expect(dialog.get_by_text("big.txt")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    until(lambda: "yyyy" in desk.stored("grow.ipynb"), "it was not saved when there was room")
    expect(warning).to_have_count(0)
    page.context.close()


def test_room_is_shown_in_notebook_7_too(desk: Desk) -> None:
    set_quota(desk.sync, "ada", 100_000)
    desk.laptop("seven.ipynb", notebook("1"))
    until((desk.files / "seven.ipynb").exists, "the notebook did not reach the mount")
    page = desk.open("notebooks/seven.ipynb")
    expect(cell(page, 0)).to_have_text("1")
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name="Room in My Files…").click()
    dialog = page.get_by_role("dialog", name="Room in your files")
    expect(dialog.get_by_text("of 100 kB used")).to_be_visible()
    expect(dialog.get_by_text("seven.ipynb")).to_be_visible()
    page.screenshot(path=PICTURES / "room-notebook.png")
    page.context.close()
