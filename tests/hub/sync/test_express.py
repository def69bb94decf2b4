"""The express lane: its answers are those of the usual handlers, and what it leaves alone gets there whole.

`Connection: TE` asks for nothing, but is a field that the lane leaves to the usual handlers: so the same
request can be made both ways.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import threading
import time
from pathlib import Path

import pytest

from cygnet_hub.services.sync.handlers.audit import Served
from cygnet_hub.services.sync.handlers.dav import express
from cygnet_hub.services.sync.store import storage
from tests.hub.sync.dav import PROPS, USUAL, Answer, Dav

#: Differ from request to request, or are said by the framework only.
_OWN = {"date", "x-request-id", "connection"}
#: More than is read where the file is looked up, and than a socket takes at once.
LARGE = os.urandom(12 << 20)


@pytest.fixture(scope="module")
def home(ada: Dav) -> Dav:
    ada.put("/express.txt", b"0123456789" * 100)
    ada.put("/empty.bin", b"")
    ada.put("/large é.bin", LARGE)
    return ada


def both(home: Dav, method: str, path: str, body: bytes | str | None = None, **headers: str) -> None:
    """Ask both ways and compare."""
    quick = home(method, path, body, **headers)
    usual = home(method, path, body, **headers, **USUAL)
    assert (quick.status, quick.body) == (usual.status, usual.body)
    assert fields(quick) == fields(usual)


def fields(answer: Answer) -> dict[str, str]:
    return {k.lower(): v for k, v in answer.headers.items() if k.lower() not in _OWN}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/express.txt", "/empty.bin", "/large é.bin", "/none", "/"])
def test_files_are_read_alike(home: Dav, method: str, path: str) -> None:
    both(home, method, path)


RANGES = (
    "0-9",
    "990-",
    "-5",
    "5-4",
    "2000-",
    "0-0,5-6",
    "0-99999999",
    "x",
    "131071-131073",
    "1048570-5242899",
)


@pytest.mark.parametrize("wanted", RANGES)
@pytest.mark.parametrize("path", ["/express.txt", "/empty.bin", "/large é.bin"])
def test_ranges_are_read_alike(home: Dav, path: str, wanted: str) -> None:
    if "," in wanted:  # each such answer has a boundary of its own
        assert home("GET", path, Range=f"bytes={wanted}").status in (206, 416)
        return
    both(home, "GET", path, Range=f"bytes={wanted}")


@pytest.mark.parametrize("name", ["If_Match", "If_None_Match", "If_Range"])
def test_conditions_hold_alike(home: Dav, name: str) -> None:
    etag = home("HEAD", "/express.txt").etag
    for value in (etag, '"other"'):
        both(home, "GET", "/express.txt", **{name: value, "Range": "bytes=0-1"})


def test_properties_are_told_alike(home: Dav) -> None:
    for path in ("/express.txt", "/", "/none", "/large é.bin"):
        both(home, "PROPFIND", path, PROPS, Depth="0")
        both(home, "PROPFIND", path, None, Depth="0")
    both(home, "PROPFIND", "/", "no XML", Depth="0")


@pytest.mark.parametrize("size", [0, 1, 4096, 64 << 10, (64 << 10) + 1, 3 << 20])
def test_what_is_stored_is_there(home: Dav, size: int) -> None:
    data = LARGE[:size]
    made = home.put("/stored", data, X_OC_Mtime="1000000000")
    assert made.status in (201, 204)
    got = home("GET", "/stored")
    assert (got.body, got.etag, got.headers["OC-Checksum"]) == (data, made.etag, made.headers["OC-Checksum"])
    assert made.headers["X-OC-MTime"] == "accepted"


def test_an_upload_answers_alike(home: Dav) -> None:
    quick, usual = home.put("/one", b"x"), home.put("/two", b"x", **USUAL)
    assert quick.status == usual.status
    # Only the framework says that nothing is HTML.
    assert {*fields(quick)} ^ {*fields(usual)} <= {"content-type"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_Match": '"other"'}, 412),
        ({"If_None_Match": "*"}, 412),
        ({"OC_Checksum": "MD5:0"}, 400),
        ({"X_OC_Mtime": "no time"}, 400),
        ({"OC_Chunked": "1"}, 501),
        ({"Content_Range": "bytes 0-1/2"}, 400),
    ],
)
def test_what_is_refused_is_refused_in_words_and_changes_nothing(
    home: Dav, headers: dict[str, str], status: int
) -> None:
    home.put("/kept", b"as it was")
    answer = home.put("/kept", b"another", **headers)
    assert (answer.status, answer.message != "") == (status, True)
    assert home.get("/kept") == b"as it was"


def exchange(home: Dav, sent: bytes, *, ends: bool = True) -> bytes:
    """What comes back for these bytes until the connection is closed; `ends`: nothing follows them."""
    host, port = home.host.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 60) as channel:
        channel.sendall(sent)
        if ends:
            channel.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: channel.recv(1 << 16), b""))


def head(home: Dav, method: str, path: str, *lines: str) -> bytes:
    fields = [f"Host: {home.host}", f"Authorization: {home.headers['Authorization']}", *lines]
    return "\r\n".join([f"{method} {home.url(path)} HTTP/1.1", *fields, "", ""]).encode()


def test_requests_that_come_together_are_answered_in_their_order(home: Dav) -> None:
    put = head(home, "PUT", "/together", "Content-Length: 3") + b"abc"
    refused = head(home, "PUT", "/together", "Content-Length: 3", 'If-Match: "no"') + b"xyz"
    last = head(home, "GET", "/none", "Connection: close")
    got = exchange(home, put + refused + head(home, "GET", "/together") + last, ends=False)
    statuses = re.findall(rb"HTTP/1\.1 (\d+) ", got)
    assert statuses == [b"201", b"412", b"200", b"404"]
    assert b"\r\n\r\nabcHTTP/1.1 404" in got


@pytest.mark.parametrize(("said", "takes"), [("keep-alive", True), ("Keep-Alive", True), ("close", False)])
def test_most_clients_say_that_they_keep_the_connection(
    home: Dav, monkeypatch: pytest.MonkeyPatch, said: str, takes: bool
) -> None:
    taken: list[Served] = []
    monkeypatch.setattr(express, "audit", taken.append)
    assert home("GET", "/express.txt", Connection=said).status == 200
    assert bool(taken) is takes


@pytest.mark.parametrize(
    "line", ["Host: evil", "Content-Length: 3\r\nContent-Length: 3", "A: b\r\n c: folded", "Bad Name: x"]
)
def test_a_head_that_could_mean_two_things_is_not_for_the_lane(home: Dav, line: str) -> None:
    got = exchange(home, head(home, "PUT", "/smuggled", line) + b"abc")
    assert b"HTTP/1.1 2" not in got.split(b"\r\n")[0]


def test_an_upload_that_ends_early_leaves_nothing(home: Dav) -> None:
    for length in (100, 5 << 20):
        assert exchange(home, head(home, "PUT", "/early", f"Content-Length: {length}") + b"x" * 50) == b""
        assert home("GET", "/early").status == 404


def test_a_slow_receiver_gets_everything_while_others_are_served(home: Dav) -> None:
    host, port = home.host.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 60) as channel:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
        channel.sendall(head(home, "GET", "/large é.bin") + head(home, "GET", "/express.txt"))
        time.sleep(0.3)
        for _ in range(20):  # more than there are threads
            assert home.get("/express.txt")
        got = bytearray()
        while not got.endswith(b"0123456789" * 100) and (more := channel.recv(1 << 20)):
            got += more
    assert bytes(got).partition(b"\r\n\r\n")[2].startswith(LARGE + b"HTTP/1.1 200 OK")


def test_receivers_that_leave_do_no_harm(home: Dav) -> None:
    host, port = home.host.rsplit(":", 1)
    for _ in range(12):
        with socket.create_connection((host, int(port)), 60) as channel:
            channel.sendall(head(home, "GET", "/large é.bin"))
            channel.recv(1000)
    assert home.get("/large é.bin") == LARGE


def test_many_at_once_get_their_own(home: Dav) -> None:
    wrong: list[str] = []

    def work(number: int) -> None:
        data = f"{number}".encode() * 1000
        for turn in range(10):
            home.put(f"/own{number}", data + b"%d" % turn)
            if home.get(f"/own{number}") != data + b"%d" % turn:
                wrong.append(f"{number} at {turn}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong


def test_what_is_not_in_memory_is_waited_for(home: Dav, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def away(_self: object, path: str, _start: int, _end: int) -> bytes:
        asked.append(path)
        raise BlockingIOError

    monkeypatch.setattr(storage.DurableLocalFileSystem, "at_hand", away)
    for wanted in ({}, {"Range": "bytes=10-19"}):
        answer = home("GET", "/express.txt", **wanted)
        assert answer.body == b"0123456789" * (1 if wanted else 100)
    assert len(asked) == (2 if home.server.services.disk.contents.filesystem.protocol[0] == "file" else 0)


def test_bytes_are_at_hand_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_bytes(b"0123456789")
    files, path = storage.DurableLocalFileSystem(), str(tmp_path / "f")
    assert files.at_hand(path, 2, 100) == files.cat_file(path, 2, 100) == b"23456789"
    monkeypatch.setattr(os, "preadv", lambda *_: 3)
    with pytest.raises(BlockingIOError):
        files.at_hand(path, 0, 10)

    def cannot_tell(*_: object) -> int:
        raise OSError(errno.EOPNOTSUPP, "no such flag")

    monkeypatch.setattr(os, "preadv", cannot_tell)
    assert files.at_hand(path, 0, 10) == b"0123456789"
