"""The order in which a write becomes durable, and what happens when it stops in between."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from cygnet_hub.services.sync.model.conditions import Conditions
from cygnet_hub.services.sync.model.errors import (
    ChecksumMismatch,
    CygnetError,
    Forbidden,
    PreconditionFailed,
    QuotaExceeded,
)
from cygnet_hub.services.sync.model.principal import Principal
from cygnet_hub.services.sync.model.settings import Settings
from cygnet_hub.services.sync.service.fsck import check
from cygnet_hub.services.sync.service.services import Services
from tests.sync_server import GROUPS, PEOPLE, MemoryDirectory

ADA = Principal("user", "ada")


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    opened = Services.open(Settings.in_folder(tmp_path, "http://127.0.0.1/"), MemoryDirectory(PEOPLE, GROUPS))
    await opened.tree.open_account("ada")
    yield opened
    opened.close()


async def put(services: Services, path: str, data: bytes, conditions: Conditions | None = None) -> str:
    incoming = services.tree.incoming()
    await incoming.write(data)
    content = await incoming.finish()
    node, _ = await services.tree.put(ADA, path, content, conditions=conditions or Conditions())
    return node.etag


async def read(services: Services, path: str) -> bytes:
    opened = await services.tree.open(ADA, path)
    return b"".join([block async for block in opened.read()])


def stored(services: Services) -> list[str]:
    return sorted(path.name for path in Path(services.disk.contents.root).rglob("*") if path.is_file())


async def test_the_bytes_are_on_disk_before_the_name_and_the_name_before_the_commit(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    datasync, rename, fsync = os.fdatasync, Path.rename, os.fsync
    monkeypatch.setattr(os, "fdatasync", lambda fd: (steps.append("fdatasync"), datasync(fd))[1])
    monkeypatch.setattr(os, "fsync", lambda fd: (steps.append("fsync folder"), fsync(fd))[1])
    monkeypatch.setattr(Path, "rename", lambda self, to: (steps.append("rename"), rename(self, to))[1])
    event.listen(services.database.engine, "commit", lambda _: steps.append("commit"))
    await put(services, "/f", b"x" * 3_000_000)
    steps.append("answer")
    # Before that the folder of the storage was made, and flushed too.
    assert steps[steps.index("fdatasync") :] == ["fdatasync", "rename", "fsync folder", "commit", "answer"]


async def test_sqlite_flushes_at_every_commit(services: Services) -> None:
    def pragmas(connection) -> tuple[int, str]:
        return (
            connection.execute(text("PRAGMA synchronous")).scalar_one(),
            connection.execute(text("PRAGMA journal_mode")).scalar_one(),
        )

    assert await services.database.read(pragmas) == (2, "wal")
    assert await services.database.write(pragmas) == (2, "wal")


@pytest.mark.parametrize("step", ["fdatasync", "rename", "commit"])
async def test_a_failure_at_any_step_leaves_the_old_version(
    services: Services, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await put(services, "/f", b"old")
    before = (await services.tree.stat(ADA, "/")).etag

    def fail(*_args: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        if step == "commit":
            event.listen(services.database.engine, "commit", fail)
        else:
            broken.setattr(*{"fdatasync": (os, "fdatasync"), "rename": (Path, "rename")}[step], fail)
        with pytest.raises(OSError, match="Input/output"):
            await put(services, "/f", b"new")
        if step == "commit":
            event.remove(services.database.engine, "commit", fail)
    assert await read(services, "/f") == b"old"
    assert (await services.tree.stat(ADA, "/")).etag == before
    assert not [name for name in stored(services) if name.endswith(".part")]
    assert check(services.database, services.disk.contents).clean
    await put(services, "/f", b"new")
    assert await read(services, "/f") == b"new"


async def test_what_is_refused_leaves_nothing_in_the_storage(services: Services) -> None:
    await put(services, "/f", b"old")
    before = stored(services)
    with pytest.raises(PreconditionFailed):
        await put(services, "/f", b"new", Conditions(if_match=("stale",)))
    incoming = services.tree.incoming()
    await incoming.write(b"x" * 2_000_000)
    with pytest.raises(ChecksumMismatch):
        await incoming.finish(checksums={"SHA1": "0" * 40})
    interrupted = services.tree.incoming()
    await interrupted.write(b"x" * 2_000_000)
    await interrupted.abort()
    with pytest.raises(CygnetError):
        await interrupted.finish()
    assert stored(services) == before


async def test_of_sixteen_writers_with_the_same_etag_exactly_one_wins_each_round(services: Services) -> None:
    etag = await put(services, "/f", b"start")
    for round_ in range(20):
        bodies = [f"{round_} {writer}".encode() for writer in range(16)]
        attempts = [put(services, "/f", body, Conditions(if_match=(etag,))) for body in bodies]
        results = await asyncio.gather(*attempts, return_exceptions=True)
        won = [
            (body, result) for body, result in zip(bodies, results, strict=True) if isinstance(result, str)
        ]
        assert len(won) == 1
        assert all(isinstance(result, str | PreconditionFailed) for result in results)
        assert await read(services, "/f") == won[0][0]
        etag = won[0][1]


async def test_of_many_that_create_the_same_file_one_creates_it(services: Services) -> None:
    attempts = [put(services, "/new", b"x", Conditions(if_none_match=("*",))) for _ in range(16)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 1


async def test_one_failure_in_a_group_undoes_only_itself(services: Services) -> None:
    attempts = [put(services, f"/missing/{n}" if n % 3 == 0 else f"/{n}", b"x") for n in range(30)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert [n for n, result in enumerate(results) if not isinstance(result, str)] == list(range(0, 30, 3))
    assert len([node async for node in services.tree.inside(ADA, "/")]) == 20
    assert check(services.database, services.disk.contents).clean


async def test_a_write_against_a_move_and_a_delete_of_its_folder_is_whole_or_refused(
    services: Services,
) -> None:
    for round_ in range(10):
        await services.tree.make_folder(ADA, f"/d{round_}")
        results = await asyncio.gather(
            put(services, f"/d{round_}/f", b"data"),
            services.tree.move(ADA, f"/d{round_}", f"/m{round_}"),
            put(services, f"/d{round_}/g", b"data"),
            services.tree.delete(ADA, f"/m{round_}"),
            return_exceptions=True,
        )
        assert all(not isinstance(result, Exception) or isinstance(result, CygnetError) for result in results)
    assert check(services.database, services.disk.contents).clean


async def test_an_open_file_is_read_as_it_was_opened(services: Services) -> None:
    await put(services, "/f", b"a" * 3_000_000)
    opened = await services.tree.open(ADA, "/f")
    await put(services, "/f", b"b" * 3_000_000)
    await services.tree.delete(ADA, "/f")
    assert b"".join([block async for block in opened.read()]) == b"a" * 3_000_000


async def test_copies_share_their_bytes(services: Services) -> None:
    await put(services, "/f", b"a" * 3_000_000)
    before = stored(services)
    await services.tree.copy(ADA, "/f", "/g")
    assert stored(services) == before
    assert await read(services, "/g") == b"a" * 3_000_000


async def test_a_full_disk_is_told_as_such_and_the_service_goes_on(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(services, "/f", b"old")
    with monkeypatch.context() as full:
        full.setattr(os, "fdatasync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left")))
        with pytest.raises(QuotaExceeded, match="disk"):
            await put(services, "/f", b"new")
    assert await read(services, "/f") == b"old"
    await put(services, "/f", b"new")


async def test_names_are_found_in_any_case_and_spelling(services: Services) -> None:
    await services.tree.make_folder(ADA, "/Übung")
    await put(services, "/Übung/E\u0301te\u0301 2026.txt", b"x")
    await put(services, "/100%", b"x")
    for query in ("übung", "ÜB"):
        assert [node.path for node in await services.tree.search(ADA, query)] == ["/Übung"]
    assert [node.name for node in await services.tree.search(ADA, "2026 \u00e9T\u00e9")] == [
        "E\u0301te\u0301 2026.txt"
    ]
    assert [node.path for node in await services.tree.search(ADA, "%")] == ["/100%"]
    assert await services.tree.search(ADA, " ") == []


async def test_names_are_not_told_to_who_may_not_read(services: Services) -> None:
    await services.tree.make_folder(ADA, "/secret plan")
    with pytest.raises(Forbidden):
        await services.tree.search(Principal("user", "ada", scopes=frozenset({"shares"})), "plan")
