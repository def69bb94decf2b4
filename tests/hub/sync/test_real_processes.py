"""Two processes of the service on one database, as several cores want them: one tree, whoever answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cygnet_hub.services.sync.store import nodes, spaces
from cygnet_hub.services.sync.store.database import Database
from tests.sync_process import Process, service_process

LOCK = (
    '<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope>'
    "<d:locktype><d:write/></d:locktype></d:lockinfo>"
)


@pytest.fixture(scope="module")
def urls() -> tuple[str, str]:
    """Database and storage; empty for those in the folder."""
    return "", ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("processes")


@pytest.fixture(scope="module")
def pair(folder: Path, urls: tuple[str, str]) -> Iterator[tuple[Process, Process]]:
    with service_process(folder, *urls) as one, service_process(folder, *urls) as two:
        yield one, two


@pytest.fixture
def people(pair: tuple[Process, Process]) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Ada at the one and at the other, with the same password."""
    auth, root = pair[0].auth(), "/remote.php/dav/files/ada"
    with (
        httpx.Client(base_url=pair[0].url + root, auth=auth, timeout=60) as here,
        httpx.Client(base_url=pair[1].url + root, auth=auth, timeout=60) as there,
    ):
        yield here, there


People = tuple[httpx.Client, httpx.Client]


def test_what_one_stored_the_other_has_at_once(people: People) -> None:
    here, there = people
    for turn in range(20):
        etag = here.put("/same", content=b"%d" % turn).headers["ETag"]
        answer = there.get("/same")
        assert (answer.content, answer.headers["ETag"]) == (b"%d" % turn, etag)
        here, there = there, here


def test_the_feed_of_one_wakes_for_a_commit_of_the_other(
    pair: tuple[Process, Process], people: People
) -> None:
    url = f"{pair[1].url}/api/v1/changes"
    listener = {"X-Cygnet-Client": "listener"}
    with httpx.Client(auth=pair[0].auth(), timeout=60, headers=listener) as client:
        cursor = client.get(url).json()["cursor"]
        heard: list[tuple[float, str]] = []

        def listen() -> None:
            found = client.get(url, params={"cursor": cursor, "wait": 50}).json()["changes"]
            heard.append((time.monotonic(), found[0]["path"]))

        thread = threading.Thread(target=listen)
        thread.start()
        time.sleep(1)
        wrote = time.monotonic()
        people[0].put("/news", content=b"1")
        thread.join(60)
    assert heard[0][1] == "/news"
    assert heard[0][0] - wrote < 20  # a poll that only ends in time takes fifty


def test_a_lock_holds_at_the_other(people: People) -> None:
    here, there = people
    here.put("/locked", content=b"1")
    token = here.request("LOCK", "/locked", content=LOCK).headers["Lock-Token"]
    assert there.put("/locked", content=b"2").status_code == 423
    assert there.put("/locked", content=b"2", headers={"If": f"({token})"}).status_code == 204
    assert there.request("UNLOCK", "/locked", headers={"Lock-Token": token}).status_code == 204
    assert here.put("/locked", content=b"3").status_code == 204


def test_of_many_writers_at_both_one_wins_each_round(people: People) -> None:
    etag = people[0].put("/raced", content=b"start").headers["ETag"]
    for turn in range(5):
        answers: list[httpx.Response] = []

        def write(number: int, expected: str, turn: int, answers: list[httpx.Response]) -> None:
            body, headers = f"{turn} {number}".encode(), {"If-Match": expected}
            answers.append(people[number % 2].put("/raced", content=body, headers=headers))

        threads = [threading.Thread(target=write, args=(n, etag, turn, answers)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(answer.status_code for answer in answers) == [204] + [412] * 7
        etag = next(answer.headers["ETag"] for answer in answers if answer.status_code == 204)


def test_the_quota_counts_what_came_by_both(people: People, folder: Path, urls: tuple[str, str]) -> None:
    database = Database.open(urls[0] or f"sqlite:///{folder}/sync.db")
    home = database.read_now(lambda c: spaces.home(c, "ada"))
    assert home is not None
    root = database.read_now(lambda c: nodes.get(c, home.root))
    assert root is not None
    database.write_now(lambda c: spaces.set_quota(c, home.id, root.size + 100_000))
    try:
        codes = [people[n % 2].put(f"/part{n}", content=bytes(30_000)).status_code for n in range(4)]
    finally:
        database.write_now(lambda c: spaces.set_quota(c, home.id, None))
        database.close()
    assert codes == [201, 201, 201, 507]
