"""Resumable uploads by TUS, request by request."""

from __future__ import annotations

import base64
import hashlib
import random
import socket
import time
from urllib.parse import urlsplit

import pytest

from cygnet_hub.services.sync.model.errors import Unavailable
from tests.hub.sync.dav import Answer, Dav, set_quota
from tests.sync_server import SyncServer

DATA = random.Random(4).randbytes(3_000_000)
BODY = "application/offset+octet-stream"
SHA1 = hashlib.sha1(DATA).hexdigest()


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def create(dav: Dav, folder: str, size: int, body: bytes | None = None, **values: str) -> Answer:
    kind = {"Content_Type": BODY} if body is not None else {}
    headers = {"Tus_Resumable": "1.0.0", "Upload_Length": str(size), "Upload_Metadata": metadata(**values)}
    return dav("POST", folder, body, **kind, **headers)


def patch(dav: Dav, location: str, offset: int, body: bytes, **headers: str) -> Answer:
    return dav.raw(
        "PATCH",
        urlsplit(location).path,
        body,
        Tus_Resumable="1.0.0",
        Upload_Offset=str(offset),
        Content_Type=BODY,
        **headers,
    )


def offset(dav: Dav, location: str) -> int:
    answer = dav.raw("HEAD", urlsplit(location).path, Tus_Resumable="1.0.0")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    return int(answer.headers["Upload-Offset"])


def test_options_say_what_can_be_done(ada: Dav) -> None:
    answer = ada("OPTIONS", "/")
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert {"creation", "creation-with-upload", "checksum", "expiration"} <= set(
        answer.headers["Tus-Extension"].split(",")
    )


def test_a_file_comes_in_pieces(ada: Dav) -> None:
    assert ada("MKCOL", "/pieces").status == 201
    made = create(
        ada, "/pieces", len(DATA), filename="ü big.root", mtime="1500000000", checksum=f"SHA1 {SHA1}"
    )
    location = made.headers["Location"]
    assert (made.status, made.headers["Upload-Offset"]) == (201, "0")
    assert "Upload-Expires" in made.headers
    assert location.startswith(ada.server.origin)
    first = patch(ada, location, 0, DATA[:1_000_000])
    assert (first.status, first.headers["Upload-Offset"]) == (204, "1000000")
    assert "/pieces/ü big.root" not in ada.list("/pieces")
    assert offset(ada, location) == 1_000_000
    last = patch(ada, location, 1_000_000, DATA[1_000_000:])
    assert (last.status, last.headers["X-OC-MTime"]) == (204, "accepted")
    shown = ada.list("/pieces")["/pieces/ü big.root"]
    assert last.etag == shown["getetag"]
    assert last.headers["OC-FileId"] == shown["id"]
    assert f"SHA1:{SHA1}" in shown["checksums"]
    assert ada.get("/pieces/ü big.root") == DATA
    assert offset(ada, location) == len(DATA)
    repeated = patch(ada, location, len(DATA), b"")
    assert (repeated.status, repeated.etag) == (204, last.etag)


def test_owncloud_posts_to_the_root_with_a_path_for_a_name(ada: Dav) -> None:
    assert ada("MKCOL", "/deep").status == 201
    headers = {
        "Tus_Resumable": "1.0.0",
        "Upload_Length": "5",
        "Upload_Offset": "0",
        "X_OC_Mtime": "1600000000",
    }
    name = metadata(filename="/deep/small.txt", checksum=f"SHA1 {hashlib.sha1(b'small').hexdigest()}")
    made = ada("POST", "/", "small", Content_Type=BODY, Upload_Metadata=name, **headers)
    assert (made.status, made.headers["Upload-Offset"]) == (201, "5")
    assert made.headers["X-OC-MTime"] == "accepted"
    assert made.etag == ada.etag("/deep/small.txt")
    assert ada.get("/deep/small.txt") == b"small"
    assert offset(ada, made.headers["Location"]) == 5


def test_the_first_bytes_may_come_with_the_creation(ada: Dav) -> None:
    made = create(ada, "/", len(DATA), DATA[:500], filename="started")
    assert (made.status, made.headers["Upload-Offset"]) == (201, "500")
    assert patch(ada, made.headers["Location"], 500, DATA[500:]).status == 204
    assert ada.get("/started") == DATA


def test_an_empty_file_is_there_at_once(ada: Dav) -> None:
    assert create(ada, "/", 0, filename="empty").status == 201
    assert ada.get("/empty") == b""


def test_bytes_are_taken_in_their_order_only(ada: Dav) -> None:
    location = create(ada, "/", 10, filename="ordered").headers["Location"]
    assert patch(ada, location, 5, b"12345").status == 409
    assert patch(ada, location, 0, b"12345").status == 204
    assert patch(ada, location, 0, b"12345").status == 409
    assert patch(ada, location, 5, b"123456").status == 413
    assert offset(ada, location) == 5


def test_wrong_bytes_are_not_taken(ada: Dav) -> None:
    location = create(ada, "/", 5, filename="summed").headers["Location"]
    right = base64.b64encode(hashlib.sha1(b"right").digest()).decode()
    assert patch(ada, location, 0, b"wrong", Upload_Checksum=f"sha1 {right}").status == 460
    assert patch(ada, location, 0, b"right", Upload_Checksum=f"crc64 {right}").status == 400
    assert offset(ada, location) == 0
    assert patch(ada, location, 0, b"right", Upload_Checksum=f"sha1 {right}").status == 204
    assert create(ada, "/", 5, b"wrong", filename="x", checksum="SHA1 " + "0" * 40).status == 400
    assert "/x" not in ada.list("/")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus_Resumable": "0.2.2"}, 412),
        ({"Upload_Length": "many"}, 400),
        ({"Upload_Metadata": "filename ???"}, 400),
        ({"Upload_Metadata": ""}, 400),
        ({"Upload_Metadata": metadata(filename="no/such/folder")}, 409),
        ({"Upload_Metadata": metadata(filename="../x")}, 400),
        ({"If_Match": '"other"'}, 412),
    ],
)
def test_what_cannot_be_is_refused(ada: Dav, headers: dict[str, str], status: int) -> None:
    usual = {"Tus_Resumable": "1.0.0", "Upload_Length": "5", "Upload_Metadata": metadata(filename="no")}
    assert ada("POST", "/", **{**usual, **headers}).status == status
    assert "/no" not in ada.list("/")


def test_the_etag_expected_at_the_beginning_counts_at_the_end(ada: Dav) -> None:
    old = ada.put("/raced", "old").etag
    usual = {"Tus_Resumable": "1.0.0", "Upload_Length": "5", "Upload_Metadata": metadata(filename="raced")}
    location = ada("POST", "/", If_Match=old, **usual).headers["Location"]
    ada.put("/raced", "somebody else")
    assert patch(ada, location, 0, b"12345").status == 412
    # To be told that all bytes came would be to be told that the file is there.
    assert ada.raw("HEAD", urlsplit(location).path, Tus_Resumable="1.0.0").status == 412
    assert ada.get("/raced") == b"somebody else"


def test_uploads_belong_to_who_began_them(server: SyncServer, ada: Dav) -> None:
    location = create(ada, "/", 5, filename="mine").headers["Location"]
    bob = Dav(server, "bob")
    assert patch(bob, location, 0, b"12345").status == 404
    path = urlsplit(location).path
    assert bob.raw("HEAD", path).status == 404
    assert bob.raw("DELETE", path).status == 404
    assert ada.raw("DELETE", path, Tus_Resumable="1.0.0").status == 204
    assert ada.raw("HEAD", path).status == 404


def test_a_full_space_says_so_at_once(server: SyncServer) -> None:
    bob = Dav(server, "bob")
    bob.list("/")
    set_quota(server, "bob", 1000)
    assert create(bob, "/", 2000, filename="large").status == 507
    location = create(bob, "/", 900, filename="fits").headers["Location"]
    set_quota(server, "bob", 100)
    assert patch(bob, location, 0, b"x" * 900).status == 507
    assert "/fits" not in bob.list("/")
    set_quota(server, "bob", None)


def test_what_came_before_the_connection_broke_stays(ada: Dav) -> None:
    location = create(ada, "/", len(DATA), filename="broken").headers["Location"]
    parts = urlsplit(location)
    head = f"PATCH {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {len(DATA)}\r\n"
    head += f"Authorization: {ada.headers['Authorization']}\r\nContent-Type: {BODY}\r\n"
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(
            f"{head}Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n\r\n".encode() + DATA[:2_000_000]
        )
        time.sleep(0.5)
    deadline = time.monotonic() + 20
    while (came := offset(ada, location)) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert 0 < came <= 2_000_000
    assert patch(ada, location, came, DATA[came:]).status == 204
    assert ada.get("/broken") == DATA


def test_all_bytes_are_no_file_yet(ada: Dav, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service dies between the last bytes and the file: a client that is told that all came goes away."""
    location = create(ada, "/", 5, filename="nearly.txt").headers["Location"]

    async def die(*_args: object) -> None:
        raise Unavailable("The service is gone.")

    with monkeypatch.context() as dying:
        dying.setattr(ada.server.services.tus, "finish", die)
        assert patch(ada, location, 0, b"hello").status == 503
    assert "/nearly.txt" not in ada.list("/")
    assert offset(ada, location) == 5
    assert ada.get("/nearly.txt") == b"hello"
