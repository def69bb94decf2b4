"""The checksums of contents, computed as they pass; those of long pieces by two threads.

All of small contents, and of large ones those that somebody waits for: MD5, SHA-1 and Adler-32 together take
three times as long as SHA-256. What is left out is computed later (see `service/late_sums.py`).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, Self

from ..model.node import Checksums

#: Shorter pieces cost less than it takes to hand them to another thread.
LONG = 128 << 10
#: Contents up to here have all checksums at once: reading them back would cost more.
SMALL = 1 << 20

#: What is computed beside: a thread for each body that comes, and one that waits for it.
_BESIDE = ThreadPoolExecutor(4, thread_name_prefix="sync-digest")


class _Digest(Protocol):
    def update(self, data: bytes | memoryview, /) -> None: ...
    def hexdigest(self) -> str: ...
    def copy(self) -> Self: ...


class _Adler32:
    def __init__(self) -> None:
        self._value = 1

    def update(self, data: bytes | memoryview) -> None:
        self._value = zlib.adler32(data, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:08x}"

    def copy(self) -> _Adler32:
        twin = _Adler32()
        twin._value = self._value
        return twin


#: How each kind is computed; the slowest first.
_MADE: dict[str, Callable[[], _Digest]] = {
    "MD5": lambda: hashlib.md5(usedforsecurity=False),
    "SHA256": hashlib.sha256,
    "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
    "ADLER32": _Adler32,
}
KINDS = frozenset(_MADE)
#: What every file has.
IDENTITY = frozenset({"SHA256"})


class Digests:
    """Checksums of the same bytes.

    Args:
        needed: the kinds that are computed however many bytes come, e.g. {"SHA256"}; others are ignored.
        small: up to so many bytes the other kinds are computed as well.
    """

    def __init__(self, needed: Iterable[str] = KINDS, small: int = SMALL) -> None:
        self._needed, self._small = KINDS & set(needed), small
        wanted = _MADE if small else self._needed
        self._running = {kind: make() for kind, make in _MADE.items() if kind in wanted}
        self.size = 0

    @property
    def kinds(self) -> frozenset[str]:
        """What is being computed."""
        return frozenset(self._running)

    def update(self, data: bytes | memoryview, *, alone: bool = False) -> None:
        """Go on with `data`; `alone`: without another thread."""
        self.begin(data, alone=alone)()

    def begin(self, data: bytes | memoryview, *, alone: bool = False) -> Callable[[], None]:
        """Go on with `data` in another thread where it is long, unless this one is to be `alone`.

        Returns:
            What does the rest and waits for the other thread; it must be called before anything else is.
        """
        self.size += len(data)
        if self.size > self._small and self.kinds != self._needed:
            self._running = {kind: each for kind, each in self._running.items() if kind in self._needed}
        slow, *others = self._running.values() or (None,)
        if slow is None or alone or len(data) < LONG:
            return partial(_go_on, self._running.values(), data)
        return partial(_go_on, others, data, _BESIDE.submit(slow.update, data).result)

    def copy(self) -> Digests:
        """An independent object that goes on from here."""
        twin = Digests(self._needed, self._small)
        twin._running = {kind: each.copy() for kind, each in self._running.items()}
        twin.size = self.size
        return twin

    def checksums(self) -> Checksums:
        """What the bytes so far amount to."""
        return Checksums(**{kind.lower(): each.hexdigest() for kind, each in self._running.items()})


def _go_on(
    digests: Iterable[_Digest], data: bytes | memoryview, wait: Callable[[], None] | None = None
) -> None:
    for each in digests:
        each.update(data)
    if wait is not None:
        wait()
