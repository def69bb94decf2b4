"""nbgrader over the sync service: its own tests, and its own pages in two sessions that share no disk."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from cygnet_extensions.nbgrader import CONFIG_FOLDER
from tests.extensions.nbgrader_reasons import NOT_APPLICABLE
from tests.extensions.notebook_server import NotebookServer, notebook_server
from tests.hub.sync.api import CLIENTS, Api
from tests.sync_server import SyncServer, sync_server

ROOT = Path(__file__).resolve().parents[2]
NBGRADER = Path(sys.prefix) / "nbgrader"
SUITES = (
    "releaseassignment",
    "fetch_assignment",
    "submit",
    "collect",
    "list",
    "releasefeedback",
    "fetchfeedback",
)

pytestmark = pytest.mark.skipif(
    not NBGRADER.is_dir(), reason="CANNOT RUN HERE: no nbgrader; `.ci/setup test` installs it"
)


def environment(home: Path) -> dict[str, str]:
    """Of a process that finds nbgrader, and nothing of whoever runs the tests."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CYGNET_", "JUPYTER"))}
    home.mkdir(parents=True, exist_ok=True)
    return kept | {
        "HOME": str(home),
        "USER": pwd.getpwuid(os.getuid()).pw_name,
        "PATH": f"{NBGRADER / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}:{NBGRADER}",
        "JUPYTER_CONFIG_PATH": f"{CONFIG_FOLDER}:{NBGRADER / 'etc' / 'jupyter'}",
        "JUPYTER_PATH": str(NBGRADER / "share" / "jupyter"),
    }


@pytest.mark.timeout(600)
def test_the_tests_of_nbgrader(tmp_path: Path) -> None:
    suites = [str(NBGRADER / "nbgrader/tests/apps" / f"test_nbgrader_{name}.py") for name in SUITES]
    report, quiet = tmp_path / "report.xml", ["-q", "-p", "no:cacheprovider", "-W", "ignore"]
    command = [sys.executable, "-m", "pytest", *quiet, "-c", os.devnull, "--rootdir", str(NBGRADER)]
    command += ["-p", "tests.extensions.nbgrader_on_cygnet", f"--junitxml={report}", *suites]
    done = subprocess.run(
        command, env=environment(tmp_path / "home"), cwd=tmp_path, capture_output=True, text=True, timeout=540
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    cases = list(ET.parse(report).getroot().iter("testcase"))
    skipped = {_name(case) for case in cases if case.find("skipped") is not None}
    assert skipped == set(NOT_APPLICABLE)
    assert len([case for case in cases if case.find("skipped") is None]) >= 51


def _name(case: ET.Element) -> str:
    return f"{case.attrib['classname'].rpartition('.')[2]}::{case.attrib['name'].partition('[')[0]}"


@pytest.fixture
def sync(tmp_path: Path) -> Iterator[SyncServer]:
    with sync_server(tmp_path / "sync") as server:
        yield server
        while CLIENTS:
            CLIENTS.pop().close()


def session_of(server: SyncServer, user: str, folder: Path) -> dict[str, str]:
    """What the environment of a person's session has more than that of others."""
    folder.mkdir()
    (folder / "token").write_text(server.app_password(user))
    found = environment(folder / "home")
    names = ("PATH", "PYTHONPATH", "JUPYTER_CONFIG_PATH", "JUPYTER_PATH")
    more = {"CYGNET_URL": server.url, "CYGNET_TOKEN_FILE": str(folder / "token"), "CYGNET_MOUNT": "unknown"}
    return {name: found[name] for name in names} | more


class Instructor:
    """A teacher at the command line, in a folder of their own machine."""

    def __init__(self, server: SyncServer, folder: Path) -> None:
        self.environment = environment(folder / "home") | session_of(server, "teacher", folder / "session")
        self.course = folder / "course"
        notebook = self.course / "source" / "ps1" / "problem.ipynb"
        notebook.parent.mkdir(parents=True)
        shutil.copy(NBGRADER / "nbgrader/tests/apps/files/test.ipynb", notebook)

    def __call__(self, command: str) -> str:
        """Run a command of nbgrader for the class."""
        done = subprocess.run(
            ["nbgrader", *command.split(), "--course", "physics"],
            env=self.environment,
            cwd=self.course,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


def test_two_servers_without_a_shared_disk(sync: SyncServer, tmp_path: Path) -> None:
    teacher, student = Api(sync, "teacher"), Api(sync, "student")
    made = teacher("POST", "classes", {"name": "physics"}, 201)
    student("POST", "groups/join", {"code": made["code"]})
    instructor = Instructor(sync, tmp_path / "teacher")
    instructor("generate_assignment ps1")
    instructor("release_assignment ps1")

    root, own = tmp_path / "student files", session_of(sync, "student", tmp_path / "student")
    root.mkdir()
    with notebook_server(tmp_path / "student home", root, **own) as server, assignments(server) as page:
        page.get_by_role("button", name="Fetch", exact=True).click()
        expect(page.locator("#fetched_assignments_list")).to_contain_text("ps1")
        assert (root / "ps1" / "problem.ipynb").is_file()
        page.get_by_role("button", name="Submit", exact=True).click()
        expect(page.locator("#submitted_assignments_list")).to_contain_text("ps1")
        (root / "ps1" / "problem.ipynb").write_text("{}")  # after handing in: it does not count

        assert "Collecting submission: student ps1" in instructor("collect ps1")
        instructor("autograde ps1 --create")
        instructor("generate_feedback ps1")
        assert "Feedback released to: student" in instructor("release_feedback ps1")
        page.locator("#refresh_assignments_list").click()
        page.get_by_role("button", name="Fetch Feedback", exact=True).click()
        expect(page.get_by_text("(view feedback)")).to_have_count(1)
        picture = ROOT / "artifacts" / "e2e" / "nbgrader.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture)
    pages = list((root / "ps1" / "feedback").rglob("problem.html"))
    assert len(pages) == 1
    (handout,) = student("GET", f"classes/{made['id']}/handouts")["handouts"]
    assert handout["students"][0]["submission"]["mark"] == "0/6"
    assert teacher.names("/") == ["Classes"]  # what was on its way to the student is gone
    assert teacher("GET", "trash")["items"] == []


@contextmanager
def assignments(server: NotebookServer) -> Iterator[Page]:
    """The assignment list of nbgrader in JupyterLab, in Chromium."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(60_000)
        page.goto(server.page("lab"))
        page.get_by_role("menuitem", name="Nbgrader").click()
        page.get_by_role("menuitem", name="Assignment List").click()
        try:
            yield page
        except BaseException:
            (ROOT / "artifacts" / "e2e").mkdir(parents=True, exist_ok=True)
            page.screenshot(path=ROOT / "artifacts" / "e2e" / "failed-nbgrader.png")
            print(page.locator("body").inner_text())
            raise
        finally:
            browser.close()
