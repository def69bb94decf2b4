"""Many small files in one request: our own form of it, and Nextcloud's bulk upload."""

from __future__ import annotations

import hashlib
import json
import random
from typing import Any

import pytest
from sqlalchemy import func, select

from cygnet_hub.services.sync.service.fsck import check
from cygnet_hub.services.sync.store.schema import extent, journal
from tests.hub.sync.api import Api
from tests.hub.sync.dav import Answer, Dav, set_quota
from tests.sync_server import SyncServer

FILES = {f"/many/{n} ü.txt": random.Random(n).randbytes(n * 7) for n in range(250)}


def batch(api: Api, files: list[dict[str, Any]], data: bytes, status: int = 200) -> Any:
    line = json.dumps({"files": files}).encode() + b"\n"
    answer = api.http.post("/api/v1/batch", content=line + data)
    assert answer.status_code == status, answer.text
    return answer.json()


def entries(files: dict[str, bytes], **more: Any) -> list[dict[str, Any]]:
    return [{"path": path, "size": len(data), **more} for path, data in files.items()]


def fetch(api: Api, query: str) -> dict[str, bytes | None]:
    answer = api.http.get(f"/api/v1/batch?{query}")
    assert answer.status_code == 200, answer.text
    line, _, rest = answer.content.partition(b"\n")
    found: dict[str, bytes | None] = {}
    for entry in json.loads(line)["files"]:
        size = entry["size"]
        found[entry["node"]["path"]] = None if size is None else rest[:size]
        rest = rest[size or 0 :]
    assert not rest
    return found


def extents(server: SyncServer) -> int:
    count = select(func.count()).select_from(extent)
    return int(server.services.database.read_now(lambda c: c.execute(count).scalar_one()))


def test_a_batch_is_one_extent_and_comes_back_whole(server: SyncServer) -> None:
    ada = Api(server, "ada")
    ada("POST", "folders", {"path": "/many"}, 201)
    before = extents(server)
    results = batch(ada, entries(FILES, mtime=1.5e9), b"".join(FILES.values()))["results"]
    assert [result["path"] for result in results] == list(FILES)
    assert all(result["created"] and result["node"]["mtime"] == 1.5e9 for result in results)
    assert extents(server) == before + 1
    assert fetch(ada, "path=/many") == FILES
    dav = Dav(server, "ada")
    shown = dav.list("/many")
    for result in results:
        assert shown[result["path"]]["getetag"] == f'"{result["node"]["etag"]}"'
    one = "/many/200 ü.txt"
    assert dav.get(one) == FILES[one]
    assert hashlib.sha1(FILES[one]).hexdigest() in shown[one]["checksums"]
    report = check(server.services.database, server.services.disk.contents)
    assert report.clean, report


def test_large_files_come_without_their_bytes(server: SyncServer) -> None:
    ada = Api(server, "ada")
    ada.put("/large", b"x" * 5000)
    ada.put("/small", b"y")
    assert fetch(ada, "path=/large&path=/small&largest=1000") == {"/large": None, "/small": b"y"}
    assert ada.http.get("/api/v1/batch?path=/nothing").status_code == 404


def test_each_file_succeeds_or_fails_for_itself(server: SyncServer) -> None:
    ada = Api(server, "ada")
    old = ada.put("/known", b"old")["etag"]
    ada.put("/known", b"new")
    files = [
        {"path": "/good", "size": 4},
        {"path": "/no/folder/x", "size": 4},
        {"path": "/known", "size": 4, "if_match": f'"{old}"'},
        {"path": "/known", "size": 4, "if_none_match": "*"},
        {"path": "/wrong", "size": 4, "checksum": "SHA1:" + "0" * 40},
        {"path": "/Shares", "size": 4},
    ]
    results = batch(ada, files, b"good" * 6)["results"]
    codes = [result.get("error", {}).get("code") for result in results]
    refused = ["conflict", "precondition-failed", "precondition-failed", "checksum-mismatch", "forbidden"]
    assert codes == [None, *refused]
    assert fetch(ada, "path=/good&path=/known") == {"/good": b"good", "/known": b"new"}
    assert "wrong" not in ada.names()


def test_new_files_are_what_they_would_be_one_by_one(server: SyncServer) -> None:
    ada, dav = Api(server, "ada"), Dav(server, "ada")
    for folder in ("/mixed", "/mixed/inner"):
        ada("POST", "folders", {"path": folder}, 201)
    dav.put("/mixed/old", b"as it was")
    etag = dav.etag("/mixed")
    paths = [
        "/mixed/a",
        "/mixed/old",
        "/mixed/inner/b",
        "/mixed/a",
        "/mixed/none/c",
        "/mixed/e\u0301",
        "/mixed/\u00e9",
    ]
    files = [{"path": path, "size": 1} for path in paths]
    results = batch(ada, files, b"1234567")["results"]
    assert [result.get("created") for result in results] == [True, False, True, False, None, True, False]
    assert results[4]["error"]["code"] == "conflict"
    for position, path in enumerate(paths):
        if position not in (0, 4, 5):  # overwritten by a later one, or refused
            assert dav.get(path) == b"1234567"[position : position + 1]
            assert f'"{results[position]["node"]["etag"]}"' == dav("HEAD", path).etag
    assert dav.etag("/mixed") != etag
    assert len(ada("GET", "versions?path=/mixed/a")["versions"]) == 2
    dav("DELETE", "/mixed/a")
    assert dav.put("/mixed/a", b"anew").status == 201  # numbers go on behind those that were reserved
    report = check(server.services.database, server.services.disk.contents)
    assert report.clean, report
    seqs = select(journal.c.space, journal.c.seq)
    rows = server.services.database.read_now(lambda c: c.execute(seqs).all())
    assert len(rows) == len(set(rows))


def test_a_batch_that_is_refused_whole_leaves_nothing(server: SyncServer) -> None:
    bob = Api(server, "bob")
    bob.names()
    set_quota(server, "bob", 10)
    before = extents(server)
    results = batch(bob, entries({"/a": b"x" * 20, "/b": b"y" * 20}), b"x" * 20 + b"y" * 20)["results"]
    assert {result["error"]["code"] for result in results} == {"quota-exceeded"}
    assert extents(server) == before
    report = check(server.services.database, server.services.disk.contents)
    assert report.clean, report
    set_quota(server, "bob", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}\n",
        b"[]\n",
        b'{"files": [1]}\n',
        b'{"files": [{"path": "/x"}]}\nabc',
        b'{"files": [{"path": "/x", "size": 4}]}\nabc',
        b'{"files": [{"path": "/x", "size": 2}]}\nabc',
        b'{"files": [{"path": "/x", "size": -1}]}\n',
        b'{"files": [{"path": "/x", "size": 1e400}]}\na',
        b'{"files": [{"path": "/../x", "size": 0}]}\n',
    ],
)
def test_a_batch_that_cannot_be_read_changes_nothing(server: SyncServer, body: bytes) -> None:
    ada = Api(server, "ada")
    assert ada.http.post("/api/v1/batch", content=body).status_code == 400
    assert "x" not in ada.names()


def multipart(files: dict[str, bytes], **headers: str) -> bytes:
    parts = []
    for path, data in files.items():
        lines = {"X-File-Path": path, "X-File-MD5": hashlib.md5(data).hexdigest(), "X-OC-Mtime": "1500000000"}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        parts.append(f"--b\r\n{head}Content-Length: {len(data)}\r\n\r\n".encode() + data + b"\r\n")
    return b"".join(parts) + b"--b--\r\n"


@pytest.fixture
def bulk(server: SyncServer) -> Any:
    dav = Dav(server, "teacher", "/remote.php/dav/bulk")

    def send(body: bytes, kind: str = "multipart/related; boundary=b") -> Answer:
        return dav("POST", "", body, Content_Type=kind)

    return send


def test_nextcloud_uploads_in_bulk(server: SyncServer, bulk: Any) -> None:
    files = {"/one.txt": b"1\r\n--b--\r\n", "/zwei ü.txt": b"", "/no/folder": b"3"}
    answer = bulk(multipart(files))
    told = json.loads(answer.body)
    assert answer.status == 200
    shown = Dav(server, "teacher").list("/")
    for path in ("/one.txt", "/zwei ü.txt"):
        assert told[path]["error"] is False
        assert f'"{told[path]["etag"]}"' == shown[path]["getetag"]
        assert told[path]["fileid"] == shown[path]["id"]
        assert told[path]["permissions"] == shown[path]["permissions"]
    assert Dav(server, "teacher").get("/one.txt") == files["/one.txt"]
    assert told["/no/folder"]["error"] is True
    wrong = json.loads(bulk(multipart({"/wrong": b"x"}, X_File_MD5="0" * 32)).body)
    assert "checksum" in wrong["/wrong"]["message"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (multipart({"/never": b"x"}), "multipart/mixed; boundary=b"),
        (multipart({"/never": b"x"}), "multipart/related"),
        (multipart({"/never": b"x"})[:-9], "multipart/related; boundary=b"),
        (multipart({"/never": b"x"}, Content_Length="9"), "multipart/related; boundary=b"),
        (b"--b\r\nno colon\r\n\r\n", "multipart/related; boundary=b"),
        (b"--b\r\nX: \xff\r\n\r\n", "multipart/related; boundary=b"),
        (b"", "multipart/related; boundary=b"),
    ],
)
def test_a_bulk_upload_that_cannot_be_read_changes_nothing(
    server: SyncServer, bulk: Any, body: bytes, kind: str
) -> None:
    assert bulk(body, kind).status == 400
    assert "/never" not in Dav(server, "teacher").list("/")
