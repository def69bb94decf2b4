"""The service's check of itself, and what it clears away."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from cygnet_hub.services.sync.model.principal import Principal
from cygnet_hub.services.sync.model.settings import Settings
from cygnet_hub.services.sync.service.fsck import DAY, check
from cygnet_hub.services.sync.service.fsck import collect_garbage as collect
from cygnet_hub.services.sync.service.services import Services
from tests.sync_server import GROUPS, PEOPLE, MemoryDirectory

ADA = Principal("user", "ada")


def open_services(data: Path) -> Services:
    return Services.open(Settings.in_folder(data, "http://127.0.0.1/"), MemoryDirectory(PEOPLE, GROUPS))


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    opened = open_services(tmp_path)
    await opened.tree.open_account("ada")
    await opened.tree.make_folder(ADA, "/d")
    await put(opened, "/d/f", b"first")
    await put(opened, "/d/f", b"second!")
    await opened.tree.copy(ADA, "/d", "/e")
    await opened.tree.delete(ADA, "/d")
    yield opened
    opened.close()


async def put(services: Services, path: str, data: bytes) -> None:
    incoming = services.tree.incoming()
    await incoming.write(data)
    await services.tree.put(ADA, path, await incoming.finish())


def extents(services: Services) -> list[Path]:
    return [path for path in Path(services.disk.contents.root).rglob("*") if path.is_file()]


def damage(services: Services, statement: str) -> None:
    services.database.write_now(lambda connection: connection.execute(text(statement)))


async def test_a_used_service_is_clean(services: Services) -> None:
    assert check(services.database, services.disk.contents).clean


async def test_sums_and_sequence_numbers_are_corrected(services: Services) -> None:
    damage(services, "UPDATE node SET size = 99, tree_seq = 0 WHERE folder")
    damage(services, "UPDATE space SET stored = 1")
    report = check(services.database, services.disk.contents)
    assert report.corrected and not report.damage
    assert check(services.database, services.disk.contents).clean
    assert (await services.tree.stat(ADA, "/")).size == len(b"second!")


async def test_contents_that_are_missing_or_short_are_reported_with_the_files(services: Services) -> None:
    short, missing = sorted(extents(services), key=lambda path: path.stat().st_size)
    missing.unlink()
    short.write_bytes(b"")
    report = check(services.database, services.disk.contents)
    assert len(report.damage) == 2
    assert any("is missing" in words for words in report.damage)
    assert all("part of the files [" in words for words in report.damage)


async def test_files_without_a_version_are_reported(services: Services) -> None:
    damage(services, "UPDATE node SET version = 12345 WHERE NOT folder")
    assert check(services.database, services.disk.contents).damage


async def test_only_old_garbage_is_removed_and_nothing_that_is_used(services: Services) -> None:
    incoming = services.tree.incoming()
    await incoming.write(b"never committed")
    await incoming.finish()
    damage(services, "DELETE FROM version WHERE id = (SELECT min(id) FROM version)")
    before = len(extents(services))
    assert collect(services.database, services.disk.contents) == 0
    assert collect(services.database, services.disk.contents, time.time() + DAY + 60) == 2
    assert len(extents(services)) == before - 2
    opened = await services.tree.open(ADA, "/e/f")
    assert b"".join([block async for block in opened.read()]) == b"second!"


async def test_a_stop_without_warning_is_noticed_at_the_next_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = open_services(tmp_path)
    first.disk.close()
    first.database.close()  # the process died: the mark is still there
    second = open_services(tmp_path)
    assert "not stopped cleanly" in caplog.text
    second.close()
    caplog.clear()
    open_services(tmp_path).close()
    assert "not stopped cleanly" not in caplog.text
