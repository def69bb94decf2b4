"""Progress bars: on the terminal, never in a log file or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from ..client.sending import Moved


class Bars(Protocol):
    """Shows how far things are."""

    def moving(self, name: str, size: int) -> AbstractContextManager[Moved]:
        """Show a file of `size` bytes while the block runs; what it gives is told of bytes that have come."""


class _NoBars:
    def moving(self, name: str, size: int) -> AbstractContextManager[Moved]:
        return nullcontext(_ignore)


def _ignore(_: int) -> None:
    """Show nothing."""


@contextmanager
def bars(total: int, files: int) -> Iterator[Bars]:
    """Show progress on standard error while the block runs, if that is a terminal.

    Args:
        total: bytes of all files.
        files: how many there are; several get a bar for all above those of the files under way.
    """
    if not sys.stderr.isatty():
        yield _NoBars()
        return
    from .bars import terminal_bars  # rich takes a while to load

    with terminal_bars(total, files) as shown:
        yield shown
