"""The checksums of contents, computed as they pass; those of long pieces by two threads."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ..model.node import Checksums

#: Shorter pieces cost less than it takes to hand them to another thread.
LONG = 128 << 10

#: MD5 alone takes as long as SHA-256, SHA-1, CRC-32 and writing the bytes together.
_BESIDE = ThreadPoolExecutor(4, thread_name_prefix="sync-md5")


class Digests:
    """SHA-256, SHA-1, MD5 and Adler-32 of the same bytes."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._adler = 1
        self.size = 0

    def update(self, data: bytes | memoryview) -> None:
        """Go on with `data`."""
        self.begin(data)()

    def begin(self, data: bytes | memoryview) -> Callable[[], None]:
        """Go on with `data` in another thread where it is long.

        Returns:
            What does the rest and waits for the other thread; it must be called before anything else is.
        """
        self.size += len(data)
        if len(data) < LONG:
            return partial(self._here, data)
        return partial(self._rest, data, _BESIDE.submit(self._slow, data).result)

    def _here(self, data: bytes | memoryview) -> None:
        self._slow(data)
        self._fast(data)

    def _rest(self, data: bytes | memoryview, wait: Callable[[], None]) -> None:
        self._fast(data)
        wait()

    def _slow(self, data: bytes | memoryview) -> None:
        self._md5.update(data)

    def _fast(self, data: bytes | memoryview) -> None:
        self._sha256.update(data)
        self._sha1.update(data)
        self._adler = zlib.adler32(data, self._adler)

    def copy(self) -> Digests:
        """An independent object that goes on from here."""
        twin = Digests()
        twin._sha256, twin._sha1, twin._md5 = self._sha256.copy(), self._sha1.copy(), self._md5.copy()
        twin._adler, twin.size = self._adler, self.size
        return twin

    def checksums(self) -> Checksums:
        """What the bytes so far amount to."""
        return Checksums(
            self._sha256.hexdigest(), self._sha1.hexdigest(), self._md5.hexdigest(), f"{self._adler:08x}"
        )


class OnlySha256(Digests):
    """The digest of many files that lie one behind the other; each of them has all digests of its own."""

    def begin(self, data: bytes | memoryview) -> Callable[[], None]:
        """Go on with `data`."""
        self.size += len(data)
        return partial(self._sha256.update, data)

    def checksums(self) -> Checksums:
        """What the bytes so far amount to."""
        return Checksums(self._sha256.hexdigest())
