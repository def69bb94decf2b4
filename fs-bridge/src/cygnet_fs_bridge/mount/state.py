"""What the mount tells about itself: a JSON file that the notebook's status bar shows."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Literal

State = Literal["starting", "ready", "degraded", "offline", "stopping"]

_PENDING_PAUSE = 0.1  # the number that waits changes with every small file; nobody reads faster than this


class StateFile:
    """Keeps `{"state", "pending", "message"}` in a file, replaced at once at each change.

    Args:
        path: the file, None to keep the state in memory only.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.state: State = "starting"
        self.pending = 0
        self.message = ""
        self._told = 0.0
        self._soon: asyncio.TimerHandle | None = None
        self._write()

    def set(self, state: State | None = None, message: str | None = None) -> None:
        """Change what is told; None keeps what it was. A mount that stops has no other state any more."""
        before = (self.state, self.message)
        if state is not None and self.state != "stopping":
            self.state = state
        self.message = self.message if message is None else message
        if before != (self.state, self.message):
            self._write()

    def count(self, pending: int) -> None:
        """Change the number of files that the service has not acknowledged; told ten times a second."""
        if pending == self.pending:
            return
        self.pending = pending
        loop = asyncio.get_running_loop()
        if self._soon is None and loop.time() - self._told > _PENDING_PAUSE:
            self._told = loop.time()
            self._write()
        elif self._soon is None:
            self._soon = loop.call_later(_PENDING_PAUSE, self._write)

    def close(self) -> None:
        """Tell what was not told yet."""
        self._write()

    def _write(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        if self._path is None:
            return
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.write_text(json.dumps({"state": self.state, "pending": self.pending, "message": self.message}))
        fresh.chmod(0o644)
        fresh.replace(self._path)
