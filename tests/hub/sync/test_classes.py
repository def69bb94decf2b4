"""Classes: made, joined, and what a student finds in their tree."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from cygnet_hub.services.sync.store.schema import node, space
from tests.hub.sync.api import Api
from tests.hub.sync.dav import Dav, set_quota
from tests.sync_server import SyncServer

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


class Class:
    """A class of one test."""

    def __init__(self, teacher: Api) -> None:
        self.teacher = teacher
        made = teacher("POST", "classes", {"name": f"Class {uuid4().hex[:8]}"}, 201)
        self.id, self.name, self.code = made["id"], made["name"], made["code"]
        self.path = f"/Classes/{self.name}"

    def join(self, *people: Api) -> None:
        for person in people:
            person("POST", "groups/join", {"code": self.code})

    def hand_out(self, name: str, data: bytes = NOTEBOOK, **more: Any) -> dict[str, Any]:
        """Hand out a file."""
        self.teacher.put(f"/{name}", data)
        return self.hand_out_path(f"/{name}", **more)

    def hand_out_path(self, path: str, **more: Any) -> dict[str, Any]:
        body = {"path": path, **more}
        return dict(self.teacher("POST", f"classes/{self.id}/handouts", body, 201))

    def handout(self, api: Api, name: str) -> dict[str, Any]:
        """What somebody sees of a handout."""
        found = api("GET", f"classes/{self.id}/handouts")["handouts"]
        return next(dict(one) for one in found if one["name"] == name)


@pytest.fixture
def lesson(teacher: Api) -> Class:
    return Class(teacher)


def test_from_handing_out_to_collecting(lesson: Class, teacher: Api, student: Api, bob: Api) -> None:
    lesson.join(student, bob)
    name = f"{uuid4().hex}.ipynb"
    handout = lesson.hand_out(name)
    work = f"{lesson.path}/Work/{name}"
    assert lesson.handout(student, name)["students"][0]["path"] == work
    assert student.http.get("/api/v1/content", params={"path": work}).content == NOTEBOOK
    student.put(work, b"done")
    assert bob.http.get("/api/v1/content", params={"path": work}).content == NOTEBOOK
    collected = teacher("POST", f"classes/{lesson.id}/handouts/{handout['id']}/collect", {})
    standing = {one["user"]: one for one in collected["students"]}
    assert sorted(standing) == ["bob", "student"]
    receipt = lesson.handout(student, name)["students"][0]["submission"]
    assert receipt == standing["student"]["submission"]
    assert (receipt["late"], receipt["files"], receipt["size"]) == (False, 1, 4)
    student.put(work, b"changed later")
    days = teacher.names(f"{lesson.path}/Collected/{name}/student")
    kept = f"{lesson.path}/Collected/{name}/student/{days[0]}/{name}"
    assert teacher.http.get("/api/v1/content", params={"path": kept}).content == b"done"
    assert teacher.http.put("/api/v1/content", params={"path": kept}, content=b"x").status_code == 403


def test_what_each_sees_of_a_class(lesson: Class, teacher: Api, student: Api, bob: Api) -> None:
    lesson.join(student, bob)
    assert lesson.name in teacher.names("/Classes")
    assert teacher.names(lesson.path) == ["Materials", "Students", "Collected", "Feedback"]
    assert student.names(lesson.path) == ["Materials", "Work"]
    teacher.put(f"{lesson.path}/Materials/plan.md", b"plan")
    read = student.http.get("/api/v1/content", params={"path": f"{lesson.path}/Materials/plan.md"})
    assert read.content == b"plan"
    assert student.http.put(f"/api/v1/content?path={lesson.path}/Materials/x", content=b"").status_code == 403
    student.put(f"{lesson.path}/Work/mine.txt", b"mine")
    assert bob.names(f"{lesson.path}/Work") == []
    seen = teacher.http.get("/api/v1/content", params={"path": f"{lesson.path}/Students/student/mine.txt"})
    assert seen.content == b"mine"
    for path in (f"{lesson.path}/Students/student/mine.txt", f"{lesson.path}/Students/bob/x"):
        assert teacher.http.put("/api/v1/content", params={"path": path}, content=b"x").status_code == 403
        assert student.error("GET", f"files?path={path}")[0] == 404


def test_the_folders_of_a_class_stay_where_they_are(lesson: Class, teacher: Api, student: Api) -> None:
    lesson.join(student)
    for path in ("/Classes", lesson.path, f"{lesson.path}/Materials", f"{lesson.path}/Work"):
        api = student if path.endswith("Work") else teacher
        dav = Dav(api.server, str(api.user))
        assert dav("DELETE", path).status == 403
        assert dav("MOVE", path, destination=dav.url("/elsewhere")).status == 403
    assert student.error("POST", "folders", {"path": f"{lesson.path}/New"})[0] == 403
    assert student.error("POST", "folders", {"path": "/Classes/New"})[0] == 403


def test_a_folder_of_ones_own_makes_way(server: SyncServer, lesson: Class) -> None:
    """One from before there were classes: now nobody can make it."""
    ada = Api(server, "ada")
    assert ada.error("POST", "folders", {"path": "/Classes"})[0] == 403
    ada("POST", "folders", {"path": "/old"}, 201)
    ada.put("/old/mine.txt", b"mine")
    server.services.database.write_now(
        lambda connection: connection.execute(
            update(node).where(node.c.name == "old").values(name="Classes", name_key="Classes")
        )
    )
    assert ada.names("/Classes") == ["mine.txt"]
    lesson.join(ada)
    assert ada.names("/Classes") == [lesson.name]
    assert ada.names("/Classes (2)") == ["mine.txt"]


def test_late_joiners_get_what_was_handed_out(lesson: Class, student: Api, bob: Api) -> None:
    lesson.join(student)
    name = f"{uuid4().hex}.ipynb"
    lesson.hand_out(name)
    lesson.join(bob)
    assert bob.names(f"{lesson.path}/Work") == [name]
    lesson.join(bob)  # once more changes nothing
    assert bob.names(f"{lesson.path}/Work") == [name]


def test_something_to_read_together_is_there_once(lesson: Class, teacher: Api, student: Api) -> None:
    lesson.join(student)
    folder = f"/data {uuid4().hex[:8]}"
    teacher("POST", "folders", {"path": folder}, 201)
    teacher.put(f"{folder}/big.root", b"0" * 1000)
    handout = lesson.hand_out_path(folder, mode="read")
    assert handout["path"] == f"{lesson.path}/Materials{folder}"
    assert student.names(f"{lesson.path}/Materials{folder}") == ["big.root"]
    assert student.names(f"{lesson.path}/Work") == []


def test_who_leaves_keeps_their_work_and_nothing_else(lesson: Class, teacher: Api, student: Api) -> None:
    lesson.join(student)
    name = f"{uuid4().hex}.ipynb"
    lesson.hand_out(name)
    student.put(f"{lesson.path}/Work/{name}", b"my answer")
    cursor = student("GET", "changes")["cursor"]
    student("DELETE", f"groups/{lesson.id}/members/student", status=204)
    assert student.error("GET", f"files?path={lesson.path}")[0] == 404
    kept = f"/{lesson.name} (my work)/{name}"
    assert student.http.get("/api/v1/content", params={"path": kept}).content == b"my answer"
    changes = student("GET", f"changes?cursor={cursor}")["changes"]
    assert "/Classes" in [one["path"] for one in changes]
    still = teacher.http.get("/api/v1/content", params={"path": f"{lesson.path}/Students/student/{name}"})
    assert still.content == b"my answer"
    lesson.join(student)
    again = student.http.get("/api/v1/content", params={"path": f"{lesson.path}/Work/{name}"})
    assert again.content == b"my answer"


def test_a_class_is_there_through_webdav_and_the_feed(lesson: Class, teacher: Api, student: Api) -> None:
    cursor = student("GET", "changes")["cursor"]
    before = student("GET", "files?path=/")["node"]["etag"]
    lesson.join(student)
    told = student("GET", f"changes?cursor={cursor}")
    assert "/Classes" in [one["path"] for one in told["changes"]]
    middle = student("GET", "files?path=/")["node"]["etag"]
    name = f"{uuid4().hex}.ipynb"
    lesson.hand_out(name)
    after = student("GET", "files?path=/")["node"]["etag"]
    assert len({before, middle, after}) == 3
    changes = student("GET", f"changes?cursor={told['cursor']}")["changes"]
    assert [one["op"] for one in changes if one["path"] == f"{lesson.path}/Work/{name}"] == ["put"]
    dav = Dav(student.server, "student")
    assert dav("PUT", f"{lesson.path}/Work/{name}", b"by dav").status == 204
    assert name in [one["name"] for one in student("GET", f"search?q={name}")["nodes"]]


def test_the_teacher_sees_who_opened_and_worked(lesson: Class, teacher: Api, student: Api, bob: Api) -> None:
    lesson.join(student, bob)
    name = f"{uuid4().hex}.ipynb"
    lesson.hand_out(name)
    work = f"{lesson.path}/Work/{name}"
    student.http.get("/api/v1/content", params={"path": work})
    before = {one["user"]: one for one in lesson.handout(teacher, name)["students"]}
    assert before["student"]["opened"] is not None
    assert (before["student"]["worked"], before["bob"]["opened"]) == (None, None)
    student.put(work, b"more")
    after = {one["user"]: one for one in lesson.handout(teacher, name)["students"]}
    assert after["student"]["worked"] is not None
    assert after["student"]["path"] == f"{lesson.path}/Students/student/{name}"
    assert [one["user"] for one in lesson.handout(student, name)["students"]] == ["student"]


def collect_due(server: SyncServer) -> int:
    """What the service does every few seconds."""
    done = asyncio.run_coroutine_threadsafe(server.services.teaching.collecting.collect_due(), server.loop)
    return done.result(60)


def test_a_deadline_collects_once_and_marks_what_comes_later(
    lesson: Class, server: SyncServer, teacher: Api, student: Api, bob: Api
) -> None:
    lesson.join(student, bob)
    name, now = f"{uuid4().hex}.ipynb", time.time()
    handout = lesson.hand_out(name, deadline=now - 60)
    path = f"classes/{lesson.id}/handouts/{handout['id']}"
    extended = teacher("PUT", f"{path}/deadline", {"deadline": now + 3600, "user": "bob"})
    assert {one["user"]: one["extended"] for one in extended["students"]} == {"student": False, "bob": True}
    collect_due(server)
    collect_due(server)
    assert len(teacher.names(f"{lesson.path}/Collected/{name}/student")) == 1
    assert "bob" not in teacher.names(f"{lesson.path}/Collected/{name}")
    receipt = lesson.handout(student, name)["students"][0]["submission"]
    assert (receipt["late"], receipt["by"]) == (True, "teacher")  # the deadline was over before it began
    student.put(f"{lesson.path}/Work/{name}", b"late")
    assert student("POST", f"{path}/submit")["students"][0]["submission"]["late"] is True
    assert bob("POST", f"{path}/submit")["students"][0]["submission"]["late"] is False
    teacher("PUT", f"{path}/deadline", {"deadline": now - 30})  # moved: it is collected anew, what is new
    collect_due(server)
    assert len(teacher.names(f"{lesson.path}/Collected/{name}/student")) == 2
    teacher("PUT", f"{path}/deadline", {"deadline": None, "user": "bob"})
    collect_due(server)
    assert len(teacher.names(f"{lesson.path}/Collected/{name}/bob")) == 1  # unchanged since handed in


def test_a_receipt_can_be_checked_with_sha256sum(lesson: Class, teacher: Api, student: Api) -> None:
    lesson.join(student)
    folder = f"sheet {uuid4().hex[:8]}"
    teacher("POST", "folders", {"path": f"/{folder}/"}, 201)
    teacher.put(f"/{folder}/a.txt", b"a")
    teacher.put(f"/{folder}/b.txt", b"b")
    handout = lesson.hand_out_path(f"/{folder}")
    student.put(f"{lesson.path}/Work/{folder}/a.txt", b"answer")
    done = student("POST", f"classes/{lesson.id}/handouts/{handout['id']}/submit")
    receipt = done["students"][0]["submission"]
    lines = "".join(
        f"{hashlib.sha256(data).hexdigest()}  {name}\n"
        for name, data in (("a.txt", b"answer"), ("b.txt", b"b"))
    )
    assert (receipt["sha256"], receipt["files"]) == (hashlib.sha256(lines.encode()).hexdigest(), 2)


def test_feedback_is_seen_by_its_student_only(lesson: Class, teacher: Api, student: Api, bob: Api) -> None:
    lesson.join(student, bob)
    name = f"{uuid4().hex}.ipynb"
    handout = lesson.hand_out(name)
    path = f"classes/{lesson.id}/handouts/{handout['id']}"
    body = {"user": "student", "mark": "18/20", "comment": "Well done", "path": f"/marked-{name}"}
    assert teacher.error("POST", f"{path}/feedback", {"user": "student", "mark": "1"})[0] == 409
    teacher("POST", f"{path}/collect", {})
    assert lesson.handout(student, name)["students"][0]["submission"]["mark"] == ""
    teacher.put(f"/marked-{name}", b"corrected")
    teacher("POST", f"{path}/feedback", body)
    teacher.put(f"/marked-{name}", b"corrected twice")
    teacher("POST", f"{path}/feedback", body)
    mine = lesson.handout(student, name)["students"][0]["submission"]
    assert (mine["mark"], mine["comment"]) == ("18/20", "Well done")
    back = f"{lesson.path}/Feedback/{name}/marked-{name}"
    assert student.http.get("/api/v1/content", params={"path": back}).content == b"corrected twice"
    assert student.http.put("/api/v1/content", params={"path": back}, content=b"20/20").status_code == 403
    assert lesson.handout(bob, name)["students"][0]["submission"]["mark"] == ""
    assert "Feedback" not in bob.names(lesson.path)
    assert bob.error("GET", f"files?path={back}")[0] == 404
    assert bob.error("POST", f"{path}/feedback", body)[0] == 403


def test_all_that_was_handed_in_is_listed(lesson: Class, teacher: Api, student: Api, bob: Api) -> None:
    lesson.join(student, bob)
    name = f"{uuid4().hex}.ipynb"
    handout = lesson.hand_out(name)
    path, work = f"classes/{lesson.id}/handouts/{handout['id']}", f"{lesson.path}/Work/{name}"
    for data in (b"first", b"second"):
        student.put(work, data)
        student("POST", f"{path}/submit")
    bob("POST", f"{path}/submit")
    seen = teacher("GET", f"{path}/submissions")["submissions"]
    assert [one["user"] for one in seen] == ["student", "student", "bob"]
    for one, data in zip(seen, (b"first", b"second"), strict=False):
        assert teacher.http.get("/api/v1/content", params={"path": one["path"]}).content == data
    body = {"user": "student", "mark": "1/2", "submission": seen[0]["id"]}
    teacher("POST", f"{path}/feedback", body)
    own = student("GET", f"{path}/submissions")["submissions"]
    assert [one["id"] for one in own] == [seen[0]["id"], seen[1]["id"]]
    assert [one["submission"]["mark"] for one in own] == ["1/2", ""]
    assert [one["path"] for one in own] == [None, None]
    assert [one["name"] for one in own] == teacher.names(f"{lesson.path}/Collected/{name}/student")
    body["submission"] = seen[2]["id"]  # somebody else's
    assert teacher.error("POST", f"{path}/feedback", body)[0] == 409


def test_a_copy_that_was_deleted_and_made_again_is_handed_in(
    lesson: Class, teacher: Api, student: Api
) -> None:
    lesson.join(student)
    name = f"{uuid4().hex}.ipynb"
    handout = lesson.hand_out(name)
    path, work = f"classes/{lesson.id}/handouts/{handout['id']}", f"{lesson.path}/Work/{name}"
    student("POST", "files/delete", {"paths": [work]})
    assert student.error("POST", f"{path}/submit")[0] == 404
    student.put(work, b"again")
    assert student("POST", f"{path}/submit")["students"][0]["path"] == work
    kept = teacher("GET", f"{path}/submissions")["submissions"][0]["path"]
    assert teacher.http.get("/api/v1/content", params={"path": kept}).content == b"again"


def test_who_is_not_in_a_class_finds_nothing(lesson: Class, teacher: Api, student: Api, bob: Api) -> None:
    lesson.join(student)
    name = f"{uuid4().hex}.ipynb"
    handout = lesson.hand_out(name)
    path = f"classes/{lesson.id}/handouts"
    for method, address, body in (
        ("GET", path, None),
        ("POST", path, {"path": "/x"}),
        ("POST", f"{path}/{handout['id']}/submit", None),
        ("GET", f"{path}/{handout['id']}/submissions", None),
        ("POST", f"{path}/{handout['id']}/collect", {}),
        ("PUT", f"{path}/{handout['id']}/deadline", {"deadline": None}),
        ("POST", f"{path}/{handout['id']}/feedback", {"user": "student"}),
    ):
        assert bob.error(method, address, body)[0] == 404, address
        if method != "GET" and "submit" not in address:
            assert student.error(method, address, body)[0] == 403, address
    assert bob.error("GET", f"files?path={lesson.path}")[0] == 404


def test_a_handout_counts_against_the_room_of_the_class(
    lesson: Class, teacher: Api, server: SyncServer
) -> None:
    big, small = f"/big {uuid4().hex}", f"/small {uuid4().hex}"
    teacher.put(big, b"0" * 5000)
    teacher.put(small, b"0" * 10)
    set_quota(server, "teacher", 10_000_000)
    late = Class(teacher)
    server.services.database.write_now(
        lambda c: c.execute(
            update(space).where(space.c.kind == "class", space.c.quota > 0).values(quota=3000)
        )
    )
    assert teacher.error("POST", f"classes/{late.id}/handouts", {"path": big})[0] == 507
    assert late.hand_out_path(small)["name"] == small[1:]
    set_quota(server, "teacher", None)


def test_what_one_has_just_stored_can_be_changed(lesson: Class, student: Api) -> None:
    """A mount believes the answer of the upload."""
    lesson.join(student)
    path = f"{lesson.path}/Work/new.txt"
    stored = student.put(path)["permissions"]
    assert "W" in stored
    assert student("GET", f"files?path={path}")["node"]["permissions"] == stored


def test_what_is_deleted_in_a_class_can_be_brought_back(
    lesson: Class, teacher: Api, student: Api, bob: Api
) -> None:
    lesson.join(student, bob)
    mine, plan = f"{lesson.path}/Work/mine.txt", f"{lesson.path}/Materials/plan.md"
    student.put(mine)
    teacher.put(plan)
    student("POST", "files/delete", {"paths": [mine]})
    teacher("POST", "files/delete", {"paths": [plan]})
    deleted = {one["path"]: one["id"] for one in student("GET", "trash")["items"]}
    assert mine in deleted
    assert plan not in deleted
    assert mine not in [one["path"] for one in bob("GET", "trash")["items"]]
    assert bob("POST", "trash/restore", {"ids": [deleted[mine]]})["restored"] == []
    student("POST", "trash/restore", {"ids": [deleted[mine]]})
    assert student.names(f"{lesson.path}/Work") == ["mine.txt"]
    again = {one["path"]: one["id"] for one in teacher("GET", "trash")["items"]}
    teacher("POST", "trash/restore", {"ids": [again[plan]]})
    assert student.names(f"{lesson.path}/Materials") == ["plan.md"]


def test_what_an_update_deleted_can_be_brought_back(lesson: Class, teacher: Api, student: Api) -> None:
    lesson.join(student)
    folder = f"sheet {uuid4().hex[:8]}"
    teacher("POST", "folders", {"path": f"/{folder}"}, 201)
    teacher.put(f"/{folder}/a.txt", b"a")
    handout = lesson.hand_out_path(f"/{folder}")
    teacher("POST", "files/delete", {"paths": [f"/{folder}/a.txt"]})
    teacher("POST", f"classes/{lesson.id}/handouts/{handout['id']}/update")
    work = f"{lesson.path}/Work/{folder}"
    assert student.names(work) == []
    gone = [one["id"] for one in student("GET", "trash")["items"] if one["path"] == f"{work}/a.txt"]
    student("POST", "trash/restore", {"ids": gone})
    assert student.names(work) == ["a.txt"]
