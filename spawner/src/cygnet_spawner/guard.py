"""Looking after the mount of a running server, and repairing it when its process was killed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from cygnet_spawner.session import CannotRemount, SessionError

_LOOK = 1.0  # seconds between two looks at the process; one look is one small read
_SOONEST, _LATEST = 1.0, 60.0  # seconds until the next try after a failed one; each waits twice as long


class Guard:
    """Repairs one mount whenever it is lost, until stopped.

    Args:
        user: whose server it is.
        lost: says whether nobody answers for the mount.
        repair: makes it again.
        tell: called with a sentence for the person while the mount is away.
        log: where the administrator reads what happened.
    """

    def __init__(
        self,
        user: str,
        lost: Callable[[], bool],
        repair: Callable[[], Awaitable[None]],
        tell: Callable[[str], None],
        log: logging.Logger,
    ) -> None:
        self._user, self._lost, self._repair, self._tell, self._log = user, lost, repair, tell, log
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether it looks."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run(), name=f"look after the mount of {self._user}")

    async def stop(self) -> None:
        """Look no more; a repair that goes on is given up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        pause = _SOONEST
        while True:
            await asyncio.sleep(_LOOK)
            if not self._lost():
                continue
            self._log.warning("The mount of %s was lost; it is made again.", self._user)
            try:
                await self._repair()
                pause = _SOONEST
            except CannotRemount as error:
                self._log.error("The mount of %s cannot be made again: %s", self._user, error)
                self._say(_FOR_GOOD)
                return
            except (SessionError, OSError) as error:
                self._log.error("The mount of %s was not made again: %s", self._user, error)
                self._say(f"{_FOR_NOW} The next try is in {pause:.0f} seconds.")
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LATEST)

    def _say(self, words: str) -> None:
        try:
            self._tell(words)
        except OSError as error:  # a full disk; the log has it
            self._log.warning("%s was not told: %s", self._user, error)


_FOR_GOOD = (
    "The connection to your files ended. What you have open is still in the browser: download what you have "
    "not saved, then stop and start your server."
)
_FOR_NOW = (
    "The connection to your files ended and could not be made again yet. What you have open is still in the "
    "browser; save it when the connection is back. If it stays away, download it, then stop and start your "
    "server."
)
