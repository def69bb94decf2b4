"""Whoever opens an address in one of the session's stores has its options; nobody else is told them."""

from __future__ import annotations

import http.server
import json
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from cygnet_fs_bridge.session_stores import ADDRESSES, VARIABLE, store_of, with_options

STORES = {
    "lake": ("s3://data/lake", {"key": "k", "secret": "s"}),
    "deep": ("s3a://data/lake/deep", {"key": "k2", "secret": "s2"}),
    "runs": ("https://data.example.org/runs/", {"headers": {"Authorization": "Bearer r"}}),
    "cloud": (
        "https://Cloud.example.org:443/dav/a%20b/",
        {
            "base_url": "https://cloud.example.org/dav/a%20b/",
            "verify": True,
            "headers": {"Authorization": "B"},
        },
    ),
    "grid": ("root://grid.example.org//data", {}),
}


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of a session with these stores."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    (tmp_path / ADDRESSES).write_text(json.dumps({name: url for name, (url, _) in STORES.items()}))
    for name, (_, options) in STORES.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(options))
    (tmp_path / "grid.token").write_text("t")
    return tmp_path


@pytest.mark.parametrize(
    ("address", "store"),
    [
        ("s3://data/lake/x", "lake"),
        ("s3://data/lake", "lake"),
        ("s3://data/lakes", ""),
        ("s3://data/", ""),
        ("s3://data/lake/deep/x", "deep"),
        ("s3://data/lake/deep/../x", "lake"),
        ("https://data.example.org/runs/1/x.root", "runs"),
        ("https://DATA.example.org:443/runs/x?y=1", "runs"),
        ("https://data.example.org/runs", "runs"),
        ("http://data.example.org/runs/x", ""),
        ("https://data.example.org:8443/runs/x", ""),
        ("https://data.example.org.evil.org/runs/x", ""),
        ("https://data.example.org@evil.org/runs/x", ""),
        ("https://data.example.org/runs/../private", ""),
        ("https://data.example.org/runs/%2e%2e/private", ""),
        ("https://cloud.example.org/dav/a%20b/x", "cloud"),
        ("root://grid.example.org//data/x", "grid"),
        ("roots://grid.example.org:1094//data/x", "grid"),
        ("root://grid.example.org:1095//data/x", ""),
        ("root://grid.example.org//database/x", ""),
    ],
)
def test_an_address_lies_in_a_store_or_not(session: Path, address: str, store: str) -> None:
    assert store_of(address) == ({"store": store} if store else {})


def test_who_says_what_opens_it_says_it_alone(session: Path) -> None:
    assert with_options("lake", {"use_ssl": False}) == {"key": "k", "secret": "s", "use_ssl": False}
    for own in ({"anon": True}, {"profile": "mine"}, {"headers": {}}, {"key": "own", "secret": "own"}):
        assert with_options("lake", own) == own
    assert with_options("grid", {}) == {"token_file": str(session / "grid.token")}
    assert with_options("cloud", {}) == {"headers": {"Authorization": "B"}}
    assert with_options("gone", {}) == {}


def test_without_a_session_there_are_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert store_of("s3://data/lake/x") == {}
    monkeypatch.setenv(VARIABLE, str(tmp_path))  # one of an earlier version has no addresses
    assert store_of("s3://data/lake/x") == {}


def test_secrets_do_not_travel_with_a_filesystem(session: Path) -> None:
    fs, _ = fsspec.url_to_fs("s3://data/lake/x")
    assert (fs.key, fs.secret) == ("k", "s")
    assert b'"s"' not in pickle.dumps(fs) and fs.to_json().count("secret") == 0
    assert (pickle.loads(pickle.dumps(fs)).key, fsspec.url_to_fs("s3://data/x")[0].key) == ("k", None)
    assert fsspec.url_to_fs("s3://data/lake/x", key="own", secret="own")[0].key == "own"


@pytest.fixture
def servers() -> Iterator[tuple[list[str], list[tuple[str, str | None]]]]:
    """Two servers, of which the first sends those who ask for `/runs/away` to the second; who said what."""
    heard: list[tuple[str, str | None]] = []
    addresses: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append((f"{self.server.server_name}{self.path}", self.headers.get("Authorization")))
            away = self.path == "/runs/away"
            self.send_response(307 if away else 200)
            self.send_header("Location", f"{addresses[1]}/elsewhere") if away else None
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            pass

    running = [http.server.ThreadingHTTPServer((host, 0), Handler) for host in ("127.0.0.1", "127.0.0.2")]
    addresses += [f"http://127.0.0.{n}:{server.server_port}" for n, server in enumerate(running, 1)]
    threads = [threading.Thread(target=server.serve_forever) for server in running]
    for number, server in enumerate(running, 1):
        server.server_name = f"{number}"
        threads[number - 1].start()
    yield addresses, heard
    for server, thread in zip(running, threads, strict=True):
        server.shutdown()
        thread.join(30)
        server.server_close()


def test_a_token_is_told_to_its_store_and_to_nobody_else(
    session: Path, servers: tuple[list[str], list[tuple[str, str | None]]]
) -> None:
    (one, other), heard = servers
    (session / ADDRESSES).write_text(json.dumps({"runs": f"{one}/runs/"}))
    for address in (f"{one}/runs/x", f"{one}/else", f"{other}/runs/x", f"{one}/runs/away"):
        with fsspec.open(address) as file:
            assert file.read() == b"ok"
    told = {where for where, authorization in heard if authorization}
    assert told == {"1/runs/x", "1/runs/away"}
    assert {"1/else", "2/runs/x", "2/elsewhere"} <= {where for where, _ in heard}
