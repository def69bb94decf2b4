"""A plug-in of pytest with which nbgrader's own tests, unchanged, run against the sync service.

Where nbgrader's tests are one person with one folder that all share, there are two accounts here: a teacher,
as whom assignments are released, collected and graded, and a student, as whom they are fetched and handed in.
The folder that the tests take for the exchange is written anew after each command from what the service
holds.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbgrader.tests
import pytest
from jupyter_core.paths import jupyter_config_path
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import get_username
from sqlalchemy import String, cast, update

from cygnet_extensions.nbgrader import CONFIG_FOLDER
from cygnet_extensions.nbgrader.course import Course, Service
from cygnet_extensions.nbgrader.exchange import CygnetExchange
from cygnet_hub.services.sync.store.class_schema import group
from tests.extensions.nbgrader_reasons import NOT_APPLICABLE
from tests.hub.sync.api import CLIENTS, Api
from tests.sync_server import SyncServer, sync_server

COURSES = ("abc101", "abc102", "xyz200")
_OF_STUDENTS = {"fetch_assignment", "fetch", "submit", "fetch_feedback", "list"}
_OF_TEACHERS = {"--inbound", "--remove"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        name = item.nodeid.partition("::")[2].partition("[")[0]
        if name in NOT_APPLICABLE:
            item.add_marker(pytest.mark.skip(reason=NOT_APPLICABLE[name]))


class _World:
    """The service, and the two people."""

    def __init__(self, server: SyncServer, folder: Path) -> None:
        self.server, self.student = server, get_username()
        server.directory.people[self.student] = "The student"
        self.tokens = {}
        for name in ("teacher", self.student):
            self.tokens[name] = folder / name
            self.tokens[name].write_text(server.app_password(name))
        self.apis = {name: Api(server, name) for name in self.tokens}

    def begin(self) -> None:
        """Make new classes in place of those of the last test."""
        for one in self.apis["teacher"]("GET", "classes")["groups"]:
            self.apis["teacher"]("DELETE", f"groups/{one['id']}", status=204)
        free_names = update(group).values(name_key=cast(group.c.id, String))
        self.server.services.database.write_now(lambda c: c.execute(free_names))
        for name in COURSES:
            made = self.apis["teacher"]("POST", "classes", {"name": name}, 201)
            self.apis[self.student]("POST", "groups/join", {"code": made["code"]})

    def become(self, name: str) -> None:
        os.environ["CYGNET_URL"] = self.server.url
        os.environ["CYGNET_TOKEN_FILE"] = str(self.tokens[name])


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_World]:
    assert Path(CONFIG_FOLDER) in map(Path, jupyter_config_path()), "nbgrader would use its own exchange"
    with sync_server(tmp_path_factory.mktemp("sync")) as server:
        yield _World(server, tmp_path_factory.mktemp("tokens"))
        while CLIENTS:
            CLIENTS.pop().close()


@pytest.fixture(autouse=True)
def classes(world: _World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    world.begin()
    _RUNNING.append(world)
    yield
    _RUNNING.clear()


_RUNNING: list[_World] = []
_run = nbgrader.tests.run_nbgrader


def run_nbgrader(arguments: list[str], **options: Any) -> str:
    """Run a command as the one who would, and show what is at the service afterwards."""
    (world,) = _RUNNING
    teaches = arguments[0] not in _OF_STUDENTS or _OF_TEACHERS & set(arguments)
    world.become("teacher" if teaches else world.student)
    try:
        return str(_run(arguments, **options))
    finally:
        for argument in arguments:
            if argument.startswith("--Exchange.root="):
                world.become("teacher")
                _show(Path(argument.partition("=")[2]))


def _show(folder: Path) -> None:
    """Write what the service has as a shared folder of nbgrader would have it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    exchange = CygnetExchange(coursedir=CourseDirectory())
    for course in Service().courses():
        for name in course.assignments():
            course.service.download(course.assignment(name), folder / course.name / "outbound" / name)
            _show_submissions(exchange, course, name, folder / course.name / "inbound")


def _show_submissions(exchange: CygnetExchange, course: Course, name: str, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for one in course.submissions(name):
        timestamp = exchange.timestamp_of(one)
        kept = course.service.download(one.path or "", folder / f"{one.user}+{name}+{timestamp}+{one.id}")
        (kept / "timestamp.txt").write_text(timestamp)


nbgrader.tests.run_nbgrader = run_nbgrader
