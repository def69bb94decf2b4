"""The express lane reads heads by itself: it understands them as the framework does, or not at all.

The same bytes are sent to the lane, and past it. What comes back and what is stored then
must be the same: else there are bytes of which the lane makes other requests than the handlers do.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tornado.httputil import HTTPHeaders, HTTPInputError, parse_request_start_line

from cygnet_hub.services.sync.handlers.dav import express
from cygnet_hub.services.sync.handlers.express import parse_head
from tests.hub.sync.dav import Dav

_BROAD = {"deadline": None, "suppress_health_check": list(HealthCheck)}

NAMES = st.sampled_from(
    [
        *(
            "Host",
            "host",
            "Content-Length",
            "content-length",
            "Content-Length ",
            " Content-Length",
            "X",
            "x-y",
        ),
        *("Transfer-Encoding", "transfer-encoding", "Transfer_Encoding", "Content\x00Length", "", "\tX", "é"),
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        ["0", "3", "+3", "-1", "3,3", "3, 4", "0x3", "\xb3", "3 ", "\t3", "", "chunked", "x, chunked"]
    ),
    st.sampled_from(["localhost", "a b", "a\x0bb", "a\x00", "a\r", "\x7f", "a\x85b", "é", " ", "a" * 5000]),
    st.text(st.characters(max_codepoint=255), max_size=8),
)
ENDS = st.sampled_from(["\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n ", "\r\n\t", "\r\r\n"])
ODD_LINES = st.tuples(NAMES, st.sampled_from([":", ": ", " :", ""]), VALUES, ENDS).map("".join)
GOOD_LINES = st.sampled_from(
    ["X: y\r\n", "Content-Length: 3\r\n", "Accept:*/*\r\n", "Empty:\r\n", "\xe9: z\r\n"]
)
ODD_FIRST_LINES = st.tuples(
    st.sampled_from(["", "\r\n", " "]),
    st.sampled_from(["GET", "get", "G\tT", ""]),
    st.sampled_from([" ", "  ", "\t"]),
    st.sampled_from(["/a", "/a b", "//x", "http://localhost/", "*", "/a#b", "/a?b", "/\x00", "/\xe9"]),
    st.sampled_from([" HTTP/1.1", " HTTP/1.0", " HTTP/2.0", " HTTP/1.1 ", "", " http/1.1", "  HTTP/1.1"]),
    ENDS,
).map("".join)
HEADS = st.tuples(
    st.one_of(st.just("PUT /a%20b HTTP/1.1\r\n"), st.just("GET /a HTTP/1.1\r\n"), ODD_FIRST_LINES),
    st.one_of(st.just("Host: localhost\r\n"), st.just("Host: localhost\r\n"), st.just("")),
    st.lists(st.one_of(GOOD_LINES, ODD_LINES), max_size=3).map("".join),
    st.just("\r\n"),
).map("".join)


def understood(data: bytes) -> tuple[str, str, dict[str, str]] | None:
    """What tornado makes of a head, as it does it for a connection; None: it refuses."""
    text = data.decode("latin-1").lstrip("\r\n")
    end = text.find("\n")
    try:
        line = parse_request_start_line(text[:end].rstrip("\r"))
        fields = HTTPHeaders.parse(text[end:])
    except HTTPInputError:
        return None
    return line.method, line.path, {name.lower(): value for name, value in fields.get_all()}


@settings(max_examples=1000, **_BROAD)
@given(HEADS.map(lambda text: text.encode("latin-1", "replace")))
def test_a_head_is_understood_as_tornado_does_or_not_at_all(data: bytes) -> None:
    head = parse_head(data)
    if head is None:
        return
    assert (head.method, head.target, dict(head.fields)) == understood(data)
    length = head.fields.get("content-length", "0")
    known = re.fullmatch("[0-9]{1,15}", length) and "transfer-encoding" not in head.fields
    assert head.length == (int(length) if known else None)


def test_ordinary_heads_are_for_the_lane() -> None:
    data = b"PUT /a%20b HTTP/1.1\r\nHost: x:1\r\nContent-Length: 3\r\nX-Y: a \xe9 b \r\nEmpty:\r\n\r\n"
    head = parse_head(data)
    assert head is not None and head.length == 3
    assert (head.method, head.target, dict(head.fields)) == understood(data)


class Part(NamedTuple):
    """A request of a conversation."""

    method: str
    name: str
    lines: list[str]
    body: bytes

    def sent(self, dav: Dav, folder: str) -> bytes:
        """Its bytes."""
        own = [f"Host: {dav.host}", f"Authorization: {dav.headers['Authorization']}", *self.lines]
        first = f"{self.method} {dav.root}{folder}/{self.name} HTTP/1.1"
        return "\r\n".join([first, *own, "", ""]).encode("latin-1") + self.body


#: What may be said of a body, right or wrong, and what looks like a body but may be the next request.
SAID = (
    ["Content-Length: 3"],
    ["Content-Length: 0"],
    ["Content-Length: 5"],
    [],
    ["content-length:3"],
    ["Content-Length: 3", "Content-Length: 3"],
    ["Content-Length: 3", "Content-Length: 5"],
    ["Content-Length: 3, 3"],
    ["Content-Length: +3"],
    ["Content-Length: 03"],
    ["Content-Length: 3", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: chunked"],
    ["Transfer-Encoding : chunked"],
    ["Transfer-Encoding: identity"],
    ["X: y", " Content-Length: 3"],
    ["X: y\rContent-Length: 3"],
    ["Content-Length: 3", "Expect: 100-continue"],
    ["Content-Length: 3", "Depth: 0"],
    ["Content-Length: 70000"],
)
BODIES = (b"abc", b"", b"abcde", b"3\r\nabc\r\n0\r\n\r\n", b"0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
METHODS = ("PUT", "GET", "HEAD", "PROPFIND")
PARTS = st.builds(
    Part, st.sampled_from(METHODS), st.sampled_from("ab"), st.sampled_from(SAID), st.sampled_from(BODIES)
)
_folders = itertools.count()


def converse(dav: Dav, parts: list[Part]) -> tuple[list[bytes], dict[str, bytes]]:
    """Send all at once: the statuses that come back, and the files that are there then.

    Behind it comes a request that ends the connection. If that is taken for part of a body, the empty lines
    behind it end the body, and are no request.
    """
    folder = f"/heads{next(_folders):05}"
    assert dav("MKCOL", folder).status == 201
    last = Part("OPTIONS", "", ["Connection: close"], b"\r\n" * 100_000)
    host, port = dav.host.rsplit(":", 1)
    got = bytearray()
    with socket.create_connection((host, int(port)), 60) as channel:
        with contextlib.suppress(ConnectionError):  # it would not read to the end
            channel.sendall(b"".join(part.sent(dav, folder) for part in (*parts, last)))
        with contextlib.suppress(ConnectionError):
            while more := channel.recv(1 << 16):
                got += more
    here = [name for name in dav.list(folder) if name != folder]
    files = {name.rpartition("/")[2]: dav.get(name).replace(folder.encode(), b"") for name in here}
    return re.findall(rb"HTTP/1\.1 (\d{3}) ", bytes(got)), files


def compare(dav: Dav, parts: list[Part]) -> None:
    quick = converse(dav, parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(express, "_is_usual", lambda _: False)
        usual = converse(dav, parts)
    assert quick == usual, parts


@pytest.mark.parametrize("said", SAID, ids=str)
def test_a_body_is_as_long_for_the_lane_as_for_the_handlers(ada: Dav, said: list[str]) -> None:
    for body in BODIES:
        compare(ada, [Part("PUT", "a", said, body)])
    compare(ada, [Part("GET", "a", said, b"abc")])
    compare(ada, [Part("PROPFIND", "", said, b"abc")])


@settings(max_examples=30, **_BROAD)
@given(st.lists(PARTS, min_size=2, max_size=4))
def test_no_bytes_are_two_things(ada: Dav, parts: list[Part]) -> None:
    compare(ada, parts)
