"""Rosters: as spreadsheets save them, and what is wrong with them in words."""

from __future__ import annotations

import pytest

from cygnet_hub.services.sync.model.errors import BadRequest
from cygnet_hub.services.sync.model.roster import read_roster
from tests.hub.sync.api import Api
from tests.hub.sync.test_classes import Class
from tests.sync_server import SyncServer


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"student\nbob\n", ("student", "bob")),
        (b"Name,Account,Group\r\nEmmy,student,A\r\nBob,bob,B\r\n", ("student", "bob")),
        (b"Nom;Compte\nEmmy;student\n", ("student",)),
        (b"\xef\xbb\xbfaccount\tname\nstudent\tEmmy\n", ("student",)),
        ("account;name\nstudent;Noëther\n".encode("utf-16"), ("student",)),
        (b'"name","account"\n"Noether, Emmy","student"\n\n  \n', ("student",)),
    ],
)
def test_tables_are_understood(data: bytes, names: tuple[str, ...]) -> None:
    assert read_roster(data).names == names


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"account,name\nstudent,Emmy\nbob,B\xf6b\n", "Line 3 of the roster is not UTF-8"),
        (b"PK\x03\x04\0\0\0", "not a CSV file"),
        (b"", "no account name"),
        (b"account\n\n", "no account name"),
        (b'account\n"student\n', "cannot be read as CSV"),
        (b"x" * (1 << 20) + b"y", "1 MiB at most"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        read_roster(data)


def send(api: Api, lesson: Class, data: bytes) -> tuple[int, dict[str, object]]:
    answer = api.http.post(f"/api/v1/classes/{lesson.id}/roster", content=data)
    return answer.status_code, answer.json()


def test_a_roster_fills_a_class_once(server: SyncServer) -> None:
    teacher, student, bob = (Api(server, name) for name in ("teacher", "student", "bob"))
    lesson = Class(teacher)
    lesson.join(bob)
    status, done = send(teacher, lesson, b"account\nstudent\nbob\nstudent\n")
    assert status == 200
    assert done == {"added": ["student"], "known": ["bob"], "repeated": ["student"]}
    assert student.names(lesson.path) == ["Materials", "Work"]
    assert send(student, lesson, b"ada\n")[0] == 403


def test_one_wrong_name_and_nobody_is_added(server: SyncServer) -> None:
    teacher, student = Api(server, "teacher"), Api(server, "student")
    lesson = Class(teacher)
    status, answer = send(teacher, lesson, b"student\nemmi\nnoether\n")
    assert status == 404
    assert "no account called emmi, noether" in str(answer)
    assert student.error("GET", f"files?path={lesson.path}")[0] == 404
