"""What the mount tells about itself: a JSON file that the notebook's status bar shows."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from pathlib import Path
from typing import Literal

State = Literal["starting", "ready", "degraded", "offline", "stopping"]

# What a sentence is about. Each has one at a time, so that good news takes no bad news of another kind away.
Topic = Literal["connection", "waiting", "kept", "end"]
_TOPICS: tuple[Topic, ...] = ("end", "kept", "waiting", "connection")

_PENDING_PAUSE = 0.1  # the number that waits changes with every small file; nobody reads faster than this
_KEPT_FOR = 900.0  # seconds that is told what became of a file; there is nothing to wait for


class StateFile:
    """Keeps `{"state", "pending", "message"}` in a file, replaced at once at each change.

    Args:
        path: the file, None to keep the state in memory only.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.state: State = "starting"
        self.pending = 0
        self._words: dict[Topic, str] = {}
        self._told = 0.0
        self._soon: asyncio.TimerHandle | None = None
        self._newest = itertools.count()
        self._written, self._writing = -1, threading.Lock()
        self._forget: asyncio.TimerHandle | None = None
        self._write()

    @property
    def message(self) -> str:
        """What to tell the person, the most important first."""
        return ". ".join(self._words[topic] for topic in _TOPICS if self._words.get(topic))

    def set(self, state: State, words: str = "") -> None:
        """Change the state, with words about the connection; a mount that stops has no other any more."""
        before = (self.state, self.message)
        self._words["connection"] = words
        if self.state != "stopping":
            self.state = state
        self._changed(before)

    def say(self, topic: Topic, words: str) -> None:
        """Tell something about a topic in place of what was told before; nothing when `words` is empty."""
        before = (self.state, self.message)
        self._words[topic] = words
        if topic == "kept":
            self._forget_later()
        self._changed(before)

    def _changed(self, before: tuple[State, str]) -> None:
        if before != (self.state, self.message):
            self._write()

    def _forget_later(self) -> None:
        if self._forget is not None:
            self._forget.cancel()
            self._forget = None
        if self._words["kept"]:
            loop = asyncio.get_running_loop()
            self._forget = loop.call_later(_KEPT_FOR, self.say, "kept", "")

    def count(self, pending: int) -> None:
        """Change the number of files that the service has not acknowledged; told ten times a second."""
        if pending == self.pending:
            return
        first, self.pending = self.pending == 0, pending
        loop = asyncio.get_running_loop()
        if first:
            self._write()  # that something waits is told before the call returns that made it wait
        elif self._soon is None:
            rest = self._told + _PENDING_PAUSE - loop.time()
            self._soon = loop.call_later(max(0, rest), self._write_number)

    def _write_number(self) -> None:
        """Write in a thread: to replace a file can take as long as the disk is busy with what it held."""
        self._soon, self._told = None, asyncio.get_running_loop().time()
        asyncio.get_running_loop().run_in_executor(None, self._put, next(self._newest), self._text())

    def close(self) -> None:
        """Tell what was not told yet."""
        if self._forget is not None:
            self._forget.cancel()
        self._write()

    def _write(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        self._put(next(self._newest), self._text())

    def _text(self) -> str:
        return json.dumps({"state": self.state, "pending": self.pending, "message": self.message})

    def _put(self, number: int, text: str) -> None:
        with self._writing:
            if self._path is None or number < self._written:
                return
            self._written = number
            fresh = self._path.with_name(self._path.name + ".new")
            fresh.write_text(text)
            fresh.chmod(0o644)
            fresh.replace(self._path)
