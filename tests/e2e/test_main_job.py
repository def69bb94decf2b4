"""The main job end to end: two people at two browsers, and a laptop. Makes the pictures of the tutorial."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cygnet_extensions.examples import files as example_files
from tests.platform import Platform, platform

from .conftest import picture
from .people import Laptop, Notebook, Person, files_of_server

NAME = "1-dimuon-mass.ipynb"
RESULT = "90.72 ± 0.14 GeV"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform of its own: the laptop must get the examples and nothing that other tests left."""
    with platform(tmp_path_factory.mktemp("platform")) as started:
        yield started


@pytest.mark.needs("nextcloudcmd")
@pytest.mark.timeout(360)
def test_main_job(running: Platform, new_page: Callable[[str], Page], tmp_path: Path) -> None:
    teacher = Person(new_page("teacher"), "teacher", running.passwords["teacher"])
    student = Person(new_page("student"), "student", running.passwords["student"])

    start_and_open(teacher)
    notebook = Notebook(teacher.page)
    notebook.run_all()
    expect(notebook.output(RESULT).first).to_be_visible()
    expect(notebook.output("lies beside this notebook")).to_have_count(1)
    show_peak(teacher.page)
    picture(teacher.page, "run")
    share_with_student(teacher.page)

    student.log_in()
    look_and_copy(student)
    run_and_change(student)

    laptop = connect_laptop(teacher, running, tmp_path)
    laptop_and_server(teacher, laptop)


def start_and_open(teacher: Person) -> None:
    """The teacher logs in, starts a server through the form, and has the notebook of her space open."""
    page = teacher.page
    teacher.fill_in_login()
    picture(page, "login")
    teacher.log_in()
    page.get_by_role("link", name="Examples").click()
    expect(page.get_by_text(NAME)).to_be_visible()
    picture(page, "files")
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("link", name="Open in notebook").click()
    expect(page.get_by_label("Cores")).to_be_visible()
    picture(page, "start")
    teacher.start_server()
    expect(page.get_by_role("heading", name="The Z boson, seen in real collisions")).to_be_visible()


def show_peak(page: Page) -> None:
    """Bring the fitted spectrum into view."""
    page.locator(".jp-OutputArea-output img").nth(1).scroll_into_view_if_needed()


def share_with_student(page: Page) -> None:
    """Share in the notebook's toolbar; pick the student."""
    page.locator(".jp-NotebookPanel-toolbar").get_by_role("button", name="Share").first.click()
    dialog = page.get_by_role("dialog", name="Share")
    dialog.get_by_role("combobox", name="Add people or groups").press_sequentially("stu")
    dialog.locator("li[role=option]").filter(has_text="student").click()
    picture(page, "share-dialog")
    dialog.get_by_role("button", name="Share", exact=True).click()
    expect(dialog.get_by_role("list", name="Who has access")).to_contain_text("student")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def look_and_copy(student: Person) -> None:
    """The student finds the notebook under Shared with me, looks at it with its results, and takes a copy."""
    page = student.page
    student.go_to("Shared with me")
    card = page.get_by_role("listitem").filter(has_text=NAME)
    expect(card).to_contain_text("teacher")
    picture(page, "shared-with-me")
    card.get_by_role("button", name="Look").click()
    expect(page.frame_locator("iframe").get_by_text(RESULT).first).to_be_visible()
    picture(page, "look")
    student.go_to("Shared with me")
    page.get_by_role("listitem").filter(has_text=NAME).get_by_role("button", name="Copy to my files").click()
    page.get_by_role("dialog").get_by_role("button", name="Copy here").click()
    page.get_by_role("button", name="Show it").click()
    expect(page.frame_locator("iframe").get_by_text(RESULT).first).to_be_visible()


def run_and_change(student: Person) -> None:
    """The student runs the copy and changes it, which the original does not notice."""
    page = student.page
    page.get_by_role("link", name="Open in notebook").click()
    student.start_server()
    notebook = Notebook(page)
    notebook.run_all()
    expect(notebook.output("no data/uproot-Zmumu.root beside this notebook")).to_have_count(1)
    expect(notebook.output(RESULT).first).to_be_visible()
    notebook.replace_line("LOW, HIGH = 70.0, 110.0", "LOW, HIGH = 80.0, 100.0  # GeV, the range of the fit")
    notebook.run_all()
    expect(notebook.output(RESULT)).to_have_count(0)
    notebook.save()
    show_peak(page)
    picture(page, "changed-copy")
    copy = page.request.get(f"user/student/api/contents/{NAME}?type=file").json()["content"]
    shared = page.request.get(f"user/student/api/contents/Shares/{NAME}?type=file").json()["content"]
    assert "LOW, HIGH = 80.0, 100.0" in copy
    assert "LOW, HIGH = 70.0, 110.0" in shared


def connect_laptop(teacher: Person, running: Platform, folder: Path) -> Laptop:
    """The teacher makes an app password on the Files site, in a second tab, and gives it to her laptop."""
    page = teacher.page.context.new_page()
    page.goto("services/sync/")
    Person(page, "teacher", "").go_to("Devices")
    page.get_by_label("Name of the device").fill("My laptop")
    page.get_by_role("button", name="Make a password").click()
    dialog = page.get_by_role("dialog", name="App password")
    app_password = dialog.get_by_label("App password").last.input_value()
    dialog.get_by_label("App password").last.evaluate("field => field.value = 'xxxxx-xxxxx-xxxxx-xxxxx'")
    picture(page, "app-password")
    page.close()
    return Laptop(folder / "Cygnet", f"{running.hub}services/sync/", "teacher", app_password)


def laptop_and_server(teacher: Person, laptop: Laptop) -> None:
    """The laptop has the files of the running server; what it changes is seen there."""
    page, notebook = teacher.page, Notebook(teacher.page)
    laptop.sync()
    assert laptop.files() == files_of_server(teacher, "")
    assert {f"Examples/{name}" for name, _ in example_files()} == set(laptop.files())
    assert RESULT in (laptop.folder / "Examples" / NAME).read_text()

    # The kernel has read the file already: it must not keep what it knows.
    output = notebook.add_cell('print(open("README.md").read()[-40:])')
    expect(output).to_contain_text("change them as you like")
    readme = laptop.folder / "Examples" / "README.md"
    readme.write_text(readme.read_text() + "This line was written on the laptop.\n")
    (laptop.folder / "Examples" / "questions.txt").write_text("Ask about the 0.5 %.\n")
    laptop.sync()
    expect(page.locator(".jp-DirListing-item").filter(has_text="questions.txt")).to_be_visible()
    output = notebook.run_cell(page.locator(".jp-Cell.jp-mod-active"))
    expect(output).to_contain_text("This line was written on the laptop.")
    output = notebook.add_cell('print(open("questions.txt").read())')
    expect(output).to_contain_text("Ask about the 0.5 %.")
    output.scroll_into_view_if_needed()
    picture(page, "laptop")
