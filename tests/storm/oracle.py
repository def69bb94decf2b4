"""What each file may hold, judged by what was acknowledged: the side of the story that the clients know."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import NamedTuple

#: Stands for the digest of a file that is not there.
GONE = ""


class Place(NamedTuple):
    """A file: whose it is, and its path."""

    user: str
    path: str


def digest(data: bytes) -> str:
    """What contents are compared by."""
    return hashlib.sha256(data).hexdigest()


class Oracle:
    """Collects what clients send and what is acknowledged, from any number of threads.

    A file has one writer, which waits for an answer or for the end of the connection before it goes on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._may: dict[Place, frozenset[str]] = {}
        self._fresh: set[Place] = set()
        self.acknowledged: set[str] = set()
        self.changes = 0

    def begin(self, place: Place, *outcomes: str) -> None:
        """A change is about to be sent; until it is acknowledged its outcomes are possible, no more."""
        with self._lock:
            self._may[place] = self._may.get(place, frozenset({GONE})) | set(outcomes)
            self._fresh.add(place)

    def acknowledge(self, place: Place, outcome: str) -> None:
        """From now on the file holds this and nothing else.

        Raises:
            AssertionError: nobody ever sent that.
        """
        with self._lock:
            assert outcome in self._may[place], f"{place} holds what nobody sent"
            self._may[place] = frozenset({outcome})
            self.changes += 1
            if outcome != GONE:
                self.acknowledged.add(outcome)

    def places(self, *, fresh: bool = False) -> list[Place]:
        """All files, or those that were written to since the last call for fresh ones."""
        with self._lock:
            found = list(self._fresh if fresh else self._may)
            self._fresh.clear()
            return found

    def check(self, place: Place, look: Callable[[Place], str]) -> None:
        """See that a file holds what it may; clients may write meanwhile.

        Raises:
            AssertionError: it does not.
        """
        before = self._may[place]
        found = look(place)
        assert found in before | self._may[place], f"{place} holds {found or 'nothing'}, not one of {before}"
