"""Sending much of a file over a plain connection: read, verified and sent by a thread, block by block."""

from __future__ import annotations

import asyncio
import select
import socket
import time

from tornado.iostream import IOStream, StreamClosedError

from ..service.tree import OpenFile

#: Seconds that a thread waits for a receiver, and for which it goes on at all before others have their turn.
PATIENCE = 0.02
TURN = 0.1
#: Seconds without a byte taken after which a receiver is given up.
STALLED = 300.0


class Sending:
    """Bytes of a file on their way to a receiver.

    Args:
        file: open.
        span: the first byte, and the one behind the last.
    """

    def __init__(self, file: OpenFile, span: tuple[int, int]) -> None:
        self._disk = file.disk
        self._blocks = file.disk.contents.stretch(file.content, *span)
        self._left = memoryview(b"")

    async def prepare(self) -> None:
        """Read the first block: what is wrong with it can still be told.

        Raises:
            Damaged: it is not what should be stored.
        """
        self._left = memoryview(await self._disk.run(lambda: next(self._blocks)))

    async def send(self, stream: IOStream) -> None:
        """Send everything; nothing else may be sent meanwhile.

        Raises:
            StreamClosedError: the receiver went away, or took nothing for too long.
            Damaged: what is stored is not what should be; some of it has been sent already.
        """
        # A socket of our own: should the stream be closed meanwhile, its number may soon be another's.
        with stream.socket.dup() as channel:
            try:
                while not await self._disk.run(lambda: self._go_on(channel)):
                    if stream.closed():
                        raise StreamClosedError
                    await _writable(channel)
            except ConnectionError as error:
                stream.close()
                raise StreamClosedError(error) from error
            finally:
                self._blocks.close()

    def _go_on(self, channel: socket.socket) -> bool:
        """Send until all is sent (True), the receiver takes no more, or others have their turn. Blocks."""
        end = time.monotonic() + TURN
        while time.monotonic() < end:
            if not self._left:
                self._left = memoryview(next(self._blocks, b""))
                if not self._left:
                    return True
            try:
                self._left = self._left[channel.send(self._left) :]
            except BlockingIOError:
                if not _takes(channel):
                    return False
        return False


def _takes(channel: socket.socket) -> bool:
    """Whether a socket takes more, now or very soon. Blocks."""
    waiting = select.poll()
    waiting.register(channel, select.POLLOUT)
    return bool(waiting.poll(PATIENCE * 1000))


async def _writable(channel: socket.socket) -> None:
    """Wait until a socket takes more.

    Raises:
        StreamClosedError: it took nothing for too long.
    """
    loop, taken = asyncio.get_running_loop(), asyncio.Event()
    loop.add_writer(channel, taken.set)
    try:
        await asyncio.wait_for(taken.wait(), STALLED)
    except TimeoutError as error:
        raise StreamClosedError(error) from error
    finally:
        loop.remove_writer(channel)
