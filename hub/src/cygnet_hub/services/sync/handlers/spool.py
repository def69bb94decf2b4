"""Answers that may be larger than memory: made in a thread in one go, kept on disk, sent as they are taken.

A listing must show one moment, so it is read in one transaction; but a slow receiver must not keep that open.
"""

from __future__ import annotations

import tempfile
from types import TracebackType
from typing import Self

from .base import BaseHandler

#: An answer up to this size stays in memory.
IN_MEMORY = 1 << 20
BLOCK = 256 << 10


class Spool:
    """The body of one answer. `add` may be called in a thread; `send` when all was added.

    Args:
        handler: of the request.
    """

    def __init__(self, handler: BaseHandler) -> None:
        self._handler = handler
        folder = str(handler.services.settings.data)
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY, dir=folder)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, text: str) -> None:
        """Append; characters that UTF-8 cannot carry are replaced. Blocks."""
        self._file.write(text.encode("utf-8", "replace"))

    async def send(self) -> None:
        """Answer with what was added."""
        size = self._file.tell()
        self._file.seek(0)
        self._handler.set_header("Content-Length", size)
        if size <= IN_MEMORY:
            self._handler.write(self._file.read())
            return
        while block := await self._handler.services.disk.run(lambda: self._file.read(BLOCK)):
            self._handler.write(block)
            await self._handler.flush()
