"""A thousand feeds wait in one process: each is told of a change, and afterwards none is left over."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.sync_process import Process, service_process

LISTENERS = 1000
LIMIT = 90.0
PATH = "/services/sync/api/v1/changes"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Process]:
    """The service; this process may open as many connections as the listeners need."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    with service_process(tmp_path) as process:
        yield process
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


class Listener:
    """One open feed: every other one by server-sent events, the rest by long poll."""

    def __init__(self, service: Process, number: int, cursor: str) -> None:
        self.streams = number % 2 == 0
        kind = "text/event-stream" if self.streams else "application/json"
        head = (
            f"GET {PATH}?cursor={cursor}&wait=60 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {kind}\r\n"
            f"Authorization: {service.basic()}\r\nX-Cygnet-Client: listener-{number}\r\n\r\n"
        )
        self._port, self._head = service.port, head.encode()

    async def open(self) -> None:
        """Connect and ask; a stream says hello."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(self._head)
        await self._writer.drain()
        if self.streams:
            await self._reader.readuntil(b"event: hello")

    async def path(self) -> str:
        """The path of the change that it is told of."""
        await self._reader.readuntil(b'"path":' if not self.streams else b"event: change")
        rest = await self._reader.readuntil(b"}")
        text = rest.partition(b"data: ")[2] if self.streams else b'{"path":' + rest
        return str(json.loads(text)["path"])

    def close(self) -> None:
        """Leave."""
        self._writer.close()


async def told(service: Process) -> list[str]:
    """What every listener hears when a file is written."""
    async with httpx.AsyncClient(base_url=service.url, auth=service.auth(), timeout=LIMIT) as client:
        start = await client.get("/api/v1/changes")
        listeners = [Listener(service, number, start.json()["cursor"]) for number in range(LISTENERS)]
        for first in range(0, LISTENERS, 50):
            await asyncio.gather(*(listener.open() for listener in listeners[first : first + 50]))
        await listening(client, service, LISTENERS)
        assert (await client.put("/api/v1/content?path=/news", content=b"1")).status_code == 201
        heard = await asyncio.gather(*(listener.path() for listener in listeners))
        for listener in listeners:
            listener.close()
        await listening(client, service, 0)
        return heard


async def listening(client: httpx.AsyncClient, service: Process, wanted: int) -> None:
    """Wait until so many feeds wait."""
    while await waiting(client, service) != wanted:  # noqa: ASYNC110 - it happens in another process
        await asyncio.sleep(0.1)


async def waiting(client: httpx.AsyncClient, service: Process) -> int:
    """How many feeds wait, as the service counts them."""
    headers = {"Authorization": f"Bearer {service.metrics_token()}"}
    text = (await client.get("/metrics", headers=headers, auth=None)).text
    return int(float(text.partition("\ncygnet_sync_listeners ")[2].split()[0]))


async def test_a_thousand_listeners_are_told_at_once(service: Process) -> None:
    async with asyncio.timeout(LIMIT):
        assert await told(service) == ["/news"] * LISTENERS
