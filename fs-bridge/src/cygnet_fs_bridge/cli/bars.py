"""The bars themselves, drawn by rich."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from ..client.sending import Moved


class TerminalBars:
    """A bar for each file under way and, for several, one for all of them."""

    def __init__(self, progress: Progress, all_files: TaskID | None) -> None:
        self._progress, self._all = progress, all_files

    @contextmanager
    def moving(self, name: str, size: int) -> Iterator[Moved]:
        """Show a file while the block runs; the only one stays."""
        task = self._progress.add_task(name, total=size)

        def moved(amount: int) -> None:
            self._progress.advance(task, amount)
            if self._all is not None:
                self._progress.advance(self._all, amount)

        yield moved
        if self._all is not None:
            self._progress.remove_task(task)


@contextmanager
def terminal_bars(total: int, files: int) -> Iterator[TerminalBars]:
    """Draw on standard error while the block runs.

    Args:
        total: bytes of all files.
        files: how many there are.
    """
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield TerminalBars(progress, progress.add_task(f"{files} files", total=total) if files > 1 else None)
