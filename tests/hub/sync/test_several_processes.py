"""Two services on one database: what one does, the other knows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cygnet_hub.services.sync.service.fsck import check
from cygnet_hub.services.sync.store import credentials as store
from tests.hub.sync.api import Api
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer, sync_server

Pair = tuple[SyncServer, SyncServer]


@pytest.fixture
def urls() -> tuple[str, str]:
    """Database and storage; empty for those in the folder."""
    return "", ""


@pytest.fixture
def pair(tmp_path: Path, urls: tuple[str, str]) -> Iterator[Pair]:
    """Two services, the second started while the first runs."""
    with sync_server(tmp_path, *urls) as one, sync_server(tmp_path, *urls) as two:
        yield one, two


def test_the_feed_of_one_tells_what_the_other_wrote(pair: Pair) -> None:
    here, there = (Dav(server, "ada") for server in pair)
    here.put("/f", "1")
    listener = Api(pair[1], "ada").http
    cursor = listener.get("/api/v1/changes", headers={"Accept": "application/json"}).json()["cursor"]
    heard: list[tuple[float, str]] = []

    def listen() -> None:
        answer = listener.get(
            f"/api/v1/changes?cursor={cursor}&wait=20", headers={"Accept": "application/json"}
        ).json()
        heard.append((time.monotonic(), answer["changes"][0]["path"]))

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(0.5)
    wrote = time.monotonic()
    here.put("/news", "2")
    thread.join(30)
    assert heard[0][1] == "/news" and heard[0][0] - wrote < 5
    assert there.get("/news") == b"2"


def test_a_revoked_credential_is_refused_by_the_other_at_once(pair: Pair) -> None:
    here, there = pair
    dav = Dav(there, "ada")
    dav.headers = Dav(here, "ada").headers
    assert dav("PROPFIND", "/", Depth="0").status == 207
    ids = here.services.database.read_now(
        lambda c: [item.id for item in store.listing(c, "ada", "app-password")]
    )
    for identifier in ids:
        here.services.database.write_now(lambda c, i=identifier: store.remove(c, i, "app-password", "ada"))
    assert dav("PROPFIND", "/", Depth="0").status == 401


def test_writers_in_both_lose_nothing(pair: Pair) -> None:
    etag = Dav(pair[0], "ada").put("/f", "start").etag
    for round_ in range(5):
        results: list[tuple[int, str]] = []

        def attempt(server: SyncServer, body: str, expected: str, results: list[tuple[int, str]]) -> None:
            answer = Dav(server, "ada").put("/f", body, If_Match=expected)
            results.append((answer.status, answer.headers.get("ETag", "")))

        threads = [
            threading.Thread(target=attempt, args=(pair[n % 2], f"{round_} {n}", etag, results))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(status for status, _ in results) == [204] + [412] * 7
        etag = next(found for status, found in results if status == 204)
    services = pair[0].services
    assert check(services.database, services.disk.contents).clean


def test_only_a_crash_is_taken_for_one(
    tmp_path: Path, urls: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with sync_server(tmp_path, *urls):
        with sync_server(tmp_path, *urls):
            pass
        with sync_server(tmp_path, *urls):
            pass
    with sync_server(tmp_path, *urls):
        assert "not stopped cleanly" not in caplog.text
