"""Small files that come one by one at the same time: one extent, one transaction, each for itself."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from cygnet_hub.services.sync.handlers.dav import express
from cygnet_hub.services.sync.model.conditions import Conditions
from cygnet_hub.services.sync.model.errors import (
    ChecksumMismatch,
    Conflict,
    CygnetError,
    PreconditionFailed,
    QuotaExceeded,
    Unauthorized,
)
from cygnet_hub.services.sync.model.node import Node
from cygnet_hub.services.sync.model.principal import Principal, Step
from cygnet_hub.services.sync.model.settings import Settings
from cygnet_hub.services.sync.service.fsck import DAY, check, collect_garbage
from cygnet_hub.services.sync.service.scrub import scrub
from cygnet_hub.services.sync.service.services import Services
from cygnet_hub.services.sync.service.small import Unsure
from cygnet_hub.services.sync.service.together import NewFile
from cygnet_hub.services.sync.store.schema import journal, throttle
from tests.hub.sync.dav import Dav
from tests.sync_process import Process, service_process
from tests.sync_server import GROUPS, PEOPLE, MemoryDirectory, SyncServer


def person(name: str) -> Principal:
    """Somebody in one request of theirs."""
    return Principal("user", name)


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    opened = Services.open(Settings.in_folder(tmp_path, "http://127.0.0.1/"), MemoryDirectory(PEOPLE, GROUPS))
    for name in ("ada", "bob"):
        await opened.tree.open_account(name)
    yield opened
    opened.close()


def stored(services: Services) -> list[Path]:
    return sorted(path for path in Path(services.disk.contents.root).rglob("*") if path.is_file())


async def read(services: Services, path: str, name: str = "ada") -> bytes:
    opened = await services.tree.open(person(name), path)
    return b"".join([block async for block in opened.read()])


async def put(services: Services, path: str, data: bytes, **more: object) -> tuple[Node, bool]:
    return await services.small.put(person("ada"), NewFile(path, data, **more))  # type: ignore[arg-type]


async def test_what_comes_at_once_goes_together(services: Services) -> None:
    commits: list[object] = []
    event.listen(services.database.engine, "commit", commits.append)
    files = {f"/f{number}": os.urandom(number * 700) for number in range(40)}
    done = await asyncio.gather(*(put(services, path, data) for path, data in files.items()))
    assert all(created for _, created in done)
    assert len({node.etag for node, _ in done}) == len(files)
    assert (len(stored(services)), len(commits)) == (1, 1)
    for path, data in files.items():
        assert await read(services, path) == data
    assert check(services.database, services.disk.contents).clean
    assert scrub(services.database, services.disk.contents).clean
    rows = services.database.read_now(lambda c: c.execute(select(journal.c.seq, journal.c.path)).all())
    assert {row.path for row in rows} == {*files} and len({row.seq for row in rows}) == len(files)


async def test_each_succeeds_or_fails_for_itself(services: Services) -> None:
    old, _ = await put(services, "/known", b"old")
    stale = Conditions(if_match=("stale",))
    results = await asyncio.gather(
        put(services, "/good", b"good"),
        put(services, "/none/x", b"no folder"),
        put(services, "/known", b"new", conditions=Conditions(if_match=(old.etag,))),
        put(services, "/known", b"stale", conditions=stale),
        put(services, "/wrong", b"other bytes", checksums={"SHA1": "0" * 40}),
        put(services, "/good", b"again"),
        services.small.put(person("bob"), NewFile("/good", b"bob's")),
        services.small.put(person("nobody"), NewFile("/good", b"nobody's")),
        return_exceptions=True,
    )
    kinds = [type(result) for result in results]
    assert kinds == [tuple, Conflict, tuple, PreconditionFailed, ChecksumMismatch, tuple, tuple, kinds[-1]]
    assert issubclass(kinds[-1], CygnetError)
    assert (await read(services, "/good"), await read(services, "/known")) == (b"again", b"new")
    assert await read(services, "/good", "bob") == b"bob's"
    assert not any(b"other bytes" in path.read_bytes() for path in stored(services))
    assert check(services.database, services.disk.contents).clean


async def test_of_sixteen_writers_with_the_same_etag_exactly_one_wins_each_round(services: Services) -> None:
    node, _ = await put(services, "/f", b"start")
    for round_ in range(10):
        bodies = [f"{round_} {writer}".encode() for writer in range(16)]
        expected = Conditions(if_match=(node.etag,))
        attempts = [put(services, "/f", body, conditions=expected) for body in bodies]
        results = await asyncio.gather(*attempts, return_exceptions=True)
        won = [(b, result[0]) for b, result in zip(bodies, results, strict=True) if isinstance(result, tuple)]
        assert len(won) == 1
        assert sum(isinstance(result, PreconditionFailed) for result in results) == 15
        assert await read(services, "/f") == won[0][0]
        node = won[0][1]
    versions = await services.history.versions(person("ada"), node.id)
    assert len(versions) == 11


async def test_what_is_done_is_noted_for_who_asked(services: Services) -> None:
    people = [person("ada") for _ in range(5)]
    files = [NewFile(f"/f{number}", b"x") for number in range(5)]
    done = await asyncio.gather(*(services.small.put(*one) for one in zip(people, files, strict=True)))
    for who, file, (node, _) in zip(people, files, done, strict=True):
        assert who.trail[-1] == Step("put", file.path, node.id)
        assert [step.action for step in who.trail] == ["create", "put"]


async def test_an_extent_stays_until_nothing_refers_to_any_part_of_it(services: Services) -> None:
    await asyncio.gather(
        put(services, "/hers", b"ada's" * 100), services.small.put(person("bob"), NewFile("/his", b"bob's"))
    )
    (extent,) = stored(services)
    later = time.time() + 3 * DAY
    for name, path, left in (("ada", "/hers", [extent]), ("bob", "/his", [])):
        await services.tree.delete(person(name), path)
        collect_garbage(services.database, services.disk.contents, later)
        assert stored(services) == [extent]  # it is in the trash
        await services.history.purge(person(name), None)
        collect_garbage(services.database, services.disk.contents, later)
        assert stored(services) == left
        assert check(services.database, services.disk.contents).clean
        if left:
            assert await read(services, "/his", "bob") == b"bob's"


async def test_what_is_refused_whole_leaves_nothing_in_the_storage(services: Services) -> None:
    results = await asyncio.gather(
        *(put(services, f"/none/{number}", b"x") for number in range(5)),
        put(services, "/wrong", b"y", checksums={"MD5": "0"}),
        return_exceptions=True,
    )
    assert {type(result) for result in results} == {Conflict, ChecksumMismatch}
    assert stored(services) == []


async def test_a_full_disk_is_told_to_all_and_the_service_goes_on(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", full)
        results = await asyncio.gather(
            *(put(services, f"/f{number}", b"x") for number in range(3)), return_exceptions=True
        )
    assert {type(result) for result in results} == {QuotaExceeded}
    assert stored(services) == []
    await put(services, "/f", b"x")
    assert await read(services, "/f") == b"x"


async def test_nobody_knows_what_came_of_a_commit_that_failed(services: Services) -> None:
    def fail(_connection: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    event.listen(services.database.engine, "commit", fail)
    with pytest.raises(Unsure):
        await put(services, "/f", b"x")
    event.remove(services.database.engine, "commit", fail)
    await put(services, "/f", b"x")


async def test_who_may_nothing_is_refused_and_others_are_not(services: Services) -> None:
    nobody = Principal("service", "hub")
    results = await asyncio.gather(
        services.small.put(nobody, NewFile("/f", b"x")), put(services, "/g", b"x"), return_exceptions=True
    )
    assert isinstance(results[0], Unauthorized) and isinstance(results[1], tuple)


def test_what_failed_on_its_way_to_the_disk_is_not_done_again(server: SyncServer, ada: Dav) -> None:
    failures: list[object] = []

    def fail(connection: object) -> None:
        failures.append(connection)
        raise OSError(errno.EIO, "Input/output error")

    assert ada.put("/once", b"old").status == 201
    engine = server.services.database.engine
    event.listen(engine, "commit", fail)
    answer = ada.put("/once", b"new")
    event.remove(engine, "commit", fail)
    assert (answer.status, len(failures)) == (500, 1)
    assert ada.get("/once") == b"old"


def test_what_is_stored_is_not_stored_again_when_the_answer_fails(
    ada: Dav, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = ada.put("/answered", b"first")
    with monkeypatch.context() as broken:
        broken.setattr(express, "stored_headers", lambda *_: 1 / 0)
        assert ada.put("/answered", b"second").status == 500
    assert ada.get("/answered") == b"second"
    number = stored.headers["OC-FileId"].partition("oc")[0].lstrip("0")
    versions = Dav(ada.server, "ada", "/remote.php/dav/versions/ada").list(f"/versions/{number}")
    assert len([path for path in versions if path.count("/") == 3]) == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "PROPFIND"])
def test_a_wrong_password_is_counted_once(server: SyncServer, ada: Dav, method: str) -> None:
    ada.put("/guessed", b"x")
    answer = ada(method, "/guessed", Authorization="Basic YWRhOndyb25n", Depth="0")
    assert answer.status == 401
    counted = select(func.max(throttle.c.failures))
    assert server.services.database.read_now(lambda c: c.execute(counted).scalar()) == 1
    server.forget_guesses()


def test_the_audit_log_survives_a_kill_right_after_the_answer(tmp_path: Path) -> None:
    """By the express lane, and by the usual handlers."""
    with service_process(tmp_path) as process:
        answer_and_kill(process, "PUT", "MKCOL")
    written = (tmp_path / "audit.log").read_text()
    assert all(f'"request": "killed-{method}"' in written for method in ("PUT", "MKCOL"))


def answer_and_kill(process: Process, *methods: str) -> None:
    """Kill it with the last answer."""
    heads = [
        f"{method} /services/sync/remote.php/dav/files/ada/{method} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: {process.basic()}\r\nX-Request-ID: killed-{method}\r\nContent-Length: 0\r\n\r\n"
        for method in methods
    ]
    with socket.create_connection(("127.0.0.1", process.port), 60) as channel:
        channel.sendall("".join(heads).encode())
        came = b""
        while came.count(b"HTTP/1.1 201") < len(methods):
            came += channel.recv(1 << 16)
        os.kill(process.pid, signal.SIGKILL)
