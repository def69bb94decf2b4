"""Contents by the JSON API: ranges, conditions, streams, and headers under which nothing can act."""

from __future__ import annotations

import base64
import io
import json
import random
import socket
import time
import zipfile
from email.parser import BytesParser
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygnet_hub.services.sync.handlers.ranges import parse_ranges
from cygnet_hub.services.sync.model.errors import RangeNotSatisfiable
from tests.hub.sync.api import Api
from tests.sync_server import SyncServer


def test_a_file_comes_back_as_it_went(teacher: Api) -> None:
    data = bytes(range(256)) * 9000
    node = teacher.put("/big.bin", data)
    assert node["size"] == len(data)
    answer = teacher.http.get("/api/v1/content?path=/big.bin")
    assert answer.content == data
    assert answer.headers["ETag"] == f'"{node["etag"]}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    head = teacher.http.head("/api/v1/content?path=/big.bin")
    assert head.headers["Content-Length"] == str(len(data))
    assert head.content == b""


def test_an_empty_file(teacher: Api) -> None:
    assert teacher.put("/empty", b"")["size"] == 0
    assert teacher.http.get("/api/v1/content?path=/empty").content == b""
    ranged = teacher.http.get("/api/v1/content?path=/empty", headers={"Range": "bytes=0-9"})
    assert ranged.status_code == 416


def test_conditions_guard_an_upload(teacher: Api) -> None:
    first = teacher.put("/guarded.txt", b"1")
    url = "/api/v1/content?path=/guarded.txt"
    assert teacher.http.put(url, content=b"2", headers={"If-None-Match": "*"}).status_code == 412
    assert teacher.http.put(url, content=b"2", headers={"If-Match": '"old"'}).status_code == 412
    etag = {"If-Match": f'"{first["etag"]}"'}
    assert teacher.http.put(url, content=b"2", headers=etag).status_code == 200
    assert teacher.http.put(url, content=b"3", headers=etag).status_code == 412
    assert teacher.http.get(url).content == b"2"


def test_checksum_and_time(teacher: Api) -> None:
    url = "/api/v1/content?path=/sum.txt"
    wrong = teacher.http.put(url, content=b"abc", headers={"OC-Checksum": "ADLER32:00000000"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "checksum-mismatch")
    assert teacher.error("GET", "files?path=/sum.txt")[0] == 404
    right = {"OC-Checksum": "ADLER32:024d0127", "X-OC-Mtime": "1500000000.5"}
    assert teacher.http.put(url, content=b"abc", headers=right).json()["mtime"] == 1500000000.5


def test_an_upload_cut_in_the_middle_leaves_nothing(server: SyncServer, teacher: Api) -> None:
    where = urlsplit(server.url)
    assert where.hostname
    secret = base64.b64encode(f"teacher:{server.app_password('teacher')}".encode()).decode()
    with socket.create_connection((where.hostname, where.port or 80)) as sock:
        head = f"PUT {where.path}/api/v1/content?path=/cut.bin HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        head += f"Authorization: Basic {secret}\r\nContent-Length: 1000000\r\n\r\n"
        sock.sendall(head.encode() + b"x" * 1000)
        time.sleep(0.3)
    assert teacher.error("GET", "files?path=/cut.bin")[0] == 404


@pytest.mark.parametrize(
    ("name", "inline"),
    [
        ("a.txt", True),
        ("a.csv", True),
        ("a.png", True),
        ("a.html", False),
        ("a.svg", False),
        ("a.xml", False),
        ("a.pdf", False),
        ("a.ipynb", False),
        ("a.js", False),
        ("a", False),
    ],
)
def test_nothing_that_is_stored_can_script_the_site(teacher: Api, name: str, inline: bool) -> None:
    teacher.put(f"/{name}", b"<script>alert(1)</script>")
    answer = teacher.http.get(f"/api/v1/content?path=/{name}")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline" if inline else "attachment")


@pytest.mark.parametrize(
    "name", ["Grüße.txt", 'a"b;c.txt', "a b+c%20#?.txt", "naïve\t.txt", "漢字", " lead "]
)
def test_any_name_survives(teacher: Api, name: str) -> None:
    answer = teacher.http.put(f"/api/v1/content?path=/{quote(name)}", content=b"x")
    assert answer.json()["name"] == name
    sent = teacher.http.get(f"/api/v1/content?path=/{quote(name)}&download=1")
    encoded = sent.headers["Content-Disposition"].partition("filename*=UTF-8''")[2]
    assert unquote(encoded) == name


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/../x", '".." is not a name'),
        ("/" + "x" * 256, "The name has 256 bytes; 255 are allowed."),
        ("/%ff", "not valid UTF-8"),
        ("/a%00b", "NUL"),
    ],
)
def test_names_that_cannot_be_are_told_in_words(teacher: Api, path: str, words: str) -> None:
    answer = teacher.http.put(f"/api/v1/content?path={path}", content=b"x")
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_several_ranges_come_as_parts(teacher: Api) -> None:
    data = bytes(range(200))
    teacher.put("/parts.bin", data)
    answer = teacher.http.get("/api/v1/content?path=/parts.bin", headers={"Range": "bytes=0-9,50-59, -5"})
    assert answer.status_code == 206
    header = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    parts = BytesParser().parsebytes(header + answer.content).get_payload()
    assert [part["Content-Range"] for part in parts] == [  # type: ignore[index,union-attr]
        "bytes 0-9/200",
        "bytes 50-59/200",
        "bytes 195-199/200",
    ]
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_many_ranges_and_a_large_one_come_in_their_order(teacher: Api) -> None:
    data = random.Random(1).randbytes(5 << 20)
    teacher.put("/many.bin", data)
    spans = [(n * 100_000, n * 100_000 + 90_000) for n in range(12)]
    spans += [(1_500_000, 4_500_000), (10, 20), (5_000_000, 5_000_001)]
    wanted = ",".join(f"{start}-{end - 1}" for start, end in spans)
    answer = teacher.http.get("/api/v1/content?path=/many.bin", headers={"Range": f"bytes={wanted}"})
    assert answer.status_code == 206
    boundary = answer.headers["Content-Type"].partition("boundary=")[2].encode()
    parts = answer.content.split(b"\r\n--" + boundary)[1:-1]
    assert [part.partition(b"\r\n\r\n")[2] for part in parts] == [data[start:end] for start, end in spans]
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_if_range_of_another_version_sends_the_whole(teacher: Api) -> None:
    node = teacher.put("/version.txt", b"0123456789")
    url, ranged = "/api/v1/content?path=/version.txt", {"Range": "bytes=0-1"}
    assert teacher.http.get(url, headers={**ranged, "If-Range": f'"{node["etag"]}"'}).content == b"01"
    assert teacher.http.get(url, headers={**ranged, "If-Range": '"old"'}).content == b"0123456789"
    not_modified = teacher.http.get(url, headers={"If-None-Match": f'"{node["etag"]}"'})
    assert (not_modified.status_code, not_modified.content) == (304, b"")


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=4), st.integers(0, 40)
)
def test_ranges_lie_inside_of_the_file(spans: list[tuple[int, int]], size: int) -> None:
    header = "bytes=" + ",".join(f"{min(s)}-{max(s)}" for s in spans)
    try:
        ranges = parse_ranges(header, size)
    except RangeNotSatisfiable:
        assert all(min(span) >= size for span in spans)
        return
    assert ranges is None or all(0 <= a < b <= size for a, b in ranges)


@given(st.text(max_size=30))
def test_no_range_header_breaks_anything(text: str) -> None:
    try:
        parse_ranges("bytes=" + text, 100)
    except RangeNotSatisfiable:
        return


def test_an_archive_holds_everything_once(teacher: Api) -> None:
    for path in ("/zip", "/zip/sub", "/zip/sub/empty", "/other", "/other/sub"):
        teacher("POST", "folders", {"path": path}, 201)
    teacher.put("/zip/sub/ü.txt", b"1")
    teacher.put("/zip/big.bin", b"x" * 3_000_000)
    teacher.put("/other/sub/b.txt", b"2")
    answer = teacher.http.get("/api/v1/archive?path=/zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert set(archive.namelist()) == {"zip/", "zip/sub/", "zip/sub/empty/", "zip/sub/ü.txt", "zip/big.bin"}
    assert 'filename="zip.zip"' in answer.headers["Content-Disposition"]
    several = teacher.http.get("/api/v1/archive?path=/zip/sub&path=/other/sub")
    names = zipfile.ZipFile(io.BytesIO(several.content)).namelist()
    assert "sub/ü.txt" in names
    assert "sub (2)/b.txt" in names
    assert teacher.http.get("/api/v1/archive?path=/not/there").status_code == 404


NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {
            "cell_type": "markdown",
            "id": "a",
            "metadata": {},
            "source": "# The Z\n<script>alert('a')</script><img src=x onerror=alert(1)>",
        },
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "execution_count": 1,
            "source": "print('<b>')",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": "91.2 GeV\n"},
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {
                        "text/html": "<style>b{}</style><table><tr><th>M</th></tr></table>"
                        "<script>alert(2)</script><iframe src='http://127.0.0.1/'></iframe>"
                        "<a href='javascript:alert(3)'>x</a>"
                    },
                },
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {"application/javascript": "alert(4)"},
                },
            ],
        },
    ],
}


def test_a_notebook_is_shown_without_script(teacher: Api) -> None:
    teacher.put("/shown.ipynb", json.dumps(NOTEBOOK).encode())
    answer = teacher.http.get("/api/v1/preview?path=/shown.ipynb")
    assert answer.status_code == 200, answer.text
    page = answer.text
    for wanted in ("<h1>The Z</h1>", "91.2 GeV", "<th>M</th>", "&lt;b&gt;"):
        assert wanted in page
    for unwanted in ("<script", "onerror", "<iframe", "javascript:", "alert(2)", "alert(4)", 'src="http'):
        assert unwanted not in page
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


def test_formulas_are_drawn_without_script(teacher: Api) -> None:
    lines = [
        r"$M=\sqrt{2p_1p_2}$ and $$\int_0^1 x\,dx$$",
        r"<math><mtext>mine</mtext></math> $\frac{$",
    ]
    cells = [
        {"cell_type": "markdown", "id": f"a{n}", "metadata": {}, "source": line}
        for n, line in enumerate(lines)
    ]
    teacher.put("/formulas.ipynb", json.dumps({**NOTEBOOK, "cells": cells}).encode())
    page = teacher.http.get("/api/v1/preview?path=/formulas.ipynb").text
    assert page.count("<math") == 2, "ours, and not the one that somebody wrote"
    assert "<msqrt>" in page
    assert 'display="block"' in page
    assert r"<code>\frac{</code>" in page, "what is no LaTeX is shown as it was written"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"cells": 7}', b"\xff\xfe"])
def test_what_is_no_notebook_is_told(teacher: Api, data: bytes) -> None:
    teacher.put("/broken.ipynb", data)
    assert teacher.error("GET", "preview?path=/broken.ipynb")[0] == 415
    teacher.put("/plain.txt", b"")
    assert teacher.error("GET", "preview?path=/plain.txt") == (415, "Only notebooks can be shown this way.")
