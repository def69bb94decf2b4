"""The Files site with the keyboard alone: everything is reached, the focus is seen, and it comes back."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

from .files_site import NASTY_NOTEBOOK, SITE, Open, new_folder, row, text_file, upload

#: Where the focus is, and whether a person sees that it is there.
FOCUS = """() => {
    const it = document.activeElement;
    if (!it || it === document.body) return {what: 'nothing', seen: false};
    const shown = it.matches('[role=grid]') ? it.querySelector('.active') ?? it : it;
    const box = shown.getBoundingClientRect();
    const ringed = one => {
        const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(one);
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || boxShadow !== 'none';
    };
    const inside = box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
    const marked = ringed(shown) || it.matches('[role=menuitem]')
        || (it.matches('[role=combobox]') && ringed(it.parentElement));
    return {what: it.outerHTML.slice(0, 160), seen: inside && box.width > 0 && marked};
}"""
MOST_TABS = 60


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(goal: Locator, key: str = "Tab") -> None:
    """Press Tab until `goal` has the focus; wherever it is on the way, it is seen."""
    page = goal.page
    expect(goal).to_be_visible()
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        found: dict[str, Any] = page.evaluate(FOCUS)
        assert found["seen"] or found["what"] == "nothing", f"cannot be seen: {found['what']}"
        if goal.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError(f"{MOST_TABS} times {key} do not lead to {goal}")


def closed_again(page: Page, opener: Locator) -> None:
    """Escape closes the dialog, and what opened it has the focus."""
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def choose(page: Page, label: str) -> None:
    """Go down the menu that is open to one entry, and take it."""
    goal = page.get_by_role("menuitem", name=label, exact=True)
    expect(page.get_by_role("menuitem").first).to_be_focused()
    for _ in range(12):
        if goal.evaluate("it => it === document.activeElement"):
            press(page, "Enter")
            return
        press(page, "ArrowDown")
    raise AssertionError(f"the menu has no {label}")


def filled(site: Open, folder: str) -> Page:
    """A folder of the teacher's with two notes, a notebook and a folder, and nothing that has the focus."""
    page = site("teacher")
    new_folder(page, folder)
    upload(
        page,
        text_file("a.txt", "one"),
        text_file("b.txt", "two"),
        text_file("c.ipynb", json.dumps(NASTY_NOTEBOOK)),
    )
    expect(row(page, "c.ipynb")).to_be_visible()
    press(page, "n")
    page.keyboard.type("Inner")
    press(page, "Enter")
    expect(row(page, "Inner")).to_be_visible()
    page.goto(f"{SITE}files/{folder}")
    expect(row(page, "c.ipynb")).to_be_visible()
    return page


def test_a_folder_is_gone_through_changed_and_left(site: Open) -> None:
    page = filled(site, "Keys")
    grid = page.get_by_role("grid")
    press(page, "Tab")
    skip = page.get_by_role("link", name="Skip to the contents")
    expect(skip).to_be_focused()
    press(page, "Enter")
    new = page.get_by_role("button", name="New", exact=True)
    tab_to(new)
    press(page, "Enter")
    choose(page, "New folder")
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    closed_again(page, new)
    press(page, "Enter", "Escape")
    expect(new).to_be_focused()

    tab_to(grid)
    press(page, "ArrowDown")
    expect(row(page, "Inner")).to_have_attribute("aria-selected", "true")
    press(page, "Enter")
    expect(page.get_by_role("heading", name="This folder is empty")).to_be_visible()
    tab_to(page.get_by_role("main").get_by_role("button", name="New folder"))
    press(page, "Enter")
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    page.keyboard.type("Deep")
    press(page, "Enter")
    expect(row(page, "Deep")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("grid", name="Inner")).to_be_focused()
    press(page, "Backspace")
    expect(page.get_by_role("grid", name="Keys")).to_be_focused()
    expect(page.locator(".row.active")).to_contain_text("Inner")

    press(page, "ArrowDown", "F2")
    expect(page.get_by_role("textbox", name="New name for a.txt")).to_be_focused()
    press(page, "Escape")
    expect(grid).to_be_focused()
    press(page, "Shift+F10")
    choose(page, "Rename")
    page.keyboard.type("z")
    press(page, "Enter")
    expect(row(page, "z.txt")).to_be_visible()
    expect(grid).to_be_focused()


def test_each_action_of_a_file_gives_the_focus_back(site: Open) -> None:
    page = filled(site, "Actions")
    grid = page.get_by_role("grid")
    tab_to(grid)
    press(page, "End")
    for action, dialog in (
        ("Share", "Share “c.ipynb”"),
        ("Versions", "Versions of “c.ipynb”"),
        ("Move", "Move to …"),
        ("Copy", "Copy to …"),
        ("Open", "Preview of c.ipynb"),
    ):
        press(page, "Shift+F10")
        choose(page, action)
        expect(page.get_by_role("dialog", name=dialog)).to_be_visible()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        tab_to(page.get_by_role("dialog").get_by_role("button", disabled=False).last)
        closed_again(page, grid)
    press(page, "Shift+?")
    closed_again(page, grid)
    press(page, "Enter")
    preview = page.get_by_role("dialog", name="Preview of c.ipynb")
    expect(preview.frame_locator("iframe").get_by_text("Harmless")).to_be_visible()
    press(page, "ArrowLeft")
    expect(page.get_by_role("dialog", name="Preview of b.txt")).to_contain_text("two")
    tab_to(page.get_by_role("dialog").get_by_role("button", name="Next file"))
    press(page, "Enter")
    closed_again(page, grid)


def test_several_are_chosen_moved_and_brought_back(site: Open) -> None:
    page = filled(site, "Several")
    grid = page.get_by_role("grid")
    tab_to(grid)
    press(page, "ArrowDown", "ArrowDown", "Shift+ArrowDown")
    expect(page.get_by_text("2 selected")).to_be_visible()
    tab_to(page.get_by_role("toolbar").get_by_role("button", name="Move"), "Shift+Tab")
    press(page, "Enter")
    chooser = page.get_by_role("dialog", name="Move to …")
    inner = chooser.get_by_role("button", name="Inner")
    expect(inner).to_be_visible()
    tab_to(inner)
    press(page, "Enter")
    expect(chooser.get_by_text("No folders in here.")).to_be_visible()
    tab_to(chooser.get_by_role("button", name="Move here"))
    press(page, "Enter")
    expect(page.get_by_text("Moved 2 items to “Inner”.")).to_be_visible()
    expect(row(page, "a.txt")).to_have_count(0)
    expect(row(page, "b.txt")).to_have_count(0)
    expect(page.get_by_role("grid", name="Several")).to_be_focused()

    press(page, "Home", "Enter")
    expect(row(page, "b.txt")).to_be_visible()
    expect(page.get_by_role("grid", name="Inner")).to_be_focused()
    press(page, "ControlOrMeta+a", "Delete")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(row(page, "a.txt")).to_have_count(0)
    press(page, "ControlOrMeta+z")
    expect(row(page, "a.txt")).to_be_visible()
    expect(row(page, "b.txt")).to_be_visible()
    press(page, "ArrowDown", "Delete")
    tab_to(page.get_by_role("button", name="Undo"))
    press(page, "Enter")
    expect(row(page, "a.txt")).to_be_visible()


def test_the_head_the_search_and_the_list_of_what_was_found(site: Open) -> None:
    page = filled(site, "Needle work")
    for name, words in (
        ("Light colours", None),
        ("Dark colours", None),
        ("Keyboard", "dialog"),
        ("teacher: notebooks, devices, log out", "menu"),
    ):
        button = page.get_by_role("banner").get_by_role("button", name=name)
        if words is None and button.count() == 0:
            continue
        page.evaluate("document.activeElement.blur()")
        tab_to(button)
        press(page, "Enter")
        if words is not None:
            expect(page.get_by_role(words)).to_be_visible()  # type: ignore[arg-type]
            press(page, "Escape")
            expect(button).to_be_focused()
    press(page, "/")
    search = page.get_by_role("searchbox", name="Search by name")
    expect(search).to_be_focused()
    page.keyboard.type("needle")
    expect(row(page, "Needle work")).to_be_visible()
    tab_to(page.get_by_role("grid", name="Results for needle"))
    press(page, "ArrowDown", "Enter")
    expect(page.get_by_role("grid", name="Needle work")).to_be_focused()
    tab_to(page.get_by_role("button", name="Show as tiles"), "Shift+Tab")
    press(page, "Enter")
    tab_to(page.get_by_role("grid", name="Needle work"))
    press(page, "ArrowDown", "ArrowRight")
    expect(page.get_by_role("gridcell", name="a.txt")).to_have_attribute("aria-selected", "true")
    tab_to(page.get_by_role("button", name="Show as a table"), "Shift+Tab")
    press(page, "Enter")
    tab_to(page.get_by_role("columnheader", name="Size").get_by_role("button"))
    press(page, "Enter")
    expect(page.get_by_role("columnheader", name="Size")).to_have_attribute("aria-sort", "descending")


def test_shares_links_deleted_files_and_devices(site: Open) -> None:
    page = filled(site, "Given")
    grid = page.get_by_role("grid")
    tab_to(grid)
    press(page, "ArrowDown", "ArrowDown", "Shift+F10")
    choose(page, "Share")
    dialog = page.get_by_role("dialog", name="Share “a.txt”")
    field = dialog.get_by_role("combobox", name="Add people or groups")
    expect(field).to_be_focused()
    page.keyboard.type("student")
    expect(dialog.get_by_role("option", name="student student")).to_be_visible()
    press(page, "Enter")
    tab_to(dialog.get_by_role("button", name="Share", exact=True))
    press(page, "Enter")
    expect(dialog.get_by_role("list", name="Who has access")).to_contain_text("student")
    tab_to(dialog.get_by_role("button", name="Remove access of student"))
    press(page, "Enter")
    expect(dialog.get_by_role("button", name="Remove", exact=True)).to_be_focused()
    tab_to(dialog.get_by_role("button", name="Keep"))
    press(page, "Enter")
    tab_to(dialog.get_by_role("button", name="Create a link…"))
    press(page, "Enter")
    tab_to(dialog.get_by_role("button", name="Create link"))
    press(page, "Enter")
    expect(dialog.get_by_role("button", name="Copy link")).to_be_visible()
    closed_again(page, grid)

    places = page.get_by_role("navigation", name="Places")
    for place, action, opens in (
        ("Shared by me", "Change", True),
        ("Links", "Change", True),
        ("Links", "Delete link", False),
        ("Shared by me", "Stop sharing", False),
    ):
        tab_to(places.get_by_role("link", name=place), "Shift+Tab")
        press(page, "Enter")
        card = page.get_by_role("listitem").filter(has_text="a.txt")
        button = card.get_by_role("button", name=action)
        tab_to(button)
        press(page, "Enter")
        if opens:
            closed_again(page, button)
        else:
            expect(card).to_have_count(0)
            expect(page.get_by_role("main")).to_be_focused()

    tab_to(places.get_by_role("link", name="Devices"), "Shift+Tab")
    press(page, "Enter")
    tab_to(page.get_by_label("Name of the device"))
    page.keyboard.type("Keyboard")
    press(page, "Enter")
    done = page.get_by_role("dialog").get_by_role("button", name="Done")
    expect(done).to_be_focused()
    press(page, "Enter")
    revoke = page.get_by_role("button", name="Revoke Keyboard")
    tab_to(revoke)
    press(page, "Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    closed_again(page, revoke)


def test_what_one_received_is_answered_and_deleted_files_come_back(site: Open) -> None:
    teacher = filled(site, "Task")
    tab_to(teacher.get_by_role("grid"))
    press(teacher, "End", "Shift+F10")
    choose(teacher, "Share")
    expect(teacher.get_by_role("combobox", name="Add people or groups")).to_be_focused()
    teacher.keyboard.type("student")
    expect(teacher.get_by_role("option", name="student student")).to_be_visible()
    press(teacher, "Enter")
    tab_to(teacher.get_by_role("dialog").get_by_role("button", name="Share", exact=True))
    press(teacher, "Enter")
    expect(teacher.get_by_role("list", name="Who has access")).to_contain_text("student")
    press(teacher, "Escape", "Delete")
    expect(teacher.get_by_role("button", name="Undo")).to_be_visible()
    expect(row(teacher, "c.ipynb")).to_have_count(0)
    press(teacher, "ControlOrMeta+z")
    expect(row(teacher, "c.ipynb")).to_be_visible()

    student = site("student", "shared-with-me")
    card = student.get_by_role("listitem").filter(has_text="c.ipynb")
    copy = card.get_by_role("button", name="Copy to my files")
    tab_to(copy)
    press(student, "Enter")
    closed_again(student, copy)
    tab_to(card.get_by_role("button", name="Look"), "Shift+Tab")
    press(student, "Enter")
    expect(student.frame_locator("iframe").get_by_text("Harmless")).to_be_visible()
    tab_to(student.get_by_role("button", name="Accept"))
    press(student, "Enter")
    expect(student.get_by_role("region", name="This share")).to_contain_text("shares this with you")

    press(teacher, "ArrowDown", "Delete")
    tab_to(
        teacher.get_by_role("navigation", name="Places").get_by_role("link", name="Deleted files"),
        "Shift+Tab",
    )
    press(teacher, "Enter")
    deleted = teacher.get_by_role("grid", name="Deleted files")
    tab_to(deleted)
    press(teacher, "ArrowDown", "Delete")
    expect(teacher.get_by_role("button", name="Cancel")).to_be_focused()
    closed_again(teacher, deleted)
    press(teacher, "Shift+F10")
    choose(teacher, "Restore")
    expect(teacher.get_by_text("Restored “")).to_be_visible()
