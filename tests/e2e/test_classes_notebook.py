"""The Classes panel of JupyterLab: handed out from one notebook server, done and handed in from another."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from .test_extension import People, closed, people, picture

pytestmark = [pytest.mark.needs("fuse", "root"), pytest.mark.timeout(240)]
__all__ = ["closed", "people"]  # fixtures


def show_classes(page: Page) -> None:
    page.get_by_role("tab", name="Classes").click()
    expect(page.get_by_role("heading", name="My classes")).to_be_visible()


def test_handed_out_from_the_share_dialog_and_handed_in_from_the_panel(people: People) -> None:
    name, file = f"Class {uuid4().hex[:6]}", "pendulum.ipynb"
    people.notebook(file)
    teacher = people.page(people.teacher, "lab?reset")
    show_classes(teacher)
    teacher.get_by_label("Name of a new class").fill(name)
    teacher.get_by_role("button", name="Make a class").click()
    code = teacher.get_by_label("Code to join").input_value()

    student = people.page(people.student, "lab?reset")
    show_classes(student)
    student.get_by_label("Code of a class or group").fill(code)
    student.get_by_role("button", name="Join", exact=True).click()
    expect(student.get_by_role("heading", name=name)).to_be_visible()

    shared = people.page(people.teacher, f"lab/tree/{file}")
    shared.get_by_role("button", name="Share").click()
    part = shared.get_by_role("region", name="Hand out to a class")
    part.get_by_label("Class").select_option(name)
    part.get_by_role("button", name="Hand out").click()
    expect(part.get_by_role("status")).to_have_text(f"One student in “{name}” has a copy.")
    picture(shared, "hand-out")

    student.get_by_role("button", name="All classes").click()
    student.get_by_role("button", name=name).click()
    student.get_by_role("button", name=f"Open: {file}").click()
    cell = student.locator(".jp-CodeCell .cm-content")
    expect(cell).to_have_text("6 * 7")
    cell.click()
    student.keyboard.press("End")
    student.keyboard.type(" + 1")
    student.keyboard.press("Control+s")
    expect(student.locator(".lm-TabBar-tab.lm-mod-current.jp-mod-dirty")).to_have_count(0)
    work = people.files["student"] / "Classes" / name / "Work" / file
    assert "6 * 7 + 1" in work.read_text()
    student.get_by_role("button", name=f"Hand in: {file}").click()
    expect(student.get_by_role("group", name="Receipt")).to_contain_text(re.compile("Handed in .* checksum"))
    picture(student, "classes-panel")

    teacher.get_by_role("button", name="All classes").click()
    teacher.get_by_role("button", name=name).click()
    expect(teacher.get_by_role("article", name=file)).to_contain_text("1 of 1 collected")
    teacher.get_by_role("button", name="Open: Emmy Noether").click()
    expect(teacher.locator(".jp-CodeCell .cm-content")).to_have_text("6 * 7 + 1")
    picture(teacher, "classes-panel-teacher")
