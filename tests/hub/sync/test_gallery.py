"""The gallery: published, found, looked at, copied, taken out."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.hub.sync.api import Api
from tests.hub.sync.dav import set_quota
from tests.sync_server import SyncServer


def notebook(*texts: str) -> bytes:
    """A notebook with these texts, and a cell of code."""
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "metadata": {}, "source": text} for text in texts
    ]
    cells.append({"cell_type": "code", "metadata": {}, "source": "1", "outputs": [], "execution_count": None})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


@pytest.fixture
def word() -> str:
    """A word that no other test uses."""
    return f"x{uuid4().hex[:10]}"


def publish(api: Api, path: str, status: int = 201, **more: Any) -> dict[str, Any]:
    return dict(api("POST", "gallery", {"path": path, **more}, status))


def titles(api: Api, **query: str) -> list[str]:
    return [one["title"] for one in api("GET", "gallery", params=query)["entries"]]


def test_a_notebook_is_published_found_and_copied(teacher: Api, student: Api, word: str) -> None:
    teacher.put(f"/{word}.ipynb", notebook(f"# The {word.upper()} boson\nfound by eye"))
    made = publish(teacher, f"/{word}.ipynb", about=" A  first\nlook ", tags=["Physics", "physics ", word])
    assert (made["title"], made["about"], made["tags"]) == (
        f"The {word.upper()} boson",
        "A first look",
        ["physics", word],
    )
    assert (made["mine"], made["path"]) == (True, f"/{word}.ipynb")
    for query in ({"q": word}, {"q": f"FOUND {word}"}, {"tag": word}, {"q": f"{word} grace"}):
        assert titles(student, **query) == [made["title"]], query
    assert titles(student, q=f"{word} nothing") == titles(student, q=f"{word}%") == []
    found = student("GET", "gallery", params={"q": word})
    assert {one["tag"]: one["count"] for one in found["tags"]} == {"physics": 1, word: 1}
    seen = student("GET", f"gallery/{made['id']}")
    assert (seen["mine"], seen["path"], seen["author"]["display_name"]) == (False, None, "Grace Hopper")
    page = student.http.get(f"/api/v1/gallery/{made['id']}/preview")
    assert "boson" in page.text and "sandbox" in page.headers["Content-Security-Policy"]
    paths = [student("POST", f"gallery/{made['id']}/copy", {}, 201)["path"] for _ in range(2)]
    assert paths == [f"/{word}.ipynb", f"/{word} (2).ipynb"]
    student.put(paths[0], b"mine")
    assert b"boson" in teacher.http.get("/api/v1/content", params={"path": f"/{word}.ipynb"}).content


def test_what_was_published_is_shown_until_it_is_published_again(
    teacher: Api, student: Api, word: str
) -> None:
    path = f"/{word}.ipynb"
    teacher.put(path, notebook(f"# First {word}"))
    first = publish(teacher, path)
    teacher.put(path, notebook(f"# Second {word}"))
    assert titles(student, q=word) == [f"First {word}"]
    assert "First" in student.http.get(f"/api/v1/gallery/{first['id']}/preview").text
    copy = student("POST", f"gallery/{first['id']}/copy", {}, 201)["path"]
    assert b"First" in student.http.get("/api/v1/content", params={"path": copy}).content
    assert publish(teacher, path)["id"] == first["id"]
    assert titles(student, q=word) == [f"Second {word}"]
    assert "Second" in student.http.get(f"/api/v1/gallery/{first['id']}/preview").text


def test_it_goes_when_its_author_takes_it_out_or_deletes_it(teacher: Api, student: Api, word: str) -> None:
    path = f"/{word}.ipynb"
    teacher.put(path, notebook(word))
    made = publish(teacher, path)
    assert teacher("GET", "gallery", params={"path": path})["entries"][0]["id"] == made["id"]
    assert student.error("DELETE", f"gallery/{made['id']}")[0] == 404
    teacher("POST", "files/delete", {"paths": [path]})
    assert titles(student, q=word) == []
    assert student.error("GET", f"gallery/{made['id']}/preview")[0] == 404
    assert student.error("POST", f"gallery/{made['id']}/copy", {})[0] == 404
    item = next(one for one in teacher("GET", "trash")["items"] if one["path"] == path)
    teacher("POST", "trash/restore", {"ids": [item["id"]]})
    assert titles(student, q=word) == [word]
    teacher("DELETE", f"gallery/{made['id']}", status=204)
    assert titles(student, q=word) == []
    assert teacher("GET", "gallery", params={"path": path})["entries"] == []
    publish(teacher, path)
    teacher("POST", "files/delete", {"paths": [path]})
    teacher("POST", "trash/delete", {"ids": [item["id"]]})
    assert titles(student, q=word) == []


def test_in_the_name_of_a_group(teacher: Api, bob: Api, student: Api, word: str) -> None:
    teacher.put(f"/{word}.ipynb", notebook(word))
    assert publish(teacher, f"/{word}.ipynb", group="class")["group"] == "class"
    assert titles(student, q=f"{word} class") == [word]
    bob.put(f"/{word}.ipynb", notebook(word))
    assert bob.error("POST", "gallery", {"path": f"/{word}.ipynb", "group": "class"})[0] == 403


def test_only_who_may_share_publishes(teacher: Api, student: Api, word: str) -> None:
    teacher.put(f"/{word}.ipynb", notebook(word))
    share = teacher.share(f"/{word}.ipynb", "student", role="viewer")
    student("POST", f"shares/{share['id']}/accept")
    assert student.error("POST", "gallery", {"path": f"/Shares/{word}.ipynb"})[0] == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"path": "/no.txt"}, 415),
        ({"path": "/broken.ipynb"}, 415),
        ({"path": "/nowhere.ipynb"}, 404),
        ({"path": "/good.ipynb", "about": "x" * 501}, 400),
        ({"path": "/good.ipynb", "tags": ["x" * 41]}, 400),
        ({"path": "/good.ipynb", "tags": [str(n) for n in range(11)]}, 400),
        ({"path": "/good.ipynb", "group": "nobody"}, 403),
        ({}, 400),
    ],
)
def test_what_cannot_be_published(bob: Api, body: dict[str, Any], status: int) -> None:
    bob.put("/no.txt", b"text")
    bob.put("/broken.ipynb", b'{"cells": 7}')
    bob.put("/good.ipynb", notebook("good"))
    assert bob.error("POST", "gallery", body)[0] == status


def test_a_copy_counts_and_needs_an_account(server: SyncServer, teacher: Api, bob: Api, word: str) -> None:
    teacher.put(f"/{word}.ipynb", notebook(word))
    made = publish(teacher, f"/{word}.ipynb")
    set_quota(server, "bob", 10)
    assert bob.error("POST", f"gallery/{made['id']}/copy", {})[0] == 507
    set_quota(server, "bob", None)
    assert bob.error("POST", f"gallery/{made['id']}/copy", {"destination": "/nowhere"})[0] == 404
    nobody = Api(server, None)
    for method, route in (("GET", "gallery"), ("GET", f"gallery/{made['id']}/preview"), ("POST", "gallery")):
        assert nobody.error(method, route)[0] == 401


def test_a_copy_goes_into_a_folder_only(teacher: Api, student: Api, word: str) -> None:
    teacher.put(f"/{word}.ipynb", notebook(f"# {word}"))
    made = publish(teacher, f"/{word}.ipynb")
    student.put(f"/{word}.txt")
    for destination, status in ((f"/{word}.txt", 400), (f"/{word}", 404), ("/../x", 400)):
        assert student.error("POST", f"gallery/{made['id']}/copy", {"destination": destination})[0] == status
