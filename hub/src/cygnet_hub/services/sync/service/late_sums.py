"""The checksums that large contents did not get while they came: computed by and by, or when asked for.

Which are missing is found in the database, so that a restart forgets nothing. Of the processes on a database
one computes at a time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial

from ..model.errors import CygnetError, Unavailable
from ..model.node import Checksums, Content
from ..store import late_sums as store
from ..store import versions
from ..store.database import Database
from ..store.digests import KINDS, Digests
from .incoming import Disk
from .tree import OpenFile

log = logging.getLogger(__name__)

#: Seconds for which a request waits for a checksum; after that it is answered without.
PATIENCE = 50.0
#: What nobody waits for pauses after each block, for so many times as long as that took: while bodies come,
#: and else. A lower priority would not do: a thread that is kept from the processor may hold Python's lock.
GIVING_WAY, AT_EASE = 9.0, 1.0
#: Bytes a second that are surely read, and seconds on top, until another process may take over.
SLOWEST, GRACE = 10 << 20, 120.0


class LateSums:
    """Computes checksums of contents that are stored.

    Args:
        database: where they are kept.
        disk: the contents.
    """

    def __init__(self, database: Database, disk: Disk) -> None:
        self._database, self._disk, self._contents = database, disk, disk.contents
        self._name = secrets.token_hex(8)
        self._at_once = ThreadPoolExecutor(2, thread_name_prefix="sync-sums")
        self._by_and_by = ThreadPoolExecutor(1, thread_name_prefix="sync-late-sums")
        self._asked: dict[tuple[int, frozenset[str]], asyncio.Task[Checksums]] = {}
        self._skipped: set[int] = set()
        self._ended = threading.Event()

    async def catch_up(self) -> None:
        """Compute whatever is missing; contents that cannot be read are left to `cygnet admin scrub`."""
        # Elsewhere all is computed on the way, and reading back would cost as much as it did to come.
        manifest = 0 if self._contents.local else None
        while manifest is not None:
            manifest = await self._next(manifest)

    async def _next(self, after: int) -> int | None:
        """Do the next one; None when there is none, or when another process is at it."""
        found = await self._database.read(partial(store.next_unfinished, after=after))
        if found is None:
            return None
        manifest, version = found
        if manifest in self._skipped:
            return manifest
        content = await self._database.read(partial(versions.content_of, version_id=version))
        seconds = content.size / SLOWEST + GRACE
        turn = partial(store.take_turn, holder=self._name, now=time.time(), seconds=seconds)
        if not await self._database.write(turn):
            return None
        try:
            await self._compute(self._by_and_by, version, content, KINDS)
        except (CygnetError, OSError):
            log.exception("checksums of version %d cannot be computed", version)
            self._skipped.add(manifest)
        return manifest

    async def of(self, file: OpenFile, kinds: Iterable[str]) -> Checksums:
        """The checksums of a file; those of `kinds`, unless it takes longer than anybody waits."""
        known = file.content.checksums
        lacking = KINDS.intersection(kinds) - known.kinds
        if not lacking or file.node.version_id is None:
            return known
        key = (file.node.version_id, lacking)
        task = self._asked.get(key)
        if task is None:
            computing = self._compute(self._at_once, file.node.version_id, file.content, lacking)
            task = self._asked[key] = asyncio.create_task(computing, name="late-sums")
            task.add_done_callback(lambda _: self._asked.pop(key))
        done, _ = await asyncio.wait([task], timeout=PATIENCE)
        return task.result().or_else(known) if done else known

    async def _compute(
        self, threads: Executor, version: int, content: Content, kinds: frozenset[str]
    ) -> Checksums:
        lacking = kinds - content.checksums.kinds
        read = partial(self._read, content, lacking, slowly=threads is self._by_and_by)
        found = await asyncio.get_running_loop().run_in_executor(threads, read)
        await self._database.write(partial(store.keep, version_id=version, found=found))
        return found

    def _read(self, content: Content, kinds: frozenset[str], *, slowly: bool) -> Checksums:
        digests = Digests(kinds, small=0)
        for block in self._contents.stretch(content, 0, content.size):
            begun = time.monotonic()
            digests.update(block, alone=slowly)
            pauses = GIVING_WAY if self._disk.is_receiving else AT_EASE
            if self._ended.wait((time.monotonic() - begun) * pauses if slowly else 0):
                raise Unavailable("The service is being stopped.")
        return digests.checksums()

    def close(self) -> None:
        """Leave the rest to the next start. Blocks until the threads have noticed."""
        self._ended.set()
        self._at_once.shutdown()
        self._by_and_by.shutdown()
