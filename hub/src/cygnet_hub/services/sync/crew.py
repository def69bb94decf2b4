"""Several processes that serve the same addresses, forked from one that listens and looks after them.

The sockets are bound before the first fork, so that connections wait in one queue for whoever is free, and
those that wait are not lost with a process that is killed.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

log = logging.getLogger("cygnet.sync")

#: How long processes may take to end before they are killed; requests under way have ten seconds of it.
PATIENCE = 30.0
#: A process that has served for so long may be started again at once.
SETTLED = 60.0
LONGEST_PAUSE = 32.0

_ENDS = (signal.SIGTERM, signal.SIGINT)
_HEARD = (*_ENDS, signal.SIGCHLD)
_PR_SET_PDEATHSIG = 1


@dataclass
class _Place:
    """One of the processes, whichever it is at the time.

    Args:
        number: of the place, from 0.
        pid: of its process; 0: there is none.
        begun: when that was started (monotonic).
        due: when the next shall be.
        pause: how long to wait before it, should this one end soon.
    """

    number: int
    pid: int = 0
    begun: float = 0.0
    due: float = 0.0
    pause: float = 0.0

    def ended(self, now: float) -> None:
        """Its process is gone: the next comes at once, or later each time if none lasts."""
        self.pid = 0
        lasted = now - self.begun >= SETTLED
        self.due = now if lasted else now + self.pause
        self.pause = 1.0 if lasted else min(max(2 * self.pause, 1.0), LONGEST_PAUSE)


class Crew:
    """Processes that do the same, until this one is told to end.

    Args:
        count: how many.
        serve: what each does, given its number; it ends at SIGTERM.
    """

    def __init__(self, count: int, serve: Callable[[int], None]) -> None:
        self._places = [_Place(number) for number in range(count)]
        self._serve = serve
        self._parent = os.getpid()

    def run(self, ending: Callable[[], None]) -> None:
        """Keep all of them running until SIGTERM or SIGINT, then end them. Blocks; for the main thread.

        Args:
            ending: called once no more shall be taken, before they are told.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        try:
            while not self._keep(before):
                pass
            ending()
            self._end()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _keep(self, mask: set[int | signal.Signals]) -> bool:
        """Start what is due, and wait for the next event; True: it is time to end."""
        now = time.monotonic()
        for place in self._places:
            if not place.pid and place.due <= now:
                place.pid, place.begun = self._fork(place.number, mask), now
        wait = min((place.due - now for place in self._places if not place.pid), default=PATIENCE)
        heard = signal.sigtimedwait(_HEARD, max(wait, 0.0))
        self._collect()
        return heard is not None and heard.si_signo in _ENDS

    def _collect(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                for place in self._places:
                    if place.pid == ended[0]:
                        log.warning("process %d ended with status %d", place.number, ended[1])
                        place.ended(time.monotonic())

    def _fork(self, number: int, mask: set[int | signal.Signals]) -> int:
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            self._end_with_parent()
            self._serve(number)
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may go on as a second parent
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _end_with_parent(self) -> None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != self._parent:
            raise SystemExit("the process that looks after this one is gone")

    def _end(self) -> None:
        self._tell(signal.SIGTERM)
        end = time.monotonic() + PATIENCE
        while any(place.pid for place in self._places) and time.monotonic() < end:
            signal.sigtimedwait(_HEARD, 0.5)
            self._collect()
        self._tell(signal.SIGKILL)

    def _tell(self, number: signal.Signals) -> None:
        for place in self._places:
            if place.pid:
                with suppress(ProcessLookupError):
                    os.kill(place.pid, number)
