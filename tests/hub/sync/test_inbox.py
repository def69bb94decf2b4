"""The inbox: who is told what, read and unread, at once, by any process, and never without end."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, update

from cygnet_hub.services.sync.model.notices import MAX_AGE, MAX_NOTICES, Facts, News
from cygnet_hub.services.sync.service.troubles import Troubles
from cygnet_hub.services.sync.store import notices as store
from cygnet_hub.services.sync.store import spaces
from cygnet_hub.services.sync.store.inbox_schema import notice
from cygnet_hub.services.sync.store.schema import access_key, credential
from tests.hub.sync.api import Api
from tests.hub.sync.test_classes import Class
from tests.sync_server import SyncServer, sync_server

DAY = 86400.0
EVENTS = {"Accept": "text/event-stream"}


def inbox(api: Api, kind: str = "", item: str = "") -> list[dict[str, Any]]:
    """The notices of a person, of one kind, about one thing."""
    found = api("GET", "notices")["notices"]
    return [one for one in found if kind in ("", one["kind"]) and item in ("", one["item"])]


@pytest.fixture
def lesson(teacher: Api) -> Class:
    return Class(teacher)


def look_after(server: SyncServer, now: float) -> None:
    """What the service does every few seconds, at another time."""
    asyncio.run_coroutine_threadsafe(
        Troubles(server.services.database, lambda: now).tell(), server.loop
    ).result(30)


def test_a_share_is_told_until_it_is_answered_or_taken_back(teacher: Api, student: Api) -> None:
    name = f"{uuid4().hex}.ipynb"
    teacher.put(f"/{name}", b"{}")
    share = teacher.share(f"/{name}", "student", note="For Monday")
    (told,) = inbox(student, "share", name)
    assert (told["who"]["display_name"], told["words"], told["share"]) == (
        "Grace Hopper",
        "For Monday",
        share["id"],
    )
    assert told["read"] is False
    assert inbox(teacher, "share", name) == []
    student("POST", f"shares/{share['id']}/accept")
    assert [one["read"] for one in inbox(student, "share", name)] == [True]
    teacher("DELETE", f"shares/{share['id']}", status=204)
    assert inbox(student, "share", name) == []


def test_a_share_with_a_group_is_told_to_its_members_only(teacher: Api, student: Api, bob: Api) -> None:
    name = f"{uuid4().hex}.txt"
    teacher.put(f"/{name}")
    teacher.share(f"/{name}", "class", kind="group")
    assert [len(inbox(api, "share", name)) for api in (student, bob, teacher)] == [1, 0, 0]


def test_a_class_tells_its_students_what_happens(lesson: Class, teacher: Api, student: Api, bob: Api) -> None:
    lesson.join(student)
    name, deadline = f"{uuid4().hex}.ipynb", time.time() + 30 * DAY
    handout = lesson.hand_out(name, deadline=deadline)
    (told,) = inbox(student, "handout", name)
    assert (told["group"], told["group_id"], told["moment"]) == (lesson.name, lesson.id, deadline)
    assert told["path"] == f"{lesson.path}/Work/{name}"
    lesson.join(bob)  # who comes late hears of it too
    assert len(inbox(bob, "handout", name)) == 1

    route = f"classes/{lesson.id}/handouts/{handout['id']}"
    teacher("PUT", f"{route}/deadline", {"deadline": deadline + DAY})
    assert inbox(student, "deadline", name)[0]["moment"] == deadline + DAY
    teacher("PUT", f"{route}/deadline", {"deadline": deadline + 9 * DAY, "user": "bob"})
    assert inbox(bob, "deadline", name)[0]["moment"] == deadline + 9 * DAY
    assert inbox(student, "deadline", name)[0]["moment"] == deadline + DAY

    teacher.put(f"/{name}", b'{"cells": [], "metadata": {"new": 1}, "nbformat": 4, "nbformat_minor": 5}')
    teacher("POST", f"{route}/update", {})
    assert len(inbox(student, "update", name)) == 1

    teacher("POST", f"{route}/collect", {})
    teacher("POST", f"{route}/feedback", {"user": "student", "mark": "18/20", "comment": "Well done"})
    assert [one["words"] for one in inbox(student, "result", name)] == ["18/20"]
    assert inbox(bob, "result", name) == []


def test_what_is_only_read_is_told_too(lesson: Class, student: Api) -> None:
    lesson.join(student)
    name = f"{uuid4().hex}.txt"
    lesson.hand_out(name, b"text", mode="read")
    assert [one["path"] for one in inbox(student, "handout", name)] == [None]


def test_who_has_not_handed_in_is_reminded_once(
    server: SyncServer, lesson: Class, teacher: Api, student: Api, bob: Api
) -> None:
    lesson.join(student, bob)
    name, deadline = f"{uuid4().hex}.ipynb", time.time() + 3 * DAY
    handout = lesson.hand_out(name, deadline=deadline)
    look_after(server, deadline - 2 * DAY)
    assert inbox(student, "due", name) == []
    student("POST", f"classes/{lesson.id}/handouts/{handout['id']}/submit", {})
    for minutes in (30, 20):
        look_after(server, deadline - minutes * 60)
    assert inbox(student, "due", name) == []
    (told,) = inbox(bob, "due", name)
    bob("POST", "notices/read", {"ids": [told["id"]]})
    look_after(server, deadline - 60)
    assert [one["read"] for one in inbox(bob, "due", name)] == [True]
    later = f"classes/{lesson.id}/handouts/{handout['id']}/deadline"
    teacher("PUT", later, {"deadline": deadline + DAY})
    look_after(server, deadline + DAY - 60)
    assert [one["read"] for one in inbox(bob, "due", name)] == [False]  # it is another deadline now


def test_a_teacher_hears_that_a_deadline_is_over(
    server: SyncServer, lesson: Class, teacher: Api, student: Api
) -> None:
    lesson.join(student)
    name = f"{uuid4().hex}.ipynb"
    lesson.hand_out(name, deadline=time.time() - 1)
    collect = server.services.teaching.collecting.collect_due()
    asyncio.run_coroutine_threadsafe(collect, server.loop).result(30)
    assert [one["words"] for one in inbox(teacher, "collected", name)] == ["1/1"]


def test_an_invitation_is_told_until_it_is_answered(teacher: Api, student: Api) -> None:
    name = f"Group {uuid4().hex[:8]}"
    made = teacher("POST", "groups", {"name": name}, 201)
    teacher("POST", f"groups/{made['id']}/members", {"users": ["student"]})
    assert [one["group"] for one in inbox(student, "invitation") if one["group"] == name] == [name]
    student("POST", f"groups/{made['id']}/accept", {}, 204)
    assert [one for one in inbox(student, "invitation") if one["group"] == name] == []


def test_files_that_are_nearly_full_are_told_once_until_there_is_room(server: SyncServer) -> None:
    ada, database = Api(server, "ada"), server.services.database
    ada.put("/big", b"x" * 9_500)

    def limit(total: int | None) -> None:
        def run(connection: Any) -> None:
            home = spaces.home(connection, "ada")
            assert home is not None
            spaces.set_quota(connection, home.id, total)

        database.write_now(run)
        look_after(server, time.time())

    limit(10_000)
    (told,) = inbox(ada, "quota")
    assert told["words"] == "nearly"
    ada("POST", "notices/read", {})
    look_after(server, time.time())
    assert [one["read"] for one in inbox(ada, "quota")] == [True]
    limit(9_500)
    assert [(one["words"], one["read"]) for one in inbox(ada, "quota")] == [("full", False)]
    limit(None)
    assert inbox(ada, "quota") == []


def test_credentials_that_end_are_told(server: SyncServer) -> None:
    now, bob = time.time(), Api(server, "bob")
    key = {"user": "bob", "scopes": "files:read", "temporary": False, "source": ""}
    lasting = {
        **key,
        "id": "CYGNLASTING",
        "label": "Old laptop",
        "created": now - 30 * DAY,
        "expires": now + DAY,
    }
    short = {**key, "id": "CYGNSHORT", "label": "One job", "created": now, "expires": now + 3600}
    session = {
        "kind": "server", "user": "bob", "label": "", "scopes": "", "created": now - 7200, "expires": now - 1,
    }  # fmt: skip
    used = {**session, "id": "used", "secret_hash": "1", "server": "physics", "used": now - 60}
    idle = {**session, "id": "idle", "secret_hash": "2", "server": "gone", "used": None}

    def add(connection: Any) -> None:
        connection.execute(insert(access_key), [lasting, short])
        connection.execute(insert(credential), [used, idle])

    server.services.database.write_now(add)
    for _ in range(2):
        look_after(server, now)
    told = {(one["item"], one["words"]) for one in inbox(bob, "token")}
    assert told == {("Old laptop", "key"), ("physics", "server")}


def test_a_session_reports_its_mount(student: Api) -> None:
    student("POST", "notices/mount", {"message": "“a.txt” cannot be stored: no room."}, 204)
    assert [one["words"] for one in inbox(student, "mount")] == ["“a.txt” cannot be stored: no room."]
    student("POST", "notices/mount", {"message": ""}, 204)
    assert inbox(student, "mount") == []
    assert student.error("POST", "notices/mount", {"message": "x" * 2000})[0] == 400
    assert student.error("POST", "notices/mount", {})[0] == 400


def test_read_and_unread(teacher: Api, student: Api) -> None:
    assert student("POST", "notices/read", {}) == student("GET", "notices/events")
    for number in range(2):
        teacher.put(f"/read{number}.txt")
        teacher.share(f"/read{number}.txt", "student")
    before = student("GET", "notices")
    assert before["unread"] == 2
    newest = before["notices"][0]
    assert newest["item"] == "read1.txt"
    after = student("POST", "notices/read", {"ids": [newest["id"], "no id", "9" * 30]})
    assert after["unread"] == 1 and after["version"] > before["version"]
    assert student("POST", "notices/read", {"ids": [newest["id"]]}) == after  # nothing changed
    assert student("POST", "notices/read", {"ids": [newest["id"]], "read": False})["unread"] == 2
    teacher("POST", "notices/read", {"ids": [newest["id"]]})  # somebody else's
    assert student("GET", "notices")["unread"] == 2
    assert student("POST", "notices/read", {})["unread"] == 0


def test_an_inbox_does_not_grow_without_end(server: SyncServer) -> None:
    now, database = time.time(), server.services.database

    def fill(connection: Any) -> None:
        for number in range(MAX_NOTICES + 20):
            store.put(connection, ["full-inbox"], News("mount", f"n:{number}", Facts(words=str(number))), now)

    database.write_now(fill)
    found = database.read_now(lambda c: store.listing(c, "full-inbox"))
    assert len(found) == MAX_NOTICES and found[0].facts.words == str(MAX_NOTICES + 19)
    some = [one.id for one in found[:150]]
    database.write_now(
        lambda c: c.execute(update(notice).where(notice.c.id.in_(some)).values(created=now - MAX_AGE - 60))
    )
    asyncio.run_coroutine_threadsafe(server.services.inbox.forget_old(), server.loop).result(30)
    assert len(database.read_now(lambda c: store.listing(c, "full-inbox"))) == MAX_NOTICES - 150


@contextmanager
def listening(api: Api) -> Iterator[list[tuple[float, dict[str, int]]]]:
    """Follow somebody's inbox in a thread; what came, with the time."""
    heard: list[tuple[float, dict[str, int]]] = []
    ready = threading.Event()

    def listen() -> None:
        with api.http.stream("GET", "/api/v1/notices/events", headers=EVENTS) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    heard.append((time.monotonic(), json.loads(line.removeprefix("data: "))))
                    ready.set()
                    if heard[-1][1]["unread"] == 0 and len(heard) > 1:
                        return

    thread = threading.Thread(target=listen)
    thread.start()
    assert ready.wait(30)
    yield heard
    api("POST", "notices/read", {})
    thread.join(30)
    assert not thread.is_alive()


def test_news_are_told_at_once_by_every_process(server: SyncServer, teacher: Api) -> None:
    with sync_server(server.data, server._database, server._storage) as other:
        student = Api(other, "student")
        student("POST", "notices/read", {})
        with listening(student) as heard:
            assert heard[0][1]["unread"] == 0
            teacher.put("/news.txt")
            begun = time.monotonic()
            teacher.share("/news.txt", "student")
            deadline = begun + 60
            while len(heard) < 2 and time.monotonic() < deadline:
                time.sleep(0.02)
            assert heard[1][1]["unread"] == 1


def test_nobody_else_hears(server: SyncServer, teacher: Api, bob: Api) -> None:
    with listening(bob) as heard:
        told = len(heard)
        teacher.put("/whisper.txt")
        teacher.share("/whisper.txt", "ada")
        teacher.share("/whisper.txt", "student")
        time.sleep(1.5)  # longer than the service needs to tell those concerned
        assert len(heard) == told
        teacher.share("/whisper.txt", "bob")
    assert Api(server, None).error("GET", "notices")[0] == 401
    assert Api(server, None).error("GET", "notices/events")[0] == 401
