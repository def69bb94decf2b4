"""OCS, as the clients of ownCloud and Nextcloud speak it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygnet_hub.services.sync.handlers.ocs.envelope import render
from tests.hub.sync.api import Api
from tests.sync_server import SyncServer

SHARES = "apps/files_sharing/api/v1/shares"


def data(answer: httpx.Response) -> Any:
    assert answer.json()["ocs"]["meta"]["status"] == "ok", answer.text
    return answer.json()["ocs"]["data"]


def test_clients_learn_what_there_is_before_they_log_in(server: SyncServer) -> None:
    status = httpx.get(f"{server.url}/status.php").json()
    assert status["installed"] is True
    assert status["maintenance"] is False
    answer = httpx.get(f"{server.url}/ocs/v1.php/cloud/capabilities?format=json").json()["ocs"]
    assert answer["meta"]["statuscode"] == 100
    capabilities = answer["data"]["capabilities"]
    assert capabilities["dav"]["chunking"] == "1.0"
    assert all(kind.isupper() for kind in capabilities["checksums"]["supportedTypes"])
    assert capabilities["files_sharing"]["api_enabled"] is True


def test_the_two_versions_say_how_it_went_in_their_own_way(teacher: Api) -> None:
    for version, ok in ((1, 100), (2, 200)):
        answer = teacher.ocs("GET", "cloud/user", version)
        assert (answer.status_code, answer.json()["ocs"]["meta"]["statuscode"]) == (200, ok)
    missing = f"{SHARES}/99999"
    first, second = teacher.ocs("GET", missing, 1), teacher.ocs("GET", missing, 2)
    assert (first.status_code, first.json()["ocs"]["meta"]["statuscode"]) == (200, 404)
    assert (second.status_code, second.json()["ocs"]["meta"]["statuscode"]) == (404, 404)


def test_no_login_is_401_with_a_basic_challenge_in_both(server: SyncServer) -> None:
    for version in (1, 2):
        answer = httpx.get(f"{server.url}/ocs/v{version}.php/cloud/user?format=json")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert answer.json()["ocs"]["meta"]["statuscode"] == 997


def test_xml_is_what_comes_when_nothing_is_asked_for(teacher: Api) -> None:
    answer = teacher.http.get("/ocs/v2.php/cloud/user")
    assert answer.headers["Content-Type"].startswith("application/xml")
    tree = ElementTree.fromstring(answer.content)
    assert tree.findtext("meta/statuscode") == "200"
    assert tree.findtext("data/id") == "teacher"
    assert tree.findtext("data/display-name") == "Grace Hopper"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=10,
    )
)
def test_every_value_can_be_written_as_xml(value: object) -> None:
    ElementTree.fromstring(render(value, code=200, message="", as_json=False))


def test_a_share_from_pending_to_accepted_and_gone(teacher: Api, student: Api) -> None:
    teacher.put("/ocs.txt")
    made = data(teacher.ocs("POST", SHARES, path="/ocs.txt", shareType=0, shareWith="student", permissions=1))
    assert (made["share_type"], made["share_with"], made["permissions"], made["state"]) == (
        0,
        "student",
        1,
        1,
    )
    waiting = data(student.ocs("GET", f"{SHARES}/pending"))
    assert [share["id"] for share in waiting] == [made["id"]]
    accepted = data(student.ocs("POST", f"{SHARES}/pending/{made['id']}"))
    assert accepted[0]["state"] == 0
    assert accepted[0]["file_target"] == "/Shares/ocs.txt"
    with_me = data(student.ocs("GET", f"{SHARES}?shared_with_me=true"))
    assert [share["id"] for share in with_me] == [made["id"]]
    assert with_me[0]["uid_file_owner"] == "teacher"
    changed = data(teacher.ocs("PUT", f"{SHARES}/{made['id']}", permissions=3, expireDate="2099-12-31"))
    assert (changed["permissions"], changed["expiration"]) == (3, "2099-12-31 00:00:00")
    data(student.ocs("DELETE", f"{SHARES}/{made['id']}"))
    assert data(student.ocs("GET", f"{SHARES}?shared_with_me=true")) == []
    data(teacher.ocs("DELETE", f"{SHARES}/{made['id']}"))
    assert teacher.ocs("GET", f"{SHARES}/{made['id']}").status_code == 404


def test_a_public_link(teacher: Api) -> None:
    teacher("POST", "folders", {"path": "/linked"}, 201)
    made = data(teacher.ocs("POST", SHARES, path="/linked", shareType=3, password="geheim", name="for you"))
    assert made["url"].endswith(f"/s/{made['token']}")
    assert made["permissions"] == 1
    assert made["share_with"] == "***redacted***"
    assert "geheim" not in str(made)
    assert made["label"] == "for you"
    upload = data(teacher.ocs("PUT", f"{SHARES}/{made['id']}", publicUpload="true"))
    assert upload["permissions"] == 15
    of_path = data(teacher.ocs("GET", f"{SHARES}?path=/linked"))
    assert [share["id"] for share in of_path] == [made["id"]]


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"shareWith": "teacher"}, 400, "You cannot share something with yourself."),
        ({"shareWith": "nobody"}, 404, 'There is no account "nobody".'),
        ({"shareType": 6}, 501, "Only shares with people, groups and by link are offered here."),
        ({"shareType": "x"}, 400, '"shareType" must be a whole number.'),
        ({"path": ""}, 400, "Say what to share: the path is missing."),
        ({"permissions": 99}, 400, "The permissions of a share are a number from 1 to 31."),
        ({"permissions": 4}, 400, "A share must at least allow to view."),
        ({"expireDate": "2001-01-01"}, 400, "The expiry date lies in the past."),
    ],
)
def test_bad_requests_are_told_in_words(teacher: Api, fields: dict[str, Any], code: int, words: str) -> None:
    teacher.put("/ocs-bad.txt")
    request = {"path": "/ocs-bad.txt", "shareType": 0, "shareWith": "student", **fields}
    meta = teacher.ocs("POST", SHARES, 1, **request).json()["ocs"]["meta"]
    assert (meta["message"], meta["statuscode"] in (code, 996)) == (words, True)


def test_people_are_found_exactly_and_by_parts(teacher: Api) -> None:
    path = "apps/files_sharing/api/v1/sharees"
    exact = data(teacher.ocs("GET", f"{path}?search=ada&itemType=file"))
    assert [user["value"]["shareWith"] for user in exact["exact"]["users"]] == ["ada"]
    part = data(teacher.ocs("GET", f"{path}?search=noether&itemType=file"))
    assert [user["value"] for user in part["users"]] == [{"shareType": 0, "shareWith": "student"}]
    groups = data(teacher.ocs("GET", f"{path}?search=sta&itemType=file"))["groups"]
    assert [group["value"]["shareWith"] for group in groups] == ["staff"]
    own = data(teacher.ocs("GET", f"{path}?search=teacher&itemType=file"))
    assert own["exact"]["users"] == []


def test_an_app_password_can_end_itself_and_make_no_other(server: SyncServer, teacher: Api) -> None:
    assert teacher.ocs("GET", "core/getapppassword").status_code == 403
    secret = server.app_password("bob", scopes=frozenset({"files:read", "shares"}))
    with httpx.Client(base_url=server.url, auth=("bob", secret)) as client:
        assert client.get("/ocs/v2.php/cloud/user").status_code == 200
        assert client.delete("/ocs/v2.php/core/apppassword").status_code == 200
        assert client.get("/ocs/v2.php/cloud/user").status_code == 401


def test_of_others_only_the_name_is_told(teacher: Api) -> None:
    assert data(teacher.ocs("GET", "cloud/users/student")) == {
        "id": "student",
        "display-name": "Emmy Noether",
        "displayname": "Emmy Noether",
    }
    assert teacher.ocs("GET", "cloud/users/student/groups").status_code == 403
    assert data(teacher.ocs("GET", "cloud/users/teacher/groups"))["groups"] == ["class", "staff"]


def test_clients_are_told_of_trash_and_versions(server: SyncServer) -> None:
    files = Api(server, "ada").ocs("GET", "cloud/capabilities").json()["ocs"]["data"]["capabilities"]["files"]
    assert (files["undelete"], files["versioning"]) == (True, True)
