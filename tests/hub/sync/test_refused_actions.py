"""What somebody may not do is refused in every way of doing it, by whatever door, and changes nothing.

Each way is tried by a viewer of a share, with a password for reading, and against a lock; each way
of reading with a password and a token that are not for it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.hub.sync.api import Api, client, link_token
from tests.hub.sync.dav import USUAL, Answer, Dav
from tests.hub.sync.test_batch import multipart
from tests.hub.sync.test_tus import create
from tests.sync_server import SyncServer

SECRET = b"nobody else should read this"
NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()
LOCK = (
    '<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope>'
    "<d:locktype><d:write/></d:locktype></d:lockinfo>"
)
COLOUR = (
    '<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><x xmlns="y:">z</x></d:prop></d:set></d:propertyupdate>'
)
STAR = (
    '<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><oc:favorite xmlns:oc="http://owncloud.org/ns">1</oc:favorite>'
    "</d:prop></d:set></d:propertyupdate>"
)
CHANGES = (
    '<d:sync-collection xmlns:d="DAV:"><d:sync-token/><d:sync-level>1</d:sync-level>'
    "<d:prop><d:getetag/></d:prop></d:sync-collection>"
)
STARRED = (
    '<oc:filter-files xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getetag/></d:prop>'
    "<oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>"
)
ETAG = '<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop></d:propfind>'


class Who:
    """Somebody with a credential.

    Args:
        folder: where the folder that all is about is in their tree.
        secret: their password; beginning with "Bearer ", their token.
    """

    def __init__(self, server: SyncServer, user: str, folder: str, secret: str) -> None:
        basic = "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
        self.headers = {"Authorization": secret if secret.startswith("Bearer ") else basic}
        self.server, self.user, self.folder = server, user, folder
        self.extra: dict[str, str] = {}
        #: What they may do as they like with.
        self.mine = "/mine"
        self.http = client(base_url=server.url, headers=self.headers)

    def tree(self, root: str = "files") -> Dav:
        """A tree of WebDAV of theirs."""
        dav = Dav(self.server, self.user, f"/remote.php/dav/{root}/{self.user}")
        dav.headers = self.headers
        return dav

    def __call__(self, method: str, name: str, body: bytes | str | None = None, **headers: str) -> Answer:
        return self.tree()(method, f"{self.folder}/{name}", body, **headers, **self.extra)

    def url(self, name: str) -> str:
        """The address of something in the folder."""
        return self.tree().url(f"{self.folder}/{name}")

    def api(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call the JSON API."""
        return self.http.request(method, f"/api/v1/{path}", **more)


class World:
    """A folder of the teacher's: files `f` (changed once) and `g`, folders `d` and `e` with a file each."""

    def __init__(self, server: SyncServer) -> None:
        self.server, self.owner = server, Dav(server, "teacher")
        self.teacher, self.student = Api(server, "teacher"), Api(server, "student")
        for folder in ("/world", "/world/d", "/world/e", "/other"):
            assert self.owner("MKCOL", folder).status == 201
        for name in ("world/f", "world/f", "world/g", "world/d/x", "world/e/y", "other/mine"):
            assert self.owner.put(f"/{name}", SECRET).status in (201, 204)
        for dav in (self.owner, Dav(server, "student")):
            assert dav.put("/mine", b"mine").status == 201
        shared = self.teacher.share("/world", "student", role="editor")
        self.student("POST", f"shares/{shared['id']}/accept")
        self.share = shared["id"]
        self.id = int(
            self.owner("HEAD", "/world/f").headers.get("OC-FileId", "0").split("oc")[0] or 0
        ) or int(self.teacher("GET", "files?path=/world/f")["node"]["id"])
        versions = self.teacher("GET", "versions?path=/world/f")["versions"]
        self.version = int(versions[-1]["id"])
        self.teacher.put("/published.ipynb", NOTEBOOK)
        self.entry = self.teacher("POST", "gallery", {"path": "/published.ipynb"}, 201)["id"]
        Api(server, "bob").put("/given")
        self.given = Api(server, "bob").share("/given", "class", "group")["id"]
        self.lesson = self.teacher("POST", "classes", {"name": "refused"}, 201)["id"]
        self.link = link_token(self.teacher.share("/mine", kind="link"))

    def state(self) -> tuple[Any, ...]:
        """What must not change: the etags of everything, and what is in the trash."""
        trash = Dav(self.server, "teacher", "/remote.php/dav/trash-bin/teacher").list("/")
        parts = (self.owner.list(f"/world/{name}") for name in ("", "d", "e"))
        props = [self.owner.list(f"/world/{name}", "0")[f"/world/{name}"] for name in "fg"]
        return [*parts], props, sorted(trash), self.mine()

    def mine(self) -> list[bool]:
        """Whether what people may do as they like with is still there."""
        places = ((self.teacher, "/"), (self.teacher, "/other"), (self.student, "/"))
        return ["mine" in api.names(path) for api, path in places]


@pytest.fixture(scope="module")
def world(server: SyncServer) -> World:
    return World(server)


#: A way of changing something, tried by somebody: the status of what refuses it, or of its end.
Way = Callable[[Who, World], int]


def relocate(method: str, source: str, destination: str) -> Way:
    """MOVE or COPY; `mine` is theirs, "/out" is in their tree, and all else in the folder."""

    def run(who: Who, _world: World) -> int:
        there = who.tree().url(destination) if destination[0] == "/" else who.url(destination)
        if source == "mine":
            return who.tree()(method, who.mine, Destination=there, **who.extra).status
        return who(method, source, Destination=there).status

    return run


def upload(who: Who, _world: World) -> int:
    uploads = who.tree("uploads")
    steps = (
        lambda: uploads("MKCOL", "/refused"),
        lambda: uploads.put("/refused/1", b"new"),
        lambda: uploads("MOVE", "/refused/.file", Destination=who.url("f"), **who.extra),
    )
    statuses = [step().status for step in steps]
    uploads("DELETE", "/refused")
    return next((status for status in statuses if status >= 400), statuses[-1])


def tus(who: Who, _world: World) -> int:
    dav = who.tree()
    return create(dav, f"{who.folder}/", 3, b"new", filename="f").status


def bulk(who: Who, _world: World) -> int:
    dav = Dav(who.server, who.user, "/remote.php/dav/bulk")
    dav.headers = who.headers
    answer = dav(
        "POST", "", multipart({f"{who.folder}/f": b"new"}), Content_Type="multipart/related; boundary=b"
    )
    if answer.status >= 400:
        return answer.status
    (told,) = json.loads(answer.body).values()
    words = {"allow": 403, "token": 403, "locked": 423}
    return next((status for word, status in words.items() if word in told.get("message", "")), 200)


def batch(who: Who, _world: World) -> int:
    line = json.dumps({"files": [{"path": f"{who.folder}/{name}", "size": 1} for name in ("f", "new")]})
    answer = who.api("POST", "batch", content=f"{line}\nab".encode())
    if answer.status_code >= 400:
        return answer.status_code
    codes = {one.get("error", {}).get("code") for one in answer.json()["results"]}
    return {"forbidden": 403, "locked": 423}.get(codes.pop() or "", 200) if len(codes) == 1 else 200


def delete(who: Who, _world: World) -> int:
    answer = who.api("POST", "files/delete", json={"paths": [f"{who.folder}/f"]})
    failed = answer.json().get("failed")
    return {"forbidden": 403, "locked": 423}[failed[0]["error"]["code"]] if failed else answer.status_code


def version(who: Who, world: World) -> int:
    dav = Dav(who.server, who.user, f"/remote.php/dav/meta/{world.id}/v")
    dav.headers = who.headers
    return dav("COPY", f"/{world.version}", Destination=who.url("f")).status


def version_move(who: Who, world: World) -> int:
    dav = who.tree("versions")
    moved = dav("MOVE", f"/versions/{world.id}/{world.version}", Destination=dav.url("/restore/x"))
    return moved.status


def posted(address: str, /, **body: str) -> Way:
    """A POST of the JSON API; `in/` stands for the folder, and names of the world for what they are."""

    def run(who: Who, world: World) -> int:
        told = {key: value.replace("in/", f"{who.folder}/").rstrip("/") for key, value in body.items()}
        return who.api("POST", address.format(**vars(world)), json=told).status_code

    return run


IN_WEBDAV: dict[str, Way] = {
    "PUT": lambda who, _: who("PUT", "f", b"new").status,
    "PUT of a new file": lambda who, _: who("PUT", "new", b"new").status,
    "large PUT": lambda who, _: who("PUT", "f", b"n" * 100_000).status,
    "MKCOL": lambda who, _: who("MKCOL", "new").status,
    "DELETE": lambda who, _: who("DELETE", "f").status,
    "DELETE of a folder": lambda who, _: who("DELETE", "d").status,
    "MOVE in": relocate("MOVE", "mine", "new"),
    "MOVE out": relocate("MOVE", "f", "/out"),
    "MOVE of a folder out": relocate("MOVE", "d", "/out"),
    "renaming": relocate("MOVE", "f", "new"),
    "MOVE onto a file": relocate("MOVE", "f", "g"),
    "MOVE from elsewhere onto a file": relocate("MOVE", "mine", "g"),
    "MOVE onto a folder": relocate("MOVE", "d", "e"),
    "COPY in": relocate("COPY", "mine", "new"),
    "COPY onto a file": relocate("COPY", "mine", "g"),
    "COPY onto a folder": relocate("COPY", "d", "e"),
    "PROPPATCH": lambda who, _: who("PROPPATCH", "f", COLOUR).status,
    "LOCK": lambda who, _: who("LOCK", "f", LOCK).status,
    "LOCK of what is not there": lambda who, _: who("LOCK", "new", LOCK).status,
    "the last MOVE of an upload": upload,
}
ELSEWHERE: dict[str, Way] = {
    "TUS": tus,
    "bulk": bulk,
    "batch": batch,
    "COPY of a version": version,
    "MOVE of a version": version_move,
    "JSON PUT": lambda who, _: who.api("PUT", f"content?path={who.folder}/f", content=b"new").status_code,
    "JSON folder": posted("folders", path="in/new"),
    "JSON move": posted("files/move", source="in/f", destination="in/new"),
    "JSON copy": posted("files/copy", source="/mine", destination="in/new"),
    "JSON delete": delete,
    "JSON version": posted("versions/{version}/restore?path=/", path="in/f"),
    "a copy of a share": posted("shares/{given}/copy", destination="in/"),
    "a copy from the gallery": posted("gallery/{entry}/copy", destination="in/"),
    "a copy of what a link shows": posted("public/{link}/copy", destination="in/"),
}
WRITES = IN_WEBDAV | ELSEWHERE


def refuses(way: str, who: Who, world: World, status: int) -> None:
    """See that a way ends in this status and nothing is other than before."""
    before = world.state()
    assert WRITES[way](who, world) == status
    assert world.state() == before


@pytest.fixture
def as_viewer(world: World) -> Iterator[Who]:
    world.teacher("PATCH", f"shares/{world.share}", {"role": "viewer"})
    yield Who(world.server, "student", "/Shares/world", world.server.app_password("student"))
    world.teacher("PATCH", f"shares/{world.share}", {"role": "editor"})


@pytest.mark.parametrize("way", WRITES)
def test_a_viewer_changes_nothing(world: World, as_viewer: Who, way: str) -> None:
    refuses(way, as_viewer, world, 403)


@pytest.mark.parametrize("way", WRITES)
def test_a_password_for_reading_changes_nothing(world: World, way: str) -> None:
    secret = world.server.app_password("teacher", frozenset({"files:read"}))
    refuses(way, Who(world.server, "teacher", "/world", secret), world, 403)


def token_for_other(world: World) -> str:
    """A token of the teacher's that is good for anything in /other."""
    caveats = {"caveats": ["activity:DOWNLOAD,LIST,UPLOAD,MANAGE,DELETE"]}
    told = world.owner("POST", "/other", json.dumps(caveats), Content_Type="application/macaroon-request")
    return f"Bearer {json.loads(told.body)['macaroon']}"


@pytest.mark.parametrize("way", WRITES)
def test_a_token_for_another_folder_changes_nothing(world: World, way: str) -> None:
    who = Who(world.server, "teacher", "/world", token_for_other(world))
    who.mine = "/other/mine"
    refuses(way, who, world, 403)


@pytest.fixture
def locked(world: World) -> Iterator[World]:
    """The folder, locked by its owner with all that is in it."""
    made = world.owner("LOCK", "/world", LOCK, Depth="infinity")
    yield world
    assert world.owner("UNLOCK", "/world", Lock_Token=made.headers["Lock-Token"]).status == 204


@pytest.mark.parametrize("user", ["student", "teacher"])
@pytest.mark.parametrize("way", WRITES)
def test_what_is_locked_is_not_changed_without_its_token(locked: World, way: str, user: str) -> None:
    folder = {"student": "/Shares/world", "teacher": "/world"}[user]
    refuses(way, Who(locked.server, user, folder, locked.server.app_password(user)), locked, 423)


@pytest.mark.parametrize("way", ["MOVE onto a folder", "COPY onto a folder", "DELETE of all"])
def test_what_holds_something_locked_is_not_replaced(world: World, way: str) -> None:
    made = world.owner("LOCK", "/world/e/y", LOCK)
    who = Who(world.server, "student", "/Shares/world", world.server.app_password("student"))
    before = world.state()
    try:
        tried = IN_WEBDAV[way](who, world) if way in IN_WEBDAV else who("DELETE", "e").status
        assert (tried, world.state()) == (423, before)
    finally:
        assert world.owner("UNLOCK", "/world/e/y", Lock_Token=made.headers["Lock-Token"]).status == 204


@pytest.mark.parametrize("way", IN_WEBDAV)
def test_what_was_changed_meanwhile_is_not_changed_again(world: World, way: str) -> None:
    who = Who(world.server, "student", "/Shares/world", world.server.app_password("student"))
    who.extra = {"If": '(["an etag of old"])'}
    refuses(way, who, world, 412)


def query(path: str) -> Way:
    """A GET of the JSON API; `in/` stands for the folder."""

    def run(who: Who, world: World) -> int:
        answer = who.api("GET", path.format(**vars(world)).replace("in/", f"{who.folder}/"))
        assert SECRET not in answer.content
        return answer.status_code

    return run


def asked(method: str, name: str, body: str | None = None, **headers: str) -> Way:
    """A request of WebDAV."""

    def run(who: Who, _world: World) -> int:
        answer = who(method, name, body, **headers)
        assert SECRET not in answer.body and b"getetag" not in answer.body
        return answer.status

    return run


def of_version(method: str, root: str, path: str, body: str | None = None) -> Way:
    """A request about the versions of the file."""

    def run(who: Who, world: World) -> int:
        dav = Dav(who.server, who.user, f"/remote.php/dav/{root.format(**vars(world))}")
        dav.headers = who.headers
        answer = dav(method, path.format(**vars(world)), body, Depth="1")
        assert SECRET not in answer.body and b"getetag" not in answer.body
        return answer.status

    return run


READS: dict[str, Way] = {
    "GET": asked("GET", "f"),
    "GET, as usual": asked("GET", "f", **USUAL),
    "HEAD": asked("HEAD", "f"),
    "HEAD of a folder": asked("HEAD", "d"),
    "PROPFIND": asked("PROPFIND", "f", ETAG, Depth="0"),
    "PROPFIND of a folder": asked("PROPFIND", "", ETAG, Depth="1"),
    "PROPFIND of everything": asked("PROPFIND", "", Depth="1"),
    "what changed": asked("REPORT", "", CHANGES),
    "favourites": asked("REPORT", "", STARRED),
    "a favourite": asked("PROPPATCH", "f", STAR),
    "COPY": relocate("COPY", "f", "/out"),
    "versions": of_version("PROPFIND", "meta/{id}/v", "/", ETAG),
    "versions of the other dialect": of_version("PROPFIND", "versions/teacher", "/versions/{id}", ETAG),
    "a version": of_version("GET", "meta/{id}/v", "/{version}"),
    "a version of the other dialect": of_version("GET", "versions/teacher", "/versions/{id}/{version}"),
    "JSON files": query("files?path=in/"),
    "JSON node": query("files?path=in/f"),
    "JSON content": query("content?path=in/f"),
    "JSON preview": query("preview?path=in/f"),
    "JSON archive": query("archive?path=in/"),
    "JSON versions": query("versions?path=in/f"),
    "JSON content of a version": query("versions/{version}/content?path=in/f"),
    "JSON preview of a version": query("versions/{version}/preview?path=in/f"),
    "JSON open": query("open?file={id}"),
    "JSON search": query("search?q=f"),
    "JSON copy": posted("files/copy", source="in/f", destination="/out"),
    "batch": query("batch?path=in/"),
    "a handout": posted("classes/{lesson}/handouts", path="in/f"),
}


@pytest.fixture(params=["password", "token"])
def blind(request: pytest.FixtureRequest, world: World) -> Who:
    """The owner with what is good for other things."""
    if request.param == "password":
        secret = world.server.app_password("teacher", frozenset({"shares", "files:write"}))
        return Who(world.server, "teacher", "/world", secret)
    return Who(world.server, "teacher", "/world", token_for_other(world))


@pytest.mark.parametrize("way", READS)
def test_nothing_is_read_with_what_is_not_for_it(world: World, blind: Who, way: str) -> None:
    assert READS[way](blind, world) == 403
    assert "/out" not in world.owner.list("/")
