"""Trees of the local disk: what is in them, as transfers see it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from ..client.receiving import PARTIAL


@dataclass(frozen=True)
class LocalFile:
    """A local file or folder; `name` is its path below the folder that was named, with slashes."""

    path: Path
    name: str
    is_folder: bool
    size: int
    mtime: float

    @classmethod
    def of(cls, path: Path, name: str) -> LocalFile:
        """Look at a file or folder, through a link if it is one."""
        stat = path.stat()
        return cls(path, name, path.is_dir(), stat.st_size, stat.st_mtime)


def files_below(folder: Path) -> Iterator[LocalFile]:
    """Give all that is below a folder, each folder before what is in it, names in order.

    Links to files count as the files. Links to folders, which could go round in a circle, and what is neither
    a file nor a folder are left out, with a word about it; so are files that are still being fetched.

    Raises:
        OSError: a folder cannot be read.
    """
    yield from _below(folder, "")


def _below(folder: Path, prefix: str) -> Iterator[LocalFile]:
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        path, name = Path(entry.path), prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield LocalFile.of(path, name)
            yield from _below(path, f"{name}/")
        elif entry.is_file():
            if not PARTIAL.fullmatch(entry.name):
                yield LocalFile.of(path, name)
        else:
            click.echo(f"Left out, neither a file nor a folder: {path}", err=True)
