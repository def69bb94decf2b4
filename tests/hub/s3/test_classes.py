"""What S3 shows of a class is what every other door shows to the same person, and no more."""

from __future__ import annotations

from typing import Any

from tests.hub.s3.conftest import client
from tests.hub.s3.keys import make_key
from tests.hub.s3.test_boto3 import refusal
from tests.hub.sync.api import Api
from tests.sync_server import SyncServer


def files(api: Api, path: str) -> set[str]:
    """Every file below a folder, by the JSON API; empty folders end in a slash."""
    found: set[str] = set()
    children = api("GET", f"files?path={path}")["children"]
    for node in children:
        found |= {node["path"]} if node["kind"] == "file" else files(api, node["path"])
    return found if children else {path + "/"}


def test_a_class_by_s3(server: SyncServer) -> None:
    teacher, student, bob = (Api(server, name) for name in ("teacher", "student", "bob"))
    lesson = teacher("POST", "classes", {"name": "By S3"}, 201)
    for person in (student, bob):
        person("POST", "groups/join", {"code": lesson["code"]})
    teacher.put("/exercise.txt", b"1 + 1 = ")
    teacher("POST", f"classes/{lesson['id']}/handouts", {"path": "/exercise.txt"}, 201)
    shown: dict[str, set[str]] = {}
    for person in (teacher, student, bob):
        s3 = client(server, make_key(server, str(person.user)))
        shown[str(person.user)] = keys_of(s3, "classes")
        assert shown[str(person.user)] == {
            path.removeprefix("/Classes/") for path in files(person, "/Classes")
        }
        assert {key for key in keys_of(s3, "home") if key.startswith("Classes/")} == {
            f"Classes/{key}" for key in shown[str(person.user)]
        }
        s3.close()
    assert any("bob" in key for key in shown["teacher"])
    assert not any("bob" in key for key in shown["student"])
    s3 = client(server, make_key(server, "student"))
    s3.put_object(Bucket="classes", Key="By S3/Work/exercise.txt", Body=b"1 + 1 = 2")
    for key in ("By S3/Students/bob/exercise.txt", "By S3/Collected/x", "By S3/new.txt", "Other/x"):
        assert refusal(s3.put_object, Bucket="classes", Key=key, Body=b"")[1] in (403, 404, 409), key
        assert refusal(s3.get_object, Bucket="classes", Key=key) == ("NoSuchKey", 404), key
    s3.close()


def keys_of(s3: Any, bucket: str) -> set[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"] for page in pages for item in page.get("Contents", ())}
