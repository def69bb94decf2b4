"""The versions of a notebook, from the notebook: compared, restored, restored as a copy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .desk import ADDRESSES, PICTURES, Desk, cell, desk_of_ada, edit, notebook, opened, until

pytestmark = [pytest.mark.needs("fuse", "root"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of_ada(tmp_path_factory.mktemp("versions"), chromium) as made:
        yield made


def show(page: Page) -> None:
    """Open the dialog by its button in the toolbar of the notebook."""
    page.locator("[data-command='cygnet:versions']").get_by_role("button").click()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_version_is_compared_and_restored(desk: Desk, address: str) -> None:
    name = f"past-{address[:3]}.ipynb"
    page = opened(desk, name, address)
    edit(page, 1, "tau = 2.197")
    show(page)  # what is not saved yet is saved first
    dialog = page.get_by_role("dialog", name=f"Versions of “{name}”")
    list_ = dialog.get_by_role("list", name="Versions, the newest first")
    expect(list_.get_by_role("button")).not_to_have_count(1)
    list_.get_by_role("button").last.click()
    expect(dialog.get_by_text("Changed since", exact=True)).to_be_visible()
    expect(dialog.get_by_text("tau = 2.197")).to_be_visible()
    page.screenshot(path=PICTURES / f"versions-{address[:3]}.png")
    dialog.get_by_role("button", name="Restore", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(cell(page, 1)).to_have_text("tau = 2.2")
    until(lambda: "2.197" not in desk.stored(name), "it was not restored")
    edit(page, 1, "tau = 2.3")  # and one works on from there
    until(lambda: "2.3" in desk.stored(name), "autosave did not go on")
    page.context.close()


def test_a_version_is_restored_as_a_copy_from_the_file_browser(desk: Desk) -> None:
    desk.laptop("old.ipynb", notebook("first"))
    desk.laptop("old.ipynb", notebook("second"))
    until((desk.files / "old.ipynb").exists, "the notebook did not reach the mount")
    page = desk.open("lab?reset")
    page.locator(".jp-DirListing-item", has_text="old.ipynb").click(button="right")
    page.get_by_role("menuitem", name="Versions…").click()
    dialog = page.get_by_role("dialog", name="Versions of “old.ipynb”")
    expect(dialog.get_by_text("Changed since", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Restore as a copy").click()
    expect(page.get_by_role("tab", name="old (version")).to_be_visible()
    expect(cell(page, 0)).to_have_text("first")
    assert "second" in desk.stored("old.ipynb")
    page.context.close()
