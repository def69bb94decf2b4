"""Answers that may be larger than memory, sent while a thread makes them; what waits too long waits on disk.

A listing must show one moment, so it is read in one transaction; but a slow receiver must not keep that open.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import deque
from collections.abc import Coroutine
from types import TracebackType
from typing import IO, Self

from tornado.http1connection import HTTP1Connection

from .base import BaseHandler

#: Bytes that wait in memory for the receiver.
IN_MEMORY = 1 << 20
#: What is sent together; a smaller answer, such as a listing of a thousand, is sent with its length.
BLOCK = 512 << 10


class Spool:
    """The body of one answer.

    Args:
        handler: of the request.
    """

    def __init__(self, handler: BaseHandler) -> None:
        self._handler = handler
        self._loop = asyncio.get_running_loop()
        self._more = asyncio.Event()
        # Only who makes the answer counts what was added, only who sends it what was taken: there is no lock.
        self._waiting: deque[bytes] = deque()
        self._added = self._taken = 0
        self._file: IO[bytes] | None = None
        self._over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        if self._file is not None:
            self._file.close()

    def add(self, text: str) -> None:
        """Append; characters that UTF-8 cannot carry are replaced. Blocks.

        Raises:
            ConnectionAbortedError: nobody receives it any more.
        """
        if self._over:
            raise ConnectionAbortedError
        data = text.encode("utf-8", "replace")
        if self._file is None and self._added - self._taken + len(data) > IN_MEMORY:
            folder = str(self._handler.services.settings.data)
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        if self._file is not None:
            self._file.write(data)
            return
        self._added += len(data)
        self._waiting.append(data)
        self._loop.call_soon_threadsafe(self._more.set)

    async def send(self, making: Coroutine[None, None, None]) -> None:
        """Answer with what `making` adds.

        Raises:
            What `making` raises; if some of the answer has been sent by then, the connection is cut.
        """
        task = asyncio.create_task(making)
        task.add_done_callback(lambda _: self._more.set())
        try:
            while not task.done():
                await self._more.wait()
                self._more.clear()
                if self._added - self._taken >= BLOCK and self._may_be_open:
                    await self._pass_on()
            task.result()
        except BaseException:
            self._cut()
            raise
        finally:
            self._over = True
            await asyncio.wait([task])
        await self._send_rest()

    @property
    def _may_be_open(self) -> bool:
        """Whether the length of an answer may be left open."""
        return self._handler.request.version == "HTTP/1.1"

    async def _pass_on(self) -> None:
        self._write_waiting()
        await self._handler.flush()

    def _write_waiting(self) -> None:
        while self._waiting:
            data = self._waiting.popleft()
            self._taken += len(data)
            self._handler.write(data)

    async def _send_rest(self) -> None:
        file, size = self._file, self._added
        if file is not None:
            size += file.tell()
            file.seek(0)
        if not self._taken:
            self._handler.set_header("Content-Length", size)
        self._write_waiting()
        while file is not None and (block := await self._handler.services.disk.run(lambda: file.read(BLOCK))):
            self._handler.write(block)
            await self._handler.flush()

    def _cut(self) -> None:
        connection = self._handler.request.connection
        if self._taken and isinstance(connection, HTTP1Connection):
            connection.close()
