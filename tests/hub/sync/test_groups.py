"""Groups: invited, asked for, joined by a code, left; and what follows for shares."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.hub.sync.api import Api
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer


def make(api: Api, **policies: Any) -> dict[str, Any]:
    """A new group whose admin is the caller."""
    return dict(api("POST", "groups", {"name": f"Group {uuid4().hex[:8]}", **policies}, 201))


def members(api: Api, group: dict[str, Any]) -> dict[str, tuple[str, str]]:
    found = api("GET", f"groups/{group['id']}")["members"]
    return {one["name"]: (one["role"], one["state"]) for one in found}


def invited(api: Api, group: dict[str, Any], guest: Api, role: str = "member") -> None:
    """Let somebody be a member."""
    api("POST", f"groups/{group['id']}/members", {"users": [guest.user], "role": role})
    guest("POST", f"groups/{group['id']}/accept", status=204)


def test_an_invitation_is_accepted_or_declined(teacher: Api, student: Api, bob: Api) -> None:
    group = make(teacher)
    teacher("POST", f"groups/{group['id']}/members", {"users": ["student", "bob"]})
    assert members(teacher, group)["student"] == ("member", "invited")
    assert [one["state"] for one in student("GET", "groups")["groups"] if one["id"] == group["id"]] == [
        "invited"
    ]
    student("POST", f"groups/{group['id']}/accept", status=204)
    bob("POST", f"groups/{group['id']}/decline", status=204)
    assert members(teacher, group) == {"teacher": ("admin", "active"), "student": ("member", "active")}
    assert members(student, group) == members(teacher, group)
    assert bob.error("POST", f"groups/{group['id']}/accept")[0] == 404


def test_a_request_must_say_what_is_asked_for(teacher: Api, student: Api, bob: Api) -> None:
    group = make(teacher, visibility="everyone", joining="request", fields=["Institution"])
    assert group["id"] in [one["id"] for one in student("GET", "groups?view=everyone")["groups"]]
    path = f"groups/{group['id']}"
    status, words = student.error("POST", f"{path}/request", {"answers": {"Institution": " "}})
    assert (status, words) == (400, "Please fill in: Institution.")
    student("POST", f"{path}/request", {"answers": {"Institution": "Göttingen", "Other": "x"}})
    bob("POST", f"{path}/request", {"answers": {"Institution": "Erlangen"}})
    asked = {one["name"]: one["answers"] for one in teacher("GET", path)["members"]}
    assert asked["student"] == {"Institution": "Göttingen"}
    assert student("GET", path)["members"] == []  # not in it yet
    teacher("POST", f"{path}/members/student/approve")
    teacher("POST", f"{path}/members/bob/reject")
    assert members(teacher, group) == {"teacher": ("admin", "active"), "student": ("member", "active")}


def test_a_code_lets_in_until_it_is_taken_back(teacher: Api, student: Api, bob: Api) -> None:
    group = make(teacher, joining="code")
    joined = student("POST", "groups/join", {"code": f" {group['code']} "})
    assert (joined["role"], joined["state"], joined["code"]) == ("member", "active", None)
    new = teacher("POST", f"groups/{group['id']}/code")["code"]
    assert new != group["code"]
    assert bob.error("POST", "groups/join", {"code": group["code"]})[0] == 404
    teacher("PATCH", f"groups/{group['id']}", {"joining": "invitation"})
    assert bob.error("POST", "groups/join", {"code": new})[0] == 404


def test_guessing_codes_is_slowed_down(server: SyncServer) -> None:
    ada = Api(server, "ada")
    answers = [ada.error("POST", "groups/join", {"code": f"guess-{n}"})[0] for n in range(22)]
    assert answers[:20] == [404] * 20
    assert answers[-1] == 429
    server.forget_guesses()


def test_a_group_of_others_is_not_there(teacher: Api, bob: Api) -> None:
    group = make(teacher)
    path = f"groups/{group['id']}"
    for method, address, body in (
        ("GET", path, None),
        ("PATCH", path, {}),
        ("DELETE", path, None),
        ("POST", f"{path}/members", {"users": ["bob"]}),
        ("POST", f"{path}/members/bob/approve", None),
        ("PATCH", f"{path}/members/teacher", {"role": "member"}),
        ("DELETE", f"{path}/members/teacher", None),
        ("POST", f"{path}/request", {}),
        ("POST", f"{path}/code", None),
    ):
        assert bob.error(method, address, body)[0] == 404, address
    assert group["name"] not in str(bob("GET", f"people?q={group['name']}"))
    assert group["name"] in str(teacher("GET", f"people?q={group['name']}"))


def test_what_each_role_may_do(teacher: Api, student: Api, bob: Api) -> None:
    group = make(teacher)
    path = f"groups/{group['id']}"
    invited(teacher, group, student, "manager")
    invited(teacher, group, bob)
    assert bob.error("POST", f"{path}/members", {"users": ["ada"]})[0] == 403
    assert bob.error("DELETE", f"{path}/members/student")[0] == 404
    student("POST", f"{path}/members", {"users": ["ada"]})
    assert student.error("POST", f"{path}/members", {"users": ["ada"], "role": "admin"})[0] == 403
    assert student.error("DELETE", f"{path}/members/teacher")[0] == 403
    assert student.error("PATCH", f"{path}/members/bob", {"role": "manager"})[0] == 403
    assert student.error("DELETE", path)[0] == 403
    student("DELETE", f"{path}/members/bob", status=204)
    assert teacher.error("DELETE", f"{path}/members/teacher")[0] == 409  # nobody would manage it
    teacher("PATCH", f"{path}/members/student", {"role": "admin"})
    teacher("DELETE", f"{path}/members/teacher", status=204)
    assert members(student, group) == {"ada": ("member", "invited"), "student": ("admin", "active")}


def test_members_may_be_hidden_from_one_another(teacher: Api, student: Api) -> None:
    group = make(teacher, members_visible="managers")
    invited(teacher, group, student)
    assert student("GET", f"groups/{group['id']}")["members"] == []


def test_a_share_with_a_group_counts_at_once_and_ends_at_once(
    teacher: Api, student: Api, server: SyncServer
) -> None:
    group = make(teacher)
    name = f"plans {group['id']}"
    teacher("POST", "folders", {"path": f"/{name}"}, 201)
    teacher.put(f"/{name}/a.txt", b"secret")
    share = teacher.share(f"/{name}", group["name"], "group", role="editor")
    assert student.error("POST", f"shares/{share['id']}/accept")[0] == 404
    invited(teacher, group, student)
    student("POST", f"shares/{share['id']}/accept")
    cursor = student("GET", "changes")["cursor"]
    dav = Dav(server, "student")
    assert dav.get(f"/Shares/{name}/a.txt") == b"secret"
    teacher("DELETE", f"groups/{group['id']}/members/student", status=204)
    assert dav("GET", f"/Shares/{name}/a.txt").status == 404
    assert dav("PUT", f"/Shares/{name}/b.txt", b"x").status in (403, 404, 409)
    assert student.error("GET", f"shares/{share['id']}")[0] == 404
    told = student("GET", f"changes?cursor={cursor}")
    assert [one["path"] for one in told["changes"] if one["op"] == "share"][:1] == ["/Shares"]
    teacher.put(f"/{name}/c.txt")
    after = student("GET", f"changes?cursor={told['cursor']}")["changes"]
    assert [one for one in after if name in one["path"]] == []


def test_an_ended_group_gives_nothing_more(teacher: Api, student: Api) -> None:
    group = make(teacher)
    invited(teacher, group, student)
    name = f"gone {group['id']}"
    teacher("POST", "folders", {"path": f"/{name}"}, 201)
    share = teacher.share(f"/{name}", group["name"], "group")
    student("POST", f"shares/{share['id']}/accept")
    teacher("DELETE", f"groups/{group['id']}", status=204)
    assert student.error("GET", f"files?path=/Shares/{name}")[0] == 404
    assert student.error("GET", f"groups/{group['id']}")[0] == 404


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"name": "class"}, 409, "There is a group called"),  # the hub has one of that name
        ({"name": "  "}, 400, "is not a name"),
        ({"name": "a/b"}, 400, "slash"),
        ({"name": "x" * 101}, 400, "100 characters"),
        ({"name": "a\u202eb"}, 400, "can be seen"),
        ({"name": "Fields", "fields": ["a", "a "]}, 400, "different things"),
        ({"name": "Policy", "joining": "always"}, 400, "must be one of"),
    ],
)
def test_what_a_group_cannot_be(teacher: Api, body: dict[str, Any], status: int, words: str) -> None:
    answer = teacher.error("POST", "groups", body)
    assert answer[0] == status
    assert words in answer[1]


def test_names_differ_by_more_than_case(teacher: Api, student: Api) -> None:
    group = make(teacher)
    assert student.error("POST", "groups", {"name": group["name"].upper()})[0] == 409


def test_who_is_not_an_account_is_not_invited_nor_anybody_else(teacher: Api) -> None:
    group = make(teacher)
    answer = teacher.error("POST", f"groups/{group['id']}/members", {"users": ["student", "nobody"]})
    assert answer == (404, "There is no account called nobody.")
    assert list(members(teacher, group)) == ["teacher"]
