"""A new version of what was handed out: each case by itself, and no student's work lost in any."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from cygnet_hub.services.sync.model.updates import Action, plan
from cygnet_hub.services.sync.service.notebook_merge import merge_notebooks
from tests.hub.sync.api import Api
from tests.hub.sync.dav import Dav
from tests.hub.sync.test_classes import Class
from tests.sync_server import SyncServer

CASES = {
    "untouched": ("1", "2", "1", "replace"),
    "left alone by both": ("1", "1", "1", None),
    "changed here only": ("1", "1", "2", None),
    "changed by both": ("1", "2", "3", "merge"),
    "changed alike": ("1", "2", "2", None),
    "deleted here, unchanged there": ("1", "1", None, None),
    "deleted here, changed there": ("1", "2", None, "again"),
    "deleted there, untouched here": ("1", None, "1", "delete"),
    "deleted there, changed here": ("1", None, "2", "keep"),
    "deleted by both": ("1", None, None, None),
    "new": (None, "1", None, "add"),
    "new, same name taken": (None, "1", "2", "beside"),
    "new, and here already": (None, "1", "1", None),
}


@pytest.mark.parametrize(("base", "new", "mine", "kind"), CASES.values(), ids=CASES.keys())
def test_one_file(base: str | None, new: str | None, mine: str | None, kind: str | None) -> None:
    states = [{"a/b.txt": state} if state else {} for state in (base, new, mine)]
    assert [action.kind for action in plan(*states)] == ([kind] if kind else [])


@pytest.mark.parametrize("mine", ["1", "2"], ids=["untouched", "changed here"])
def test_renamed_there(mine: str) -> None:
    assert plan({"old": "1"}, {"new": "1"}, {"old": mine}) == [Action("rename", "old", "new")]


def test_renamed_there_to_a_name_that_is_taken() -> None:
    mine = {"old": "2", "new": "3"}
    assert plan({"old": "1"}, {"new": "1"}, mine) == [Action("beside", "new"), Action("keep", "old")]


def test_renamed_there_and_deleted_here() -> None:
    assert plan({"old": "1"}, {"new": "1"}, {}) == [Action("add", "new")]


def test_two_files_of_the_same_contents_are_not_renamed_to_one() -> None:
    actions = plan({"a": "1", "b": "1"}, {"c": "1"}, {"a": "1", "b": "1"})
    assert actions == [Action("rename", "a", "c"), Action("delete", "b")]


def test_names_taken_by_a_folder_or_below_a_file() -> None:
    assert plan({}, {"a": "1"}, {}, ["a"]) == [Action("beside", "a")]
    assert plan({}, {"a/b": "1"}, {"a": "2"}) == [Action("beside", "a/b")]


def notebook(*sources: str, **outputs: str) -> bytes:
    """A notebook with these cells, each with an id of its own; `c1="text"`: an output of the first."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "source": source,
            "execution_count": None,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": outputs[f"c{number}"]}]
            if f"c{number}" in outputs
            else [],
        }
        for number, source in enumerate(sources, 1)
        if source
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def sources(data: bytes | None) -> list[str]:
    assert data is not None
    return [cell["source"] for cell in json.loads(data)["cells"]]


BASE = notebook("# title", "x = 1", "y = 2")


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        (("# title", "x = 42", "y = 2"), ("# Title!", "x = 1", "y = 2"), ["# Title!", "x = 42", "y = 2"]),
        (
            ("# title", "x = 1", "y = 2", "mine"),
            ("# title", "x = 1", "y = 2", "", "new"),
            ["# title", "x = 1", "y = 2", "mine", "new"],
        ),
        (("# title", "x = 42", "y = 2"), ("# title", "", "y = 2"), ["# title", "x = 42", "y = 2"]),
        (("# title", "", "y = 2"), ("# title", "x = 0", "y = 2"), ["# title", "x = 0", "y = 2"]),
        (("# title", "x = 42", "y = 2"), ("# title", "x = 0", "y = 2"), None),
    ],
    ids=["different cells", "both added", "deleted there", "deleted here", "the same cell"],
)
def test_notebooks_by_cell(mine: tuple[str, ...], theirs: tuple[str, ...], merged: list[str] | None) -> None:
    result = merge_notebooks(BASE, notebook(*mine), notebook(*theirs))
    assert (result and sources(result)) == merged


def test_outputs_and_metadata_stay_the_students() -> None:
    mine = json.loads(notebook("# title", "x = 42", "y = 2", c2="mine"))
    mine["metadata"] = {"kernelspec": {"name": "mine"}}
    theirs = json.loads(notebook("# Title!", "x = 1", "y = 2", c2="theirs"))
    theirs["metadata"] = {"kernelspec": {"name": "theirs"}}
    result = json.loads(merge_notebooks(BASE, json.dumps(mine).encode(), json.dumps(theirs).encode()) or b"")
    assert result["metadata"] == mine["metadata"]
    assert result["cells"][1]["outputs"][0]["text"] == "mine"


@pytest.mark.parametrize(
    "data",
    [b"", b"not json", b"[]", b'{"nbformat": 3}', b'{"nbformat": 4, "cells": [1], "metadata": {}}', b"\xff"],
)
def test_what_is_no_notebook_is_not_merged(data: bytes) -> None:
    assert merge_notebooks(BASE, data, BASE) is None
    assert merge_notebooks(data, BASE, BASE) is None


class Sheet:
    """A folder that was handed out to one student."""

    def __init__(self, lesson: Class, teacher: Api, student: Api, files: dict[str, bytes]) -> None:
        self.teacher, self.student = teacher, student
        self.name = f"sheet {uuid4().hex[:8]}"
        teacher("POST", "folders", {"path": f"/{self.name}"}, 201)
        self.there(files)
        lesson.join(student)
        made = lesson.hand_out_path(f"/{self.name}")
        self.path = f"classes/{lesson.id}/handouts/{made['id']}"
        self.work = f"{lesson.path}/Work/{self.name}"

    def there(self, files: dict[str, bytes]) -> None:
        for name, data in files.items():
            self.teacher.put(f"/{self.name}/{name}", data)

    def here(self, files: dict[str, bytes]) -> None:
        for name, data in files.items():
            self.student.put(f"{self.work}/{name}", data)

    def delete(self, api: Api, *names: str) -> None:
        folder = f"/{self.name}" if api is self.teacher else self.work
        api("POST", "files/delete", {"paths": [f"{folder}/{name}" for name in names]})

    def update(self) -> list[str]:
        """Hand out the new version; what the student is told."""
        self.teacher("POST", f"{self.path}/update")
        return list(self.student("GET", self.path)["students"][0]["notes"])

    def read(self, name: str) -> bytes:
        answer = self.student.http.get("/api/v1/content", params={"path": f"{self.work}/{name}"})
        assert answer.status_code == 200, answer.text
        return answer.content


@pytest.fixture
def people(server: SyncServer) -> tuple[Class, Api, Api]:
    teacher = Api(server, "teacher")
    return Class(teacher), teacher, Api(server, "student")


def test_an_update_of_everything_at_once(people: tuple[Class, Api, Api]) -> None:
    names = ("untouched", "changed", "both", "gone", "kept", "lost", "old")
    sheet = Sheet(*people, {**{name: name.encode() for name in names}, "book.ipynb": BASE})
    sheet.here(
        {"changed": b"my work", "both": b"my work", "kept": b"my work", "taken": b"mine", "old": b"mine"}
    )
    sheet.here({"book.ipynb": notebook("# title", "x = 42", "y = 2")})
    sheet.delete(sheet.student, "lost")
    sheet.there({"untouched": b"v2", "both": b"v2", "lost": b"v2", "taken": b"v2", "new": b"v2"})
    sheet.there({"book.ipynb": notebook("# Title!", "x = 1", "y = 2")})
    sheet.delete(sheet.teacher, "gone", "kept")
    sheet.teacher(
        "POST", "files/move", {"source": f"/{sheet.name}/old", "destination": f"/{sheet.name}/renamed"}
    )
    notes = sheet.update()
    assert sorted(sheet.student.names(sheet.work)) == sorted(
        [
            "untouched",
            "changed",
            "both",
            "both (teacher's version 2)",
            "kept",
            "lost",
            "taken",
            "taken (teacher's version 2)",
            "new",
            "renamed",
            "book.ipynb",
        ]
    )
    assert {name: sheet.read(name) for name in ("untouched", "lost", "new")} == dict.fromkeys(
        ("untouched", "lost", "new"), b"v2"
    )
    assert {sheet.read(name) for name in ("changed", "both", "kept")} == {b"my work"}
    assert {sheet.read(name) for name in ("taken", "renamed")} == {b"mine"}
    assert sheet.read("both (teacher's version 2)") == sheet.read("taken (teacher's version 2)") == b"v2"
    assert sources(sheet.read("book.ipynb")) == ["# Title!", "x = 42", "y = 2"]
    assert '"gone" is no longer handed out; yours is among the deleted files.' in notes
    assert (
        '"both" was changed by you and by the teacher: yours is as it was, '
        'theirs is "both (teacher\'s version 2)".' in notes
    )
    assert len(notes) == 9
    assert sheet.update() == []  # nothing more to do


def test_what_was_replaced_is_a_version(people: tuple[Class, Api, Api]) -> None:
    sheet = Sheet(*people, {"a.txt": b"one"})
    sheet.there({"a.txt": b"two"})
    sheet.update()
    path = f"{sheet.work}/a.txt"
    versions = sheet.student("GET", f"versions?path={path}")["versions"]
    assert len(versions) == 2
    assert sheet.read("a.txt") == b"two"


def test_a_notebook_that_is_not_json_is_put_beside(people: tuple[Class, Api, Api]) -> None:
    sheet = Sheet(*people, {"a.ipynb": BASE})
    sheet.here({"a.ipynb": b"{ broken"})
    sheet.there({"a.ipynb": notebook("# new", "x = 1", "y = 2")})
    assert "theirs is" in sheet.update()[0]
    assert sheet.read("a.ipynb") == b"{ broken"
    assert sources(sheet.read("a (teacher's version 2).ipynb"))[0] == "# new"


def test_a_file_that_somebody_has_locked_is_not_touched(people: tuple[Class, Api, Api]) -> None:
    sheet = Sheet(*people, {"a.txt": b"one"})
    kind = "<d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype>"
    body = f'<d:lockinfo xmlns:d="DAV:">{kind}</d:lockinfo>'
    assert Dav(sheet.student.server, "student")("LOCK", f"{sheet.work}/a.txt", body).status == 200
    sheet.there({"a.txt": b"two"})
    sheet.update()
    assert (sheet.read("a.txt"), sheet.read("a (teacher's version 2).txt")) == (b"one", b"two")


def test_a_single_notebook_that_the_student_renamed(people: tuple[Class, Api, Api]) -> None:
    lesson, teacher, student = people
    name = uuid4().hex
    lesson.join(student)
    handout = lesson.hand_out(f"{name}.ipynb", BASE)
    mine = f"{lesson.path}/Work/my answer.ipynb"
    body = {"source": f"{lesson.path}/Work/{name}.ipynb", "destination": mine}
    student("POST", "files/move", body)
    student.put(mine, notebook("# title", "x = 42", "y = 2"))
    teacher.put(f"/{name}.ipynb", notebook("# title", "x = 1", "y = 3"))
    updated = teacher("POST", f"classes/{lesson.id}/handouts/{handout['id']}/update")
    assert updated["revision"] == 2
    answer = student.http.get("/api/v1/content", params={"path": mine})
    assert sources(answer.content) == ["# title", "x = 42", "y = 3"]
    assert student.names(f"{lesson.path}/Work") == ["my answer.ipynb"]


def test_a_copy_that_was_deleted_comes_again_when_it_changes(people: tuple[Class, Api, Api]) -> None:
    sheet = Sheet(*people, {"a.txt": b"one"})
    sheet.student("POST", "files/delete", {"paths": [sheet.work]})
    assert sheet.update() == []
    assert sheet.student("GET", sheet.path)["students"][0]["path"] is None
    sheet.there({"a.txt": b"two"})
    assert "here again" in sheet.update()[0]
    assert sheet.read("a.txt") == b"two"


def test_what_is_read_together_is_replaced(people: tuple[Class, Api, Api]) -> None:
    lesson, teacher, student = people
    name = f"data {uuid4().hex}"
    teacher.put(f"/{name}", b"one")
    lesson.join(student)
    made = lesson.hand_out_path(f"/{name}", mode="read")
    teacher.put(f"/{name}", b"two")
    teacher("POST", f"classes/{lesson.id}/handouts/{made['id']}/update")
    answer = student.http.get("/api/v1/content", params={"path": made["path"]})
    assert answer.content == b"two"


def test_an_update_of_what_is_not_there_any_more(people: tuple[Class, Api, Api]) -> None:
    sheet = Sheet(*people, {"a.txt": b"one"})
    sheet.teacher("POST", "files/delete", {"paths": [f"/{sheet.name}"]})
    assert sheet.teacher.error("POST", f"{sheet.path}/update")[0] == 404
    sheet.teacher.put(f"/{sheet.name}", b"a file now")
    assert sheet.teacher.error("POST", f"{sheet.path}/update")[0] == 409
    assert sheet.student.error("POST", f"{sheet.path}/update")[0] == 403
    assert sheet.read("a.txt") == b"one"
