"""Several processes of the service at one address: new connections find another when one of them ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from cygnet_hub.services.sync.store.database import Database
from cygnet_hub.services.sync.store.neighbours import Lead
from tests.sync_process import PEOPLE, Process, service_process

COUNT = 3
PATIENCE = 60.0


def wait_for(happens: Callable[[], bool]) -> None:
    """Wait until something is so, for a while."""
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="module")
def urls() -> tuple[str, str]:
    """Database and storage; empty for those in the folder."""
    return "", ""


@contextmanager
def serving(folder: Path, urls: tuple[str, str]) -> Iterator[Process]:
    """Run them until the block ends."""
    with service_process(folder, *urls, CYGNET_SYNC_PROCESSES=str(COUNT)) as running:
        wait_for(lambda: len(workers(running)) == COUNT and set(numbers(running)) == {"0", "1", "2"})
        yield running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, urls: tuple[str, str]) -> Iterator[Process]:
    with serving(tmp_path_factory.mktemp("crew"), urls) as running:
        yield running


@pytest.fixture
def ending(tmp_path: Path, urls: tuple[str, str]) -> Iterator[Process]:
    """For a test that ends it."""
    with serving(tmp_path, urls) as running:
        yield running


def workers(service: Process) -> list[psutil.Process]:
    """The processes that answer."""
    return psutil.Process(service.pid).children()


def ask(service: Process, method: str, path: str, body: bytes | None = None) -> httpx.Response:
    """One request by a connection of its own."""
    url = f"{service.url}/remote.php/dav/files/ada{path}"
    return httpx.request(method, url, content=body, auth=service.auth(), timeout=PATIENCE, trust_env=False)


def numbers(service: Process) -> dict[str, float]:
    """How many requests each process has answered."""
    headers = {"Authorization": f"Bearer {service.metrics_token()}"}
    text = httpx.get(f"{service.url}/metrics", headers=headers, timeout=PATIENCE, trust_env=False).text
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith(("cygnet_sync_requests_total", "cygnet_sync_requests_under_way")):
            labels, _, value = line.rpartition(" ")
            process = labels.partition('process="')[2].partition('"')[0]
            found[process] = found.get(process, 0) + float(value)
    assert text.count("# TYPE cygnet_sync_requests_total ") == 1
    return found


def test_all_of_them_answer_and_each_tells_the_numbers_of_all(service: Process) -> None:
    before = sum(numbers(service).values())

    def work() -> None:
        for turn in range(20):
            assert ask(service, "PUT", f"/{threading.get_ident()}-{turn}", b"x").status_code == 201

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    wait_for(lambda: sum(numbers(service).values()) >= before + 120)
    assert sum(1 for count in numbers(service).values() if count > 5) > 1


def test_new_connections_do_not_notice_a_killed_process_and_another_takes_its_place(service: Process) -> None:
    for turn in range(4):
        victim = workers(service)[0]
        victim.send_signal(signal.SIGKILL)
        for number in range(10):
            path = f"/{turn}-{number}"
            assert ask(service, "PUT", path, path.encode()).status_code == 201
            assert ask(service, "GET", path).content == path.encode()
        wait_for(lambda gone=victim: len(workers(service)) == COUNT and gone not in workers(service))  # type: ignore[misc]


def test_a_feed_hears_of_what_any_of_them_stores(service: Process) -> None:
    with httpx.Client(auth=service.auth(), timeout=PATIENCE, trust_env=False) as client:
        url = f"{service.url}/api/v1/changes"
        cursor = client.get(url).json()["cursor"]
        for turn in range(6):
            ask(service, "PUT", f"/news-{turn}", b"1")
            seen = client.get(url, params={"cursor": cursor, "wait": 30, "client": "other"}).json()
            assert f"/news-{turn}" in [change["path"] for change in seen["changes"]]
            cursor = seen["cursor"]


def test_an_inbox_hears_of_what_happens_at_any_of_them(service: Process) -> None:
    api = f"{service.url}/api/v1"
    events = {"Accept": "text/event-stream"}
    people = {
        user: httpx.Client(auth=service.auth(user), timeout=PATIENCE, trust_env=False) for user in PEOPLE
    }
    with (
        people["ada"] as ada,
        people["bob"] as bob,
        bob.stream("GET", f"{api}/notices/events", headers=events) as told,
    ):
        lines = (line for line in told.iter_lines() if line.startswith("data: {"))
        versions = [json.loads(next(lines).removeprefix("data: "))["version"]]
        for turn in range(4):
            ask(service, "PUT", f"/given-{turn}", b"1")
            # A connection of its own: another process may answer it.
            body = {"path": f"/given-{turn}", "kind": "user", "grantee": "bob"}
            answer = ada.post(f"{api}/shares", json=body, headers={"Connection": "close"})
            assert answer.is_success, answer.text
            versions.append(json.loads(next(lines).removeprefix("data: "))["version"])
    assert versions == sorted(set(versions))


def test_the_end_lets_requests_finish_and_leaves_nothing(ending: Process) -> None:
    pids = [ending.pid, *(one.pid for one in workers(ending))]
    with socket.create_connection(("127.0.0.1", ending.port), timeout=PATIENCE) as connection:
        head = "PUT /services/sync/remote.php/dav/files/ada/slow HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        connection.sendall(f"{head}Authorization: {ending.basic()}\r\nContent-Length: 6\r\n\r\nfir".encode())
        time.sleep(0.5)
        os.kill(ending.pid, signal.SIGTERM)
        time.sleep(0.5)
        assert ask(ending, "GET", "/slow").status_code == 503
        connection.sendall(b"st!")
        assert connection.recv(1000).startswith(b"HTTP/1.1 201")
    wait_for(lambda: not any(psutil.pid_exists(pid) and not _is_zombie(pid) for pid in pids))


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_when_the_parent_is_killed_the_others_end(ending: Process) -> None:
    pids = [one.pid for one in workers(ending)]
    os.kill(ending.pid, signal.SIGKILL)
    wait_for(lambda: all(_is_zombie(pid) for pid in pids))


@pytest.fixture
def unused(tmp_path: Path) -> str:
    """The address of a database that nobody serves."""
    return f"sqlite:///{tmp_path}/sync.db"


def test_one_of_them_has_the_lead_and_hands_it_on(unused: str) -> None:
    opened = [Database.open(unused) for _ in range(2)]
    one, two = (Lead(database.engine) for database in opened)
    try:
        assert [one.mine(), two.mine(), one.mine(), two.mine()] == [True, False, True, False]
        one.leave()
        assert two.mine()
        assert not one.mine()
    finally:
        for lead, database in zip((one, two), opened, strict=True):
            lead.leave()
            database.close()
