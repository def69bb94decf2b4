"""`s3://` and `http://`: parts that were read stay on the machine, and versions are never mixed."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from cygnet_fs_bridge.ranges import merged, spans_of
from cygnet_fs_bridge.web import HTTPFileSystem, S3FileSystem

CONTENT = bytes(range(256)) * 2000
KEYS = {"key": "k", "secret": "s"}


class Site(http.server.BaseHTTPRequestHandler):
    """A file behind an address, and what was asked of it."""

    content, etag, ranges = CONTENT, '"1"', True
    several = "parts"  # what it does when asked for several ranges
    asked: list[tuple[str, str | None]] = []

    def do_HEAD(self) -> None:
        self._answer(200, self.content, send=False)

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.asked.append((self.path, asked))
        if self.headers.get("If-Match", self.etag) != self.etag:
            self._answer(412, b"")
        elif asked and "," in asked and self.several != "the whole file":
            self._several(asked)
        elif asked and self.ranges and "," not in asked:
            first, last = (int(part) for part in asked.removeprefix("bytes=").split("-"))
            self._answer(206, self.content[first : last + 1])
        else:
            self._answer(200, self.content)

    def _several(self, asked: str) -> None:
        if self.several == "hangs up":
            self.close_connection = True
            return
        if self.several == "an error":
            self._answer(416, b"")
            return
        spans = [tuple(map(int, one.split("-"))) for one in asked.removeprefix("bytes=").split(",")]
        parts = [
            f"--x\r\nContent-Range: bytes {a}-{b}/{len(self.content)}\r\n\r\n".encode()
            + self.content[a : b + 1]
            for a, b in spans
        ]
        if self.several == "too few parts":
            parts.pop()
        self._answer(206, b"\r\n".join(parts) + b"\r\n--x--\r\n", kind="multipart/byteranges; boundary=x")

    def _answer(self, status: int, body: bytes, send: bool = True, kind: str = "") -> None:
        self.send_response(404 if self.path == "/nothing" else status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.etag:
            self.send_header("ETag", self.etag)
        self.end_headers()
        if send:
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place of each test's own for what is kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.fixture
def site() -> Iterator[tuple[type[Site], str]]:
    """A site of one file at any path, and its address."""

    class Here(Site):
        asked: list[tuple[str, str | None]] = []

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Here)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Here, f"http://127.0.0.1:{server.server_port}/file"
    server.shutdown()
    thread.join(30)
    server.server_close()


@pytest.fixture
def web(site: tuple[type[Site], str]) -> HTTPFileSystem:
    """The filesystem that `http://` names."""
    found = fsspec.filesystem("http", skip_instance_cache=True)
    assert isinstance(found, HTTPFileSystem)
    return found


@pytest.fixture
def s3() -> Iterator[S3FileSystem]:
    """The filesystem that `s3://` names, with a file `data/file`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    fs = fsspec.filesystem("s3", endpoint_url=f"http://{host}:{port}", skip_instance_cache=True, **KEYS)
    assert isinstance(fs, S3FileSystem)
    fs.makedirs("data", exist_ok=True)  # all servers of a process have the same buckets
    fs.pipe("data/file", CONTENT)
    yield fs
    server.stop()


def test_spans_near_one_another_are_merged() -> None:
    assert merged([(50, 60), (0, 10), (5, 12), (20, 21)], 8) == [(0, 21), (50, 60)]
    assert merged([], 8) == []
    assert spans_of([(-5, None), (None, 3), (90, 300), (8, 2)], 100) == [(95, 100), (0, 3), (90, 100), (8, 8)]


def test_near_parts_travel_together_and_once(site: tuple[type[Site], str], web: HTTPFileSystem) -> None:
    here, url = site
    starts, ends = [0, 1000, 400_000, -4, 7], [10, 2000, 400_001, None, 7]
    wanted = [CONTENT[start:end] for start, end in zip(starts, ends, strict=True)]
    assert web.cat_ranges([url] * 5, starts, ends) == wanted
    assert [asked for _, asked in here.asked] == ["bytes=0-1999,400000-400000,511996-511999"]
    assert web.cat_ranges([url] * 5, starts, ends) == wanted
    assert web.cat_file(url, start=3, end=8) == CONTENT[3:8]
    assert len(here.asked) == 1


def test_more_parts_than_servers_take_are_several_requests(
    site: tuple[type[Site], str], web: HTTPFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cygnet_fs_bridge.web._MOST", 2)
    here, url = site
    starts = [0, 100_000, 200_000, 300_000, 400_000]
    wanted = [CONTENT[start : start + 9] for start in starts]
    assert web.cat_ranges([url] * 5, starts, [start + 9 for start in starts]) == wanted
    assert [str(asked).count("-") for _, asked in here.asked] == [2, 2, 1]


@pytest.mark.parametrize("answer", ["the whole file", "an error", "hangs up", "too few parts"])
def test_a_server_that_knows_one_range_only_is_asked_once_for_several(
    site: tuple[type[Site], str], web: HTTPFileSystem, answer: str
) -> None:
    here, url = site
    here.several = answer
    for begin in (0, 50):
        starts = [begin, 200_000 + begin, 400_000 + begin]
        wanted = [CONTENT[start : start + 9] for start in starts]
        assert web.cat_ranges([url] * 3, starts, [start + 9 for start in starts]) == wanted
    several = [asked for _, asked in here.asked if "," in str(asked)]
    assert len(set(several)) == 1
    assert len(here.asked) - len(several) == 6


def test_a_server_that_sends_on_is_asked_where_it_sent(web: HTTPFileSystem) -> None:
    link = "https://data.example.org/s/x"
    assert web._place(link, {"url": f"{link}/download"}) == f"{link}/download"
    assert web._place(link, {"url": "https://elsewhere.example.org/x?signed=for-HEAD"}) == link
    assert web._place(link, {}) == link


def test_another_version_is_read_anew(site: tuple[type[Site], str], web: HTTPFileSystem) -> None:
    here, url = site
    assert web.cat_file(url, start=0, end=4) == CONTENT[:4]
    here.content, here.etag = CONTENT[::-1], '"2"'
    assert web.cat_file(url, start=0, end=4) == CONTENT[::-1][:4]


def test_a_file_that_changes_while_it_is_looked_at(
    site: tuple[type[Site], str], web: HTTPFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, url = site
    now = web._now

    async def just_before(path: str) -> Any:
        info = await now(path)
        if here.etag == '"1"':
            here.content, here.etag = b"new" * 1000, '"2"'
        return info

    monkeypatch.setattr(web, "_now", just_before)
    assert web.cat_file(url, start=0, end=6) == b"newnew"


@pytest.mark.parametrize("etag", ["", 'W/"1"'])
def test_without_a_strong_etag_nothing_is_kept(
    site: tuple[type[Site], str], web: HTTPFileSystem, etag: str, tmp_path: Path
) -> None:
    here, url = site
    here.etag = etag
    assert web.cat_ranges([url, url], [0, 9], [5, 12]) == [CONTENT[:5], CONTENT[9:12]]
    assert not list(tmp_path.rglob("*.data"))


def test_a_server_that_knows_no_ranges(site: tuple[type[Site], str], web: HTTPFileSystem) -> None:
    site[0].ranges = False
    assert web.cat_file(site[1], start=100, end=200) == CONTENT[100:200]


def test_errors_are_those_of_python(
    site: tuple[type[Site], str], web: HTTPFileSystem, s3: S3FileSystem
) -> None:
    nothing = site[1].replace("/file", "/nothing")
    for fs, path in ((web, nothing), (s3, "data/nothing")):
        with pytest.raises(FileNotFoundError):
            fs.cat_file(path, start=0, end=4)
        [told] = fs.cat_ranges([path], [0], [4], on_error="return")
        assert isinstance(told, FileNotFoundError)


def test_s3_reads_once_and_the_present_version(s3: S3FileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    call = s3._call_s3

    async def counted(method: str, *args: Any, **options: Any) -> Any:
        calls.append(method)
        return await call(method, *args, **options)

    monkeypatch.setattr(s3, "_call_s3", counted)
    wanted = [CONTENT[:10], CONTENT[1000:1010], CONTENT[400_000:400_010], CONTENT[-5:]]
    for _ in range(2):
        assert s3.cat_ranges(["data/file"] * 4, [0, 1000, 400_000, -5], [10, 1010, 400_010, None]) == wanted
    assert calls == ["head_object", "get_object", "get_object", "get_object", "head_object"]
    s3.pipe("data/file", b"another")
    assert s3.cat_file("data/file", start=0, end=4) == b"anot"
    assert s3.cat_file("data/file") == b"another"
    with s3.open("data/file", "rb") as file:
        assert file.read(3) == b"ano"


def test_whole_files_and_trees_travel_as_ever(s3: S3FileSystem, tmp_path: Path) -> None:
    s3.pipe({"data/tree/a": b"a" * 100, "data/tree/b/c": b"c"})
    s3.get("data/tree", str(tmp_path / "here"), recursive=True)
    assert (tmp_path / "here" / "b" / "c").read_bytes() == b"c"
    s3.put(str(tmp_path / "here"), "data/there", recursive=True)
    assert s3.cat("data/there/a") == b"a" * 100
    s3.rm("data/tree", recursive=True)
    assert not s3.exists("data/tree")


def test_whole_files_of_the_web_travel_as_ever(
    site: tuple[type[Site], str], web: HTTPFileSystem, tmp_path: Path
) -> None:
    web.get(site[1], str(tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == CONTENT
    with web.open(site[1], "rb") as file:
        file.seek(1000)
        assert file.read(50) == CONTENT[1000:1050]
