"""The service dies after each numbered step of the commit path, for every way of changing files."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from cygnet_hub.services.sync.service.fsck import DAY, check, collect_garbage
from cygnet_hub.services.sync.store import checks
from tests.crash import DURABLE, STEPS, WITHOUT_BODY, remote_server
from tests.hub.sync.dav import Answer, Dav
from tests.hub.sync.test_tus import create, offset, patch
from tests.sync_server import SyncServer, sync_server

OLD, NEW = b"old" * 1000, b"new" * 700_000


def uploads(dav: Dav) -> Dav:
    return Dav(dav.server, dav.user, f"/remote.php/dav/uploads/{dav.user}")


def put(dav: Dav) -> Answer:
    return dav.put("/d/f", NEW)


def put_small(dav: Dav) -> Answer:
    return dav.put("/d/f", b"small")


def put_many(dav: Dav) -> Answer:
    line = json.dumps({"files": [{"path": f"/d/{number}", "size": 1} for number in range(3)]})
    return dav.raw("POST", "/services/sync/api/v1/batch", f"{line}\nabc")


def put_json(dav: Dav) -> Answer:
    return dav.raw("PUT", "/services/sync/api/v1/content?path=/d/f", NEW)


def part(dav: Dav) -> Answer:
    return uploads(dav).put("/up/2", NEW[1_000_000:])


def join(dav: Dav) -> Answer:
    return uploads(dav)("MOVE", "/joined/.file", Destination=dav.url("/d/f"))


def copy(dav: Dav) -> Answer:
    return dav("COPY", "/new", Destination=dav.url("/d/f"))


def move(dav: Dav) -> Answer:
    return dav("MOVE", "/new", Destination=dav.url("/d/f"))


def delete(dav: Dav) -> Answer:
    return dav("DELETE", "/d/f")


def make_folder(dav: Dav) -> Answer:
    return dav("MKCOL", "/d/made")


def restore(dav: Dav) -> Answer:
    trash = Dav(dav.server, dav.user, f"/remote.php/dav/trashbin/{dav.user}/trash")
    thrown = next(
        path for path, values in trash.list("/", props=LOCATION).items() if "gone" in values.values()
    )
    parts = dav.root.replace("/files/", "/trashbin/") + "/restore/gone"
    return trash("MOVE", thrown, Destination=parts)


def revert(dav: Dav) -> Answer:
    number = dav.list("/d/f", "0", FILE_ID)["/d/f"]["fileid"]
    versions = Dav(dav.server, dav.user, f"/remote.php/dav/versions/{dav.user}")
    oldest = min(
        (path for path in versions.list(f"/versions/{number}") if path.count("/") == 3),
        key=lambda p: int(p.rpartition("/")[2]),
    )
    return versions("MOVE", oldest, Destination=versions.url("/restore/x"))


FILE_ID = (
    '<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:fileid/></d:prop></d:propfind>'
)


LOCATION = (
    '<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:trashbin-original-location/>'
    "</d:prop></d:propfind>"
)


class Way(NamedTuple):
    """A way of changing files: the request, the steps that it has, and what shows that it was done."""

    request: Callable[[Dav], Answer]
    steps: tuple[str, ...]
    done: Callable[[Dav], bool]


def holds_new(dav: Dav) -> bool:
    return dav.get("/d/f") == NEW


WAYS = {
    "PUT": Way(put, STEPS, holds_new),
    "small PUT": Way(put_small, STEPS, lambda dav: dav.get("/d/f") == b"small"),
    "batch": Way(
        put_many,
        tuple(s for s in STEPS if s != "compare"),  # what it announces is its length
        lambda dav: [n for n in "012" if f"/d/{n}" in dav.list("/d")] == ["0", "1", "2"],
    ),
    "JSON PUT": Way(put_json, STEPS, holds_new),
    "chunk PUT": Way(
        part, tuple(s for s in STEPS if s != "change"), lambda dav: len(uploads(dav).list("/up")) == 3
    ),
    "chunk MOVE": Way(join, ("compare", *WITHOUT_BODY), holds_new),
    "COPY": Way(copy, WITHOUT_BODY, holds_new),
    "MOVE": Way(move, WITHOUT_BODY, holds_new),
    "DELETE": Way(delete, WITHOUT_BODY, lambda dav: "/d/f" not in dav.list("/d")),
    "MKCOL": Way(make_folder, WITHOUT_BODY, lambda dav: "/d/made" in dav.list("/d")),
    "restore": Way(restore, WITHOUT_BODY, lambda dav: "/gone" in dav.list("/")),
    "restore a version": Way(revert, WITHOUT_BODY, lambda dav: dav.get("/d/f") == b"first"),
}
CASES = [(way, step) for way in WAYS for step in WAYS[way].steps]


def prepare(dav: Dav) -> None:
    """A tree with an old file and a new one, something in the trash, and two uploads that were begun."""
    dav("MKCOL", "/d")
    for path, body in [("/d/f", b"first"), ("/d/f", OLD), ("/new", NEW), ("/gone", b"gone")]:
        assert dav.put(path, body).status in (201, 204)
    assert dav("DELETE", "/gone").status == 204
    for name in ("up", "joined"):
        assert uploads(dav)("MKCOL", f"/{name}").status == 201
        assert uploads(dav).put(f"/{name}/1", NEW[:1_000_000]).status == 201
    assert uploads(dav).put("/joined/2", NEW[1_000_000:]).status == 201


def tree(dav: Dav) -> dict[str, str]:
    return {path: props["getetag"] for folder in ("/", "/d") for path, props in dav.list(folder).items()}


@pytest.mark.parametrize(("way", "step"), CASES, ids=[f"{way} {step}" for way, step in CASES])
def test_a_crash_after_a_step(tmp_path: Path, caplog: pytest.LogCaptureFixture, way: str, step: str) -> None:
    request, _, done = WAYS[way]
    with remote_server(tmp_path, step) as remote:
        dav = Dav(remote, "ada")
        prepare(dav)
        before = tree(dav)
        remote.arm()
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = request(dav)
            assert step == "answer" and answer.status in (200, 201, 204)
        assert remote.wait() == 137
    with sync_server(tmp_path) as server:
        assert "not stopped cleanly" in caplog.text and "0 damaged, 0 corrected" in caplog.text
        dav = Dav(server, "ada")
        assert done(dav) == (step in DURABLE)
        if way != "chunk PUT":
            assert (tree(dav) == before) == (step not in DURABLE)
            assert (tree(dav)["/"] == before["/"]) == (step not in DURABLE)
        verify(server)
        if step not in DURABLE:
            assert request(dav).status in (200, 201, 204)
            assert done(dav)
        verify(server)


@pytest.mark.parametrize("step", STEPS)
def test_a_tus_upload_goes_on_after_a_crash(tmp_path: Path, step: str) -> None:
    """The client asks how far the upload came, and sends what is missing, be it nothing."""
    with remote_server(tmp_path, step) as remote:
        dav = Dav(remote, "ada")
        dav("MKCOL", "/d")
        location = create(dav, "/d", len(NEW), filename="f").headers["Location"]
        assert patch(dav, location, 0, NEW[:1_000_000]).status == 204
        remote.arm()
        with contextlib.suppress(OSError, http.client.HTTPException):
            assert patch(dav, location, 1_000_000, NEW[1_000_000:]).status == 204 and step == "answer"
        assert remote.wait() == 137
    with sync_server(tmp_path) as server:
        dav = Dav(server, "ada")
        came = offset(dav, location)
        assert came in (1_000_000, len(NEW))
        if came < len(NEW):
            assert patch(dav, location, came, NEW[came:]).status == 204
        assert dav.get("/d/f") == NEW
        verify(server)


def verify(server: SyncServer) -> None:
    """Nothing is damaged, and what nothing refers to can be cleared away."""
    services = server.services
    assert check(services.database, services.disk.contents).clean
    kept = {row.key for row in services.database.read_now(lambda c: checks.extents_after(c, 0, 1000))}
    collect_garbage(services.database, services.disk.contents, time.time() + DAY / 2)
    assert kept <= set(dict(services.disk.contents.keys()))
