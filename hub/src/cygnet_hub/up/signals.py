"""SIGTERM and Ctrl-C as something to wait for, so that they are never seen half-way through a step."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_STOP = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_SEEN = _STOP | {signal.SIGCHLD}


class Stopped(Exception):
    """Somebody asked the platform to stop."""


@contextmanager
def held() -> Iterator[None]:
    """Hold back the signals that end or wake the supervisor; `wait` hands them out."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SEEN)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def wait(seconds: float) -> None:
    """Wait until a child ends, or at most `seconds`. Raises Stopped when asked to stop."""
    received = signal.sigtimedwait(_SEEN, seconds)
    if received is not None and received.si_signo in _STOP:
        raise Stopped


def release() -> None:
    """Let the signals through again, in a child between fork and exec.

    Their default too: a shell starts background jobs with SIGINT ignored, and that would be inherited by all
    services, which the hub stops with SIGINT.
    """
    for number in (*_STOP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SEEN)
