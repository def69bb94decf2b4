"""A loopback forwarder that can be shut, so that a test can cut the network between two programs."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import urlsplit

G = TypeVar("G", bound="Gate")


class Gate:
    """Forwards to a service; `url` is the service's address through the gate."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.carried = 0  # bytes, both ways
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self._target.path}"

    def lead_to(self, url: str) -> None:
        """Forward new connections to another process of the service."""
        self._target = urlsplit(url)

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def call(self, work) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def open(self) -> None:
        self.call(self._open())

    def shut(self) -> None:
        """Refuse connections and break those that there are."""
        self.call(self._shut())

    def freeze(self) -> None:
        """Let nothing through, and break nothing: a network that swallows what it gets."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def thaw(self) -> None:
        """Let everything through again, also what came meanwhile."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    def end(self) -> None:
        self.thaw()
        self.shut()
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0.05)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)  # before anything is waited for: what is shut lets nothing slip through
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
            self._writers.add(far_writer)
            if writer.is_closing():
                far_writer.transport.abort()
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
            self._writers.discard(far_writer)
        writer.close()  # also when nobody listens there
        self._writers.discard(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                await self._flowing.wait()
                self.carried += len(data)
                writer.write(data)
                await writer.drain()
        writer.close()


@contextlib.contextmanager
def opened(made: G) -> Iterator[G]:
    """Run a gate in a thread until the block ends."""
    thread = threading.Thread(target=made.run, name="gate")
    thread.start()
    try:
        made.open()
        yield made
    finally:
        made.end()
        thread.join(10)
        made._loop.close()


def gate(url: str) -> contextlib.AbstractContextManager[Gate]:
    """Run a gate to a service in a thread until the block ends."""
    return opened(Gate(url))
