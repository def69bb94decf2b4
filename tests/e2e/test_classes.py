"""A class in the browser: a teacher and three students, from the code to the mark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from .axe import violations
from .conftest import STUDENTS, picture
from .files_site import Open, text_file, upload

#: Four people, one after the other, on a machine that runs other tests beside this one.
pytestmark = pytest.mark.timeout(300)


def notebook(*sources: str) -> str:
    cells = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }
        for number, source in enumerate(sources)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def enter(page: Page, name: str) -> None:
    """Go to the classes, and to one of them."""
    page.get_by_role("navigation", name="Places").get_by_role("link", name="Classes").click()
    page.get_by_role("button", name=name).first.click()
    expect(page.get_by_role("heading", name=name, level=2)).to_be_visible()


def handout(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def of_student(overview: Locator, name: str) -> Locator:
    """The line of one student."""
    return overview.get_by_role("row").filter(
        has=overview.page.get_by_role("rowheader", name=name, exact=True)
    )


def made_and_joined(site: Open, name: str) -> dict[str, Page]:
    """The pages of a teacher who has made a class, and of three students who have joined it by its link."""
    pages = {"teacher": site("teacher", "classes")}
    teacher = pages["teacher"]
    teacher.get_by_label("Name of a new class").fill(name)
    teacher.get_by_role("button", name="Make a class").click()
    link = teacher.get_by_label("Link to join").input_value()
    address = link.partition("/services/sync/")[2]
    for student in STUDENTS:
        pages[student] = site(student, address)
        pages[student].get_by_role("button", name="Join", exact=True).click()
        expect(pages[student].get_by_role("heading", name=name, level=2)).to_be_visible()
    return pages


def hand_out(teacher: Page, file: str, class_name: str) -> None:
    """From the share dialog of the Files site."""
    teacher.get_by_role("row", name=file).click(button="right")
    teacher.get_by_role("menuitem", name="Share").click()
    part = teacher.get_by_role("region", name="Hand out to a class")
    part.get_by_label("Class").select_option(class_name)
    part.get_by_role("button", name="Hand out").click()
    expect(part.get_by_role("status")).to_have_text(f"3 students in “{class_name}” have a copy.")


@pytest.mark.usefixtures("everybody")
def test_a_class_from_the_code_to_the_mark(site: Open, tmp_path: Path) -> None:
    name, file = "Physics 1", "pendulum.ipynb"
    pages = made_and_joined(site, name)
    teacher, student, noor, omar = pages.values()
    teacher.get_by_role("navigation", name="Places").get_by_role("link", name="All files").click()
    expect(teacher.get_by_role("grid")).to_be_visible()
    upload(teacher, text_file(file, notebook("# What is g?", "g = ...")))
    expect(teacher.get_by_role("row", name=file)).to_be_visible()
    hand_out(teacher, file, name)
    picture(teacher, "class-hand-out")
    teacher.keyboard.press("Escape")

    for page in (student, noor):
        handout(page, file).get_by_role("button", name="Open").click()
        expect(page.frame_locator("iframe").get_by_text("What is g?")).to_be_visible()
        page.goto("services/sync/classes")
        enter(page, name)
    handout(student, file).get_by_role("button", name="Hand in").click()
    expect(handout(student, file).get_by_role("group", name="Receipt")).to_contain_text("Handed in")

    enter(teacher, name)
    overview = handout(teacher, file)
    expect(overview).to_contain_text("1 of 3 collected")
    overview.get_by_role("button", name="Collect now").click()
    expect(overview).to_contain_text("3 of 3 collected")
    row = of_student(overview, "student")
    row.get_by_role("button", name="Give back").click()
    overview.get_by_label("Mark", exact=True).fill("18/20")
    overview.get_by_label("Comment, seen by student only").fill("Well measured")
    overview.get_by_role("button", name="Give it back").click()
    expect(row).to_contain_text("18/20")
    picture(teacher, "class-overview")
    assert violations(teacher) == []
    teacher.set_viewport_size({"width": 360, "height": 740})
    picture(teacher, "phone-class-overview")
    assert teacher.evaluate("document.documentElement.scrollWidth") == 360
    teacher.set_viewport_size({"width": 1280, "height": 800})
    with teacher.expect_download() as saved:
        overview.get_by_role("button", name="Export as CSV").click()
    saved.value.save_as(tmp_path / "marks.csv")
    lines = (tmp_path / "marks.csv").read_text(encoding="utf-8-sig").splitlines()
    assert sorted(line.partition(",")[0] for line in lines) == ["account", "noor", "omar", "student"]

    of_student(overview, "noor").get_by_role("button", name="Open").click()
    expect(teacher.frame_locator("iframe").get_by_text("What is g?")).to_be_visible()
    teacher.goto("services/sync/")

    for page, expected in ((student, 1), (noor, 0), (omar, 0)):
        page.goto("services/sync/classes")
        enter(page, name)
        expect(handout(page, file).get_by_role("group", name="Receipt")).to_be_visible()
        expect(page.get_by_text("Well measured")).to_have_count(expected)
    picture(student, "class-student")
    assert violations(student) == []

    expect(teacher.get_by_role("row", name=file)).to_be_visible()
    upload(teacher, text_file(file, notebook("# What is g here?", "g = ...")))
    teacher.get_by_role("button", name="Replace").click()
    enter(teacher, name)
    overview.get_by_role("button", name="Hand out new version").click()
    expect(overview).to_contain_text("version 2")
    expect(handout(omar, file)).to_contain_text("has a new version")
