"""A loopback forwarder that counts bytes, and can hold the traffic once so many have passed."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from .gate import Gate, opened


class Meter(Gate):
    """Counts what goes to the service (`up`) and what comes from it (`down`)."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.reached = threading.Event()
        self._free = asyncio.Event()
        self.reset()

    def reset(self, hold_up: int | None = None, hold_down: int | None = None) -> None:
        """Count from nothing; let everything pass, or up to so many bytes of one direction."""
        self.up = self.down = 0
        self._limits = {"up": hold_up, "down": hold_down}
        self.reached.clear()
        self._loop.call_soon_threadsafe(self._free.set)

    def cut(self) -> None:
        """Break all connections with what is still on its way in them; count from nothing."""
        self.call(self._cut())
        self.reset()

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    def lead_to(self, port: int) -> None:
        """Send new connections to another port."""
        self._target = self._target._replace(netloc=f"127.0.0.1:{port}")

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target.port)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._writers |= both
        with contextlib.suppress(OSError):
            await asyncio.gather(
                self._count("up", reader, far_writer), self._count("down", far_reader, writer)
            )
        self._writers -= both

    async def _count(self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                setattr(self, way, getattr(self, way) + len(data))
                await self._hold(way)
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _hold(self, way: str) -> None:
        limit = self._limits[way]
        if limit is not None and getattr(self, way) >= limit:
            self._free.clear()
            self.reached.set()
            await self._free.wait()

    def end(self) -> None:
        self.reset()
        super().end()


def meter(url: str) -> contextlib.AbstractContextManager[Meter]:
    """Run a meter in a thread until the block ends."""
    return opened(Meter(url))
