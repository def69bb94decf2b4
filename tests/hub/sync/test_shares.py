"""Shares: from "shared with me, pending" to "copied to my files", and everything that must not happen."""

from __future__ import annotations

import datetime
import time

import httpx
import pytest

from tests.hub.sync.api import Api, link_token
from tests.sync_server import SyncServer


@pytest.fixture
def folder(teacher: Api, request: pytest.FixtureRequest) -> str:
    """A folder of the teacher's for one test."""
    path = f"/{request.node.name}"
    teacher("POST", "folders", {"path": path}, 201)
    return path


def received(api: Api, share_id: str) -> dict[str, object] | None:
    shares = api("GET", "shares?view=with-me")["shares"]
    return next((share for share in shares if share["id"] == share_id), None)


def test_a_share_waits_for_an_answer(teacher: Api, student: Api, folder: str) -> None:
    share = teacher.share(folder, "student", note="Please read")
    assert share["state"] == "pending"
    assert share["role"] == "viewer"
    assert "Shares" not in student.names()
    seen = received(student, share["id"])
    assert seen is not None
    assert (seen["state"], seen["path"], seen["note"]) == ("pending", None, "Please read")
    assert seen["owner"] == {"id": "teacher", "display_name": "Grace Hopper"}
    accepted = student("POST", f"shares/{share['id']}/accept")
    assert accepted["path"] == f"/Shares{folder}"
    assert folder[1:] in student.names("/Shares")
    assert teacher("GET", f"shares/{share['id']}")["state"] == "accepted"


def test_declining_takes_it_away_and_it_can_be_had_again(teacher: Api, student: Api, folder: str) -> None:
    share = teacher.share(folder, "student")
    student("POST", f"shares/{share['id']}/accept")
    student("POST", f"shares/{share['id']}/decline")
    assert student.error("GET", f"files?path=/Shares{folder}")[0] == 404
    assert teacher("GET", f"shares/{share['id']}")["state"] == "declined"
    student("POST", f"shares/{share['id']}/accept")
    assert student("GET", f"files?path=/Shares{folder}")["children"] == []


def test_a_viewer_changes_nothing(teacher: Api, student: Api, folder: str) -> None:
    teacher.put(f"{folder}/a.txt")
    share = teacher.share(folder, "student")
    student("POST", f"shares/{share['id']}/accept")
    inside = f"/Shares{folder}"
    assert student.http.put(f"/api/v1/content?path={inside}/a.txt", content=b"x").status_code == 403
    assert student.http.put(f"/api/v1/content?path={inside}/b.txt", content=b"x").status_code == 403
    assert student.error("POST", "folders", {"path": f"{inside}/c"})[0] == 403
    move = {"source": f"{inside}/a.txt", "destination": "/stolen.txt"}
    assert student.error("POST", "files/move", move)[0] == 403
    assert student("POST", "files/delete", {"paths": [f"{inside}/a.txt"]})["deleted"] == []
    assert teacher.names(folder) == ["a.txt"]


def test_an_editor_does_until_the_role_is_taken_back(teacher: Api, student: Api, folder: str) -> None:
    share = teacher.share(folder, "student", role="editor")
    student("POST", f"shares/{share['id']}/accept")
    student.put(f"/Shares{folder}/by-student.txt")
    assert teacher.names(folder) == ["by-student.txt"]
    assert teacher("PATCH", f"shares/{share['id']}", {"role": "viewer"})["role"] == "viewer"
    path = f"/api/v1/content?path=/Shares{folder}/by-student.txt"
    assert student.http.put(path, content=b"x").status_code == 403


def test_ending_a_share_ends_it_at_once(teacher: Api, student: Api, folder: str) -> None:
    share = teacher.share(folder, "student")
    student("POST", f"shares/{share['id']}/accept")
    before = student("GET", "files?path=/")["node"]["etag"]
    teacher("DELETE", f"shares/{share['id']}", status=204)
    assert student.error("GET", f"files?path=/Shares{folder}")[0] == 404
    assert received(student, share["id"]) is None
    assert student("GET", "files?path=/")["node"]["etag"] != before
    assert teacher.error("GET", f"shares/{share['id']}")[0] == 404


def test_what_the_owner_changes_changes_the_receivers_root_etag(
    teacher: Api, student: Api, folder: str
) -> None:
    share = teacher.share(folder, "student")
    student("POST", f"shares/{share['id']}/accept")
    before = student("GET", "files?path=/")["node"]["etag"]
    teacher.put(f"{folder}/new.txt")
    assert student("GET", "files?path=/")["node"]["etag"] != before


def test_a_share_follows_its_file(teacher: Api, student: Api, folder: str) -> None:
    teacher.put(f"{folder}/a.txt", b"first")
    share = teacher.share(f"{folder}/a.txt", "student")
    student("POST", f"shares/{share['id']}/accept")
    teacher("POST", "files/move", {"source": f"{folder}/a.txt", "destination": f"{folder}/renamed.txt"})
    teacher.put(f"{folder}/renamed.txt", b"second")
    mounted = student("GET", f"shares/{share['id']}")["path"]
    assert student.http.get("/api/v1/content", params={"path": mounted}).content == b"second"
    assert teacher("GET", f"shares/{share['id']}")["path"] == f"{folder}/renamed.txt"


def test_a_deleted_file_is_not_shared_any_more(teacher: Api, student: Api, folder: str) -> None:
    teacher.put(f"{folder}/a.txt")
    share = teacher.share(f"{folder}/a.txt", "student")
    link = teacher.share(f"{folder}/a.txt", kind="link")
    student("POST", f"shares/{share['id']}/accept")
    teacher("POST", "files/delete", {"paths": [folder]})
    assert received(student, share["id"]) is None
    assert student.error("GET", f"shares/{share['id']}")[0] == 404
    assert httpx.get(f"{teacher.server.url}/api/v1/public/{link_token(link)}").status_code == 404


def test_two_shares_of_one_name_get_two_names(teacher: Api, student: Api, folder: str) -> None:
    for name in ("x", "y"):
        teacher("POST", "folders", {"path": f"{folder}/{name}"}, 201)
        teacher.put(f"{folder}/{name}/{folder[1:]}.ipynb", name.encode())
        share = teacher.share(f"{folder}/{name}/{folder[1:]}.ipynb", "student")
        student("POST", f"shares/{share['id']}/accept")
    names = student.names("/Shares")
    assert f"{folder[1:]}.ipynb" in names
    assert f"{folder[1:]} (2).ipynb" in names


def test_copying_accepts_and_finds_free_names(teacher: Api, student: Api, folder: str) -> None:
    teacher.put(f"{folder}/n.ipynb", b"{}")
    share = teacher.share(f"{folder}/n.ipynb", "student")
    student("POST", "folders", {"path": folder}, 201)
    for expected in ("n.ipynb", "n (2).ipynb", "n (3).ipynb"):
        copy = student("POST", f"shares/{share['id']}/copy", {"destination": folder}, 201)
        assert copy["path"] == f"{folder}/{expected}"
        assert copy["owner"]["id"] == "student"
    assert received(student, share["id"])["state"] == "accepted"  # type: ignore[index]
    student.put(f"{folder}/n.ipynb", b"mine")
    assert teacher.http.get("/api/v1/content", params={"path": f"{folder}/n.ipynb"}).content == b"{}"


def test_copying_into_what_is_no_folder_changes_nothing(teacher: Api, student: Api, folder: str) -> None:
    share = teacher.share(folder, "student")
    assert student.error("POST", f"shares/{share['id']}/copy", {"destination": "/not/there"})[0] == 409


def test_a_group_share_is_answered_by_each_member(server: SyncServer, teacher: Api, folder: str) -> None:
    share = teacher.share(folder, "staff", kind="group")
    ada, bob = Api(server, "ada"), Api(server, "bob")
    assert received(bob, share["id"]) is None
    ada("POST", f"shares/{share['id']}/accept")
    assert ada("GET", f"files?path=/Shares{folder}")["node"]["kind"] == "folder"
    server.directory.groups["staff"] = frozenset({"teacher"})
    try:
        assert ada.error("GET", f"files?path=/Shares{folder}")[0] == 404
        assert received(ada, share["id"]) is None
    finally:
        server.directory.groups["staff"] = frozenset({"teacher", "ada"})
    assert ada("GET", f"files?path=/Shares{folder}")["children"] == []


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"grantee": "teacher"}, 400, "You cannot share something with yourself."),
        ({"grantee": "nobody"}, 404, 'There is no account "nobody".'),
        ({"grantee": ""}, 404, 'There is no account "".'),
        ({"kind": "group", "grantee": "nobodies"}, 404, 'There is no group "nobodies".'),
        ({"kind": "pigeon"}, 400, '"kind" must be one of user, group, link.'),
        ({"role": "owner"}, 400, '"owner" is not a role; a share is for a viewer or an editor.'),
        ({"expires": "2001-01-01"}, 400, "The expiry date lies in the past."),
        ({"expires": "soon"}, 400, '"soon" is not a date; write it as 2030-12-31.'),
        ({"password": "x"}, 400, "Only a public link can have a password."),
        ({"path": "/nowhere"}, 404, 'There is nothing at "/nowhere".'),
        ({"path": "/a/../b"}, 400, '".." is not a name that a file or folder can have.'),
        ({"path": "/"}, 400, "Your whole space cannot be shared; share a folder in it."),
        ({"note": "x" * 2001}, 400, "The note can have 2000 characters at most."),
        ({"path": 7}, 400, '"path" must be a text.'),
    ],
)
def test_bad_requests_are_told_in_words_and_change_nothing(
    teacher: Api, body: dict[str, object], status: int, words: str
) -> None:
    teacher.put("/bad.txt")
    before = teacher("GET", "shares?view=by-me")
    request = {"path": "/bad.txt", "kind": "user", "grantee": "student", **body}
    assert teacher.error("POST", "shares", request) == (status, words)
    assert teacher("GET", "shares?view=by-me") == before


def test_sharing_twice_with_the_same_person_is_refused(teacher: Api, folder: str) -> None:
    teacher.share(folder, "student")
    request = {"path": folder, "kind": "user", "grantee": "student"}
    status, words = teacher.error("POST", "shares", request)
    assert (status, words) == (409, f'"{folder[1:]}" is already shared with student.')


def test_nobody_passes_on_more_than_they_have(
    server: SyncServer, teacher: Api, student: Api, folder: str
) -> None:
    shared = "apps/files_sharing/api/v1/shares"
    teacher.share(folder, "student")
    made = received(student, teacher("GET", f"shares?view=item&path={folder}")["shares"][0]["id"])
    assert made is not None
    student("POST", f"shares/{made['id']}/accept")
    again = {"path": f"/Shares{folder}", "kind": "user", "grantee": "bob"}
    assert student.error("POST", "shares", again) == (403, "You are not allowed to share this.")
    assert teacher.ocs("PUT", f"{shared}/{made['id']}", permissions=17).status_code == 200
    assert student.error("POST", "shares", {**again, "role": "editor"})[0] == 403
    passed_on = student("POST", "shares", again, 201)
    assert student.error("PATCH", f"shares/{passed_on['id']}", {"role": "editor"})[0] == 403
    bob = Api(server, "bob")
    bob("POST", f"shares/{passed_on['id']}/accept")
    teacher("DELETE", f"shares/{made['id']}", status=204)
    assert received(bob, passed_on["id"]) is None, "what was passed on must end with the share it came from"


def test_others_can_neither_see_nor_end_a_share(
    server: SyncServer, teacher: Api, student: Api, folder: str
) -> None:
    share = teacher.share(folder, "student")
    bob, path = Api(server, "bob"), f"shares/{share['id']}"
    assert bob.error("GET", path)[0] == 404
    assert bob.error("PATCH", path, {"role": "editor"})[0] == 404
    assert bob.error("DELETE", path)[0] == 404
    assert bob.error("POST", f"{path}/accept")[0] == 404
    assert bob.error("POST", f"{path}/copy", {"destination": "/"})[0] == 404
    assert student.error("PATCH", path, {"role": "editor"})[0] == 404
    assert received(student, share["id"]) is not None


def test_an_expired_share_is_over_and_can_be_made_anew(
    server: SyncServer, teacher: Api, student: Api, folder: str
) -> None:
    tomorrow = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)).date().isoformat()
    share = teacher.share(folder, "student", expires=tomorrow)
    assert share["expires"] == tomorrow
    student("POST", f"shares/{share['id']}/accept")
    expire(server, share["id"])
    assert student.error("GET", f"files?path=/Shares{folder}")[0] == 404
    assert received(student, share["id"]) is None
    assert teacher.share(folder, "student")["state"] == "pending"


def test_listings_by_me_links_and_of_one_item(teacher: Api, folder: str) -> None:
    person, link = teacher.share(folder, "student"), teacher.share(folder, kind="link")
    by_me = {share["id"] for share in teacher("GET", "shares?view=by-me")["shares"]}
    links = {share["id"] for share in teacher("GET", "shares?view=links")["shares"]}
    of_item = {share["id"] for share in teacher("GET", f"shares?view=item&path={folder}")["shares"]}
    assert person["id"] in by_me - links
    assert link["id"] in links - by_me
    assert of_item == {person["id"], link["id"]}
    node = teacher("GET", f"files?path={folder}")["node"]
    assert node["share_types"] == [0, 3]


def expire(server: SyncServer, share_id: str) -> None:
    """Let a share's last day have been yesterday."""
    from cygnet_hub.services.sync.store import shares

    past = time.time() - 1
    server.services.database.write_now(lambda c: shares.change(c, int(share_id), expires=past))


def test_what_comes_back_from_the_trash_is_shared_as_before(teacher: Api, student: Api, folder: str) -> None:
    share = teacher.share(folder, "student")
    student("POST", f"shares/{share['id']}/accept")
    teacher("POST", "files/delete", {"paths": [folder]})
    assert student.error("GET", f"files?path=/Shares{folder}")[0] == 404
    node = teacher("GET", "trash")["items"][0]["id"]
    assert len(teacher("POST", "trash/restore", {"ids": [node]})["restored"]) == 1
    assert student("GET", f"files?path=/Shares{folder}")["node"]["kind"] == "folder"


def test_what_was_passed_on_ends_when_its_giver_leaves_the_group(
    server: SyncServer, teacher: Api, student: Api, folder: str
) -> None:
    teacher.put(f"{folder}/f")
    made = teacher.share(folder, "class", "group")
    shared = "apps/files_sharing/api/v1/shares"
    assert teacher.ocs("PUT", f"{shared}/{made['id']}", permissions=17).status_code == 200
    student("POST", f"shares/{made['id']}/accept")
    bob = Api(server, "bob")
    to_bob = student.share(f"/Shares{folder}", "bob")
    bob("POST", f"shares/{to_bob['id']}/accept")
    link = f"public/{link_token(student.share(f'/Shares{folder}', kind='link'))}"
    anybody = Api(server, None)
    assert bob.names(f"/Shares{folder}") == ["f"]
    anybody("GET", link)
    members = server.directory.groups["class"]
    server.directory.groups["class"] = members - {"student"}
    try:
        assert bob.error("GET", f"files?path=/Shares{folder}")[0] == 404
        assert anybody.error("GET", link)[0] == 404
    finally:
        server.directory.groups["class"] = members
    assert bob.names(f"/Shares{folder}") == ["f"]
    anybody("GET", link)
