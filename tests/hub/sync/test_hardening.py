"""What is sent to do harm: XML, depths, names of hosts, paths, guesses. None of it is answered with 500."""

from __future__ import annotations

import http.client
import time
from urllib.parse import quote, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hub.sync.api import Api, link_token
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
FIND = '<d:propfind xmlns:d="DAV:"><d:prop>{}</d:prop></d:propfind>'
BAD_XML = {
    "a DTD": "<!DOCTYPE x>" + FIND.format("<d:getetag/>"),
    "a billion laughs": LAUGHS + FIND.format("&i;"),
    "an outside entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + FIND.format("&e;"),
    "a parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]>' + FIND.format(""),
    "an unknown entity": FIND.format("&nbsp;"),
    "deep nesting": FIND.format("<d:x>" * 30 + "</d:x>" * 30),
    "very deep nesting": "<a>" * 40_000 + "</a>" * 40_000,
    "many elements": FIND.format("<d:x><d:y/></d:x>" * 3000),
    "many properties": FIND.format("".join(f"<d:p{n}/>" for n in range(201))),
    "no end": "<d:propfind xmlns:d='DAV:'><d:prop>",
    "no namespace": "<d:propfind/>",
    "another charset": '<?xml version="1.0" encoding="utf-7"?><x/>',
    "no XML": "{}",
    "NUL": FIND.format("\x00"),
}


@pytest.mark.parametrize("name", BAD_XML)
@pytest.mark.parametrize("method", ["PROPFIND", "PROPPATCH", "LOCK", "REPORT"])
def test_harmful_xml_is_refused_quickly(ada: Dav, method: str, name: str) -> None:
    start = time.monotonic()
    answer = ada(method, "/", BAD_XML[name], Depth="0")
    assert answer.status == 400, answer
    assert time.monotonic() - start < 5
    assert b"root:" not in answer.body


def test_a_body_larger_than_a_request_can_be_is_refused(ada: Dav) -> None:
    assert ada("PROPFIND", "/", FIND.format(" " * (2 << 20)), Depth="0").status == 413


def test_no_listing_goes_all_the_way_down(ada: Dav) -> None:
    for headers in ({"Depth": "infinity"}, {"Depth": "Infinity"}):
        answer = ada("PROPFIND", "/", **headers)
        assert answer.status == 403
        assert b"propfind-finite-depth" in answer.body
    for depth in ("2", "-1", "", "1,infinity", "9" * 5000):
        assert ada("PROPFIND", "/", Depth=depth).status == 400, depth


@pytest.mark.parametrize(
    "path", ["status.php", "health", "api/v1/me", "remote.php/dav/files/ada/", "s/x", ""]
)
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "a@b"])
def test_only_our_own_names_are_answered(server: SyncServer, path: str, host: str) -> None:
    assert httpx.get(f"{server.url}/{path}", headers={"Host": host}).status_code == 400


names = st.text(st.characters(blacklist_categories=["Cs"]), max_size=30)
pieces = st.one_of(
    st.sampled_from(
        ["..", ".", "%2e%2e", "%2F", "%00", "%", "%zz", "%c0%ae", "%ff", "//", ";", "?", "#", "\\"]
    ),
    names.map(lambda name: quote(name, safe="")),
)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(pieces, max_size=6), st.sampled_from(["GET", "PUT", "MKCOL", "PROPFIND", "DELETE"]))
def test_no_path_leads_out_of_a_tree(server: SyncServer, ada: Dav, parts: list[str], method: str) -> None:
    before = (server.data.parent / "outside").exists()
    answer = ada.raw(method, f"{ada.root}/fuzz/" + "/".join(parts), b"" if method == "PUT" else None)
    assert answer.status < 500, (method, parts, answer)
    assert (server.data.parent / "outside").exists() is before
    if method == "GET" and answer.status == 200:
        assert b"SQLite" not in answer.body


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(pieces, max_size=6))
def test_no_path_in_the_json_api_breaks_it(server: SyncServer, parts: list[str]) -> None:
    ada = Api(server, "ada").http
    for address in ("files", "content", "preview", "archive"):
        url = f"/api/v1/{address}?path=/" + "/".join(parts).replace("#", "%23")
        assert ada.get(url).status_code < 500, url


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(names, st.sampled_from(["/", "\\", "\x00", "..", "/../", "../.."]))
def test_no_destination_leads_elsewhere(ada: Dav, name: str, between: str) -> None:
    ada.put("/origin.txt", b"x")
    target = f"{ada.root}/" + quote(name + between + name, safe="/")
    answer = ada("COPY", "/origin.txt", Destination=target, Overwrite="F")
    assert answer.status in (201, 204, 400, 403, 404, 405, 409, 412), answer


@pytest.mark.parametrize(
    "target",
    ["http://evil.example/x", "//evil.example/x", "file:///etc/passwd", "ftp://x", "http://[::1", "x", ""],
)
def test_a_destination_on_another_server_is_refused(ada: Dav, target: str) -> None:
    ada.put("/origin.txt", b"x")
    assert ada("COPY", "/origin.txt", Destination=target).status == 400


@pytest.mark.parametrize(
    "head", ["GET /{} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /{} HTTP/1.1\r\n\r\n"]
)
def test_a_request_without_one_host_is_refused(server: SyncServer, head: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.connect()
    connection.sock.sendall(head.format("services/sync/health").encode())
    assert connection.sock.recv(100).split()[1:2] in ([b"400"], [])
    connection.close()


def test_guessing_is_slowed_down_at_every_door(server: SyncServer) -> None:
    ada = Api(server, "ada")
    ada.put("/guessed.txt")
    token = link_token(ada.share("/guessed.txt", kind="link", password="long-enough-password"))
    doors = {
        "basic": lambda n: httpx.get(f"{server.url}/api/v1/me", auth=("ada", f"guess-{n}")),
        "webdav": lambda n: httpx.request(
            "PROPFIND", f"{server.url}/remote.php/dav/files/ada/", auth=("ada", f"guess-{n}")
        ),
        "ocs": lambda n: httpx.get(f"{server.url}/ocs/v2.php/cloud/user", auth=("ada", f"guess-{n}")),
        "link": lambda n: httpx.post(
            f"{server.url}/api/v1/public/{token}/unlock", json={"password": f"no-{n}"}
        ),
    }
    for name, guess in doors.items():
        server.forget_guesses()
        answers = [guess(n) for n in range(12)]
        assert [a.status_code for a in answers[:9]] == [401] * 9, name
        assert answers[-1].status_code == 429, name
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 60, name
    right = httpx.post(
        f"{server.url}/api/v1/public/{token}/unlock", json={"password": "long-enough-password"}
    )
    assert right.status_code == 429, "a block covers right passwords, or it would slow nobody down"
    server.forget_guesses()
