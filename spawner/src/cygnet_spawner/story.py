"""What the page shows while a server starts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypedDict


class Step(TypedDict):
    """One event of JupyterHub's progress stream."""

    progress: int
    message: str


class Story:
    """Steps of one start, told to everybody who listens, from its beginning."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._changed = asyncio.Event()
        self._ended = False

    def tell(self, progress: int, message: str) -> None:
        """Add a step.

        Args:
            progress: how far the start is, in percent.
            message: a sentence for the person who waits.
        """
        self._steps.append({"progress": progress, "message": message})
        self._wake()

    def end(self) -> None:
        """Let listeners go: nothing more will be told."""
        self._ended = True
        self._wake()

    async def listen(self) -> AsyncIterator[Step]:
        """Yield all steps, past and coming, until the end."""
        told = 0
        while True:
            changed = self._changed
            while told < len(self._steps):
                told += 1
                yield self._steps[told - 1]
            if self._ended:
                return
            await changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
