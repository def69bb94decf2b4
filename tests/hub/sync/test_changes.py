"""The changes feed, on a real database without a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from cygnet_hub.services.sync.model.errors import BadRequest, Unavailable
from cygnet_hub.services.sync.model.principal import Principal
from cygnet_hub.services.sync.model.settings import Settings
from cygnet_hub.services.sync.service.services import Services
from cygnet_hub.services.sync.store import journal
from tests.sync_server import GROUPS, PEOPLE, MemoryDirectory

ADA = Principal("user", "ada", credential_id="laptop")
ADA_ELSEWHERE = Principal("user", "ada", credential_id="session")


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    opened = Services.open(Settings.in_folder(tmp_path, "http://127.0.0.1/"), MemoryDirectory(PEOPLE, GROUPS))
    await opened.tree.open_account("ada")
    yield opened
    await opened.changes.stop()
    opened.close()


async def put(services: Services, path: str, data: bytes = b"x") -> None:
    incoming = services.tree.incoming()
    await incoming.write(data)
    await services.tree.put(ADA, path, await incoming.finish())


async def test_tells_every_kind_of_change_in_order(services: Services) -> None:
    start = await services.changes.since(ADA_ELSEWHERE, None)
    await services.tree.make_folder(ADA, "/d")
    await put(services, "/d/f")
    await services.tree.move(ADA, "/d/f", "/d/g")
    await services.tree.delete(ADA, "/d")
    batch = await services.changes.since(ADA_ELSEWHERE, start.cursor)
    told = [(change.op, change.path, change.old_path) for change in batch.changes]
    assert told == [
        ("mkdir", "/d", None),
        ("put", "/d/f", None),
        ("move", "/d/g", "/d/f"),
        ("delete", "/d", None),
    ]
    assert (await services.changes.since(ADA_ELSEWHERE, batch.cursor)).changes == ()


async def test_leaves_out_the_listeners_own_changes(services: Services) -> None:
    start = await services.changes.since(ADA, None)
    await put(services, "/f")
    assert (await services.changes.since(ADA, start.cursor)).changes == ()


async def test_a_waiting_listener_is_woken_by_a_change(services: Services) -> None:
    start = await services.changes.since(ADA_ELSEWHERE, None)
    waiting = asyncio.create_task(services.changes.wait(ADA_ELSEWHERE, start.cursor, 10))
    await asyncio.sleep(0.1)
    await put(services, "/f")
    batch = await asyncio.wait_for(waiting, 2)
    assert [change.path for change in batch.changes] == ["/f"]


async def test_what_is_written_while_the_first_listener_arrives_is_told(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = await services.changes.since(ADA_ELSEWHERE, None)
    read = services.database.read

    async def slow(run: Any) -> Any:
        if run is journal.last_id:
            await asyncio.sleep(0.3)
        return await read(run)

    monkeypatch.setattr(services.database, "read", slow)
    waiting = asyncio.create_task(services.changes.wait(ADA_ELSEWHERE, start.cursor, 30))
    await asyncio.sleep(0.1)
    await put(services, "/f")
    batch = await asyncio.wait_for(waiting, 10)
    assert [change.path for change in batch.changes] == ["/f"]


async def test_a_database_that_is_away_for_a_moment_does_not_end_the_feed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = await services.changes.since(ADA_ELSEWHERE, None)
    touched, failures = journal.touched, iter(range(2))

    def fail_at_first(connection: Connection, after: int) -> Any:
        if next(failures, None) is not None:
            raise Unavailable("The database does not answer.")
        return touched(connection, after)

    monkeypatch.setattr(journal, "touched", fail_at_first)
    waiting = asyncio.create_task(services.changes.wait(ADA_ELSEWHERE, start.cursor, 30))
    await asyncio.sleep(0.3)
    await put(services, "/f")
    batch = await asyncio.wait_for(waiting, 15)
    assert [change.path for change in batch.changes] == ["/f"]


async def test_waiting_ends_in_time_without_a_change(services: Services) -> None:
    start = await services.changes.since(ADA, None)
    assert (await services.changes.wait(ADA, start.cursor, 0.1)).changes == ()


async def test_following_goes_on(services: Services) -> None:
    cursor = (await services.changes.since(ADA_ELSEWHERE, None)).cursor
    for name in ("/a", "/b"):
        await put(services, name)
        batch = await services.changes.wait(ADA_ELSEWHERE, cursor, 30)
        assert [change.path for change in batch.changes] == [name]
        cursor = batch.cursor


async def test_a_look_that_fails_leaves_nobody_waiting(services: Services) -> None:
    with pytest.raises(BadRequest):
        await services.changes.wait(ADA, "nonsense", 30)
    assert services.changes.listeners == 0


async def test_a_cursor_of_another_installation_resets(services: Services) -> None:
    assert (await services.changes.since(ADA, "oc0000000000-7-abc")).reset
    mine = (await services.changes.since(ADA, None)).cursor.split("-")
    assert (await services.changes.since(ADA, f"{mine[0]}-999999-{mine[2]}")).reset


async def test_nonsense_is_refused(services: Services) -> None:
    with pytest.raises(BadRequest):
        await services.changes.since(ADA, "nonsense")
