"""What was deleted in a class is deleted for ever by who may delete there, and by nobody else."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.hub.sync.api import Api
from tests.hub.sync.test_classes import Class


@pytest.fixture
def lesson(teacher: Api) -> Class:
    return Class(teacher)


def deleted(api: Api, path: str) -> list[str]:
    """The ids of what was deleted at a path, as somebody sees it."""
    return [one["id"] for one in api("GET", "trash")["items"] if one["path"] == path]


def test_a_student_deletes_their_own_work_for_ever(
    lesson: Class, teacher: Api, student: Api, bob: Api
) -> None:
    lesson.join(student, bob)
    path = f"{lesson.path}/Work/{uuid4().hex}.txt"
    student.put(path)
    student("POST", "files/delete", {"paths": [path]})
    (node,) = deleted(student, path)
    for other in (bob, teacher):
        answer = other("POST", "trash/delete", {"ids": [node]})
        assert answer["deleted"] == [] and answer["failed"][0]["id"] == node
    assert student("POST", "trash/delete", {"ids": [node]})["deleted"] == [node]
    assert deleted(student, path) == []
    assert student("POST", "trash/restore", {"ids": [node]})["restored"] == []


def test_a_teacher_deletes_materials_for_ever(lesson: Class, teacher: Api, student: Api) -> None:
    lesson.join(student)
    path = f"{lesson.path}/Materials/plan.md"
    teacher.put(path)
    teacher("POST", "files/delete", {"paths": [path]})
    (node,) = deleted(teacher, path)
    assert student("POST", "trash/delete", {"ids": [node]})["deleted"] == []
    teacher("DELETE", "trash", status=204)  # one's own, and not what belongs to the class
    assert deleted(teacher, path) == [node]
    assert teacher("POST", "trash/delete", {"ids": [node]})["deleted"] == [node]
    assert deleted(teacher, path) == []
