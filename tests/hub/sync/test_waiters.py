"""Who waits is woken by what is their business, and by nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from cygnet_hub.services.sync.model.errors import Unavailable
from cygnet_hub.services.sync.service.waiters import Waiters, Written
from cygnet_hub.services.sync.store.database import Database

MANY = 1000
PATIENCE = 60.0


class Log:
    """What was written, and how often somebody asked."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.asked = 0
        self.fails = 0

    async def since(self, last: int | None) -> Written[str]:
        self.asked += 1
        if self.fails:
            self.fails -= 1
            raise Unavailable("The database does not answer.")
        if last is None:
            return Written(len(self.entries))
        return Written(len(self.entries), frozenset(self.entries[last:]))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(f"sqlite:///{tmp_path}/sync.db")
    yield opened
    opened.close()


@pytest.fixture
async def waiters(database: Database, log: Log) -> AsyncIterator[Waiters[str]]:
    made = Waiters(database, "test-feed", log.since)
    yield made
    await made.stop()


@pytest.fixture
def write(database: Database, log: Log) -> Callable[[str], None]:
    def one(key: str) -> None:
        log.entries.append(key)
        database.write_now(lambda _: None)

    return one


async def seated(waiters: Waiters[str], log: Log) -> None:
    """Return once the first question is over, which wakes everybody to look again."""
    with waiters.enter(frozenset({"nobody"})) as first:
        await first.sleep(PATIENCE)
    assert log.asked


async def woken(waiters: Waiters[str], key: str, ready: asyncio.Semaphore) -> str:
    with waiters.enter(frozenset({key})) as waiter:
        ready.release()
        await waiter.sleep(PATIENCE)
    return key


async def test_of_a_thousand_those_are_woken_whose_business_it_is(
    waiters: Waiters[str], log: Log, write: Callable[[str], None]
) -> None:
    with waiters.enter(frozenset({"nobody"})):  # the task goes on asking
        await seated(waiters, log)
        ready = asyncio.Semaphore(0)
        tasks = [asyncio.create_task(woken(waiters, f"key{n % 2}", ready)) for n in range(MANY)]
        for _ in tasks:
            await ready.acquire()
        asked = log.asked
        await asyncio.to_thread(write, "key1")
        done, waiting = await asyncio.wait(tasks[1::2], timeout=PATIENCE)
        assert not waiting and {task.result() for task in done} == {"key1"}
        assert not any(task.done() for task in tasks[::2])
        assert log.asked - asked < 20  # one task for all of them
        await waiters.stop()
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    assert len(waiters) == 0


async def test_one_who_has_not_said_what_for_is_woken_by_anything(
    waiters: Waiters[str], log: Log, write: Callable[[str], None]
) -> None:
    with waiters.enter(frozenset({"nobody"})):
        await seated(waiters, log)
        with waiters.enter() as waiter:
            await asyncio.to_thread(write, "anything")
            await asyncio.wait_for(waiter.sleep(PATIENCE), PATIENCE / 2)


async def test_what_was_written_before_the_sleep_is_not_missed(
    waiters: Waiters[str], log: Log, write: Callable[[str], None]
) -> None:
    with waiters.enter() as waiter:
        await asyncio.to_thread(write, "mine")
        await asyncio.wait_for(waiter.sleep(PATIENCE, frozenset({"mine"})), PATIENCE / 2)


async def test_a_database_that_is_away_is_asked_again(
    waiters: Waiters[str], log: Log, write: Callable[[str], None]
) -> None:
    log.fails = 2
    with waiters.enter(frozenset({"mine"})) as waiter:
        await asyncio.to_thread(write, "mine")
        await asyncio.wait_for(waiter.sleep(PATIENCE), PATIENCE / 2)
    assert not log.fails


async def test_where_nobody_waits_nobody_asks(
    waiters: Waiters[str], log: Log, write: Callable[[str], None]
) -> None:
    await seated(waiters, log)
    asked = log.asked
    for _ in range(5):
        await asyncio.to_thread(write, "any")
    await asyncio.sleep(0.2)
    assert log.asked <= asked + 1


async def test_who_comes_after_the_end_does_not_wait(waiters: Waiters[str]) -> None:
    await waiters.stop()
    with waiters.enter() as waiter:
        await asyncio.wait_for(waiter.sleep(PATIENCE), PATIENCE / 2)
