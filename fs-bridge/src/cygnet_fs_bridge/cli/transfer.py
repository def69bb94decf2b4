"""`cygnet put` and `cygnet get`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from fsspec.callbacks import Callback

from .. import errors
from ..filesystem import CygnetFileSystem
from .common import in_words, token_option, tree_path, url_option


class _Bar(Callback):
    """Shows the progress of a transfer: bytes of one file, or files of a folder."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._bar = click.progressbar(length=1, label=label)

    def call(self, hook_name: str | None = None, **_: Any) -> None:
        """Draw; fsspec calls it at every change."""
        self._bar.length = max(self.size or 1, 1)
        self._bar.update(max(0, self.value - self._bar.pos))

    def end(self) -> None:
        """Leave the line."""
        self._bar.render_finish()


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.argument("destination", default="cygnet://")
@click.option("--recursive", "-r", is_flag=True, help="Upload a folder with all in it.")
@url_option
@token_option
def put(source: Path, destination: str, recursive: bool, url: str | None, token_file: Path | None) -> None:
    """Upload the local SOURCE to DESTINATION, or into it if it is a folder."""
    if source.is_dir() and not recursive:
        raise click.ClickException(f"{source} is a folder; upload it with -r")
    with in_words():
        files = _filesystem(url, token_file)
        target = _into(files.isdir(tree_path(destination)), destination, source.name)
        bar = _Bar(source.name)
        if source.is_dir():
            files.makedirs(target, exist_ok=True)
            files.put(f"{source}/", f"{target}/", recursive=True, callback=bar)
        else:
            files.put_file(str(source), target, callback=bar)
        bar.end()


@click.command()
@click.argument("source")
@click.argument("destination", default=".")
@click.option("--recursive", "-r", is_flag=True, help="Download a folder with all in it.")
@url_option
@token_option
def get(source: str, destination: str, recursive: bool, url: str | None, token_file: Path | None) -> None:
    """Download SOURCE to the local DESTINATION, or into it if it is a folder."""
    with in_words():
        files, path = _filesystem(url, token_file), tree_path(source)
        name = path.rpartition("/")[2] or "files"
        target = Path(destination) / name if Path(destination).is_dir() else Path(destination)
        bar = _Bar(name)
        if files.isdir(path):
            if not recursive:
                raise errors.FileExpected("This is a folder; download it with -r", path)
            target.mkdir(parents=True, exist_ok=True)
            files.get(f"{path}/", f"{target}/", recursive=True, callback=bar)
        else:
            files.get_file(path, str(target), callback=bar)
        bar.end()


def _filesystem(url: str | None, token_file: Path | None) -> CygnetFileSystem:
    return CygnetFileSystem(
        url=url, token_file=str(token_file) if token_file else None, skip_instance_cache=True
    )


def _into(is_folder: bool, destination: str, name: str) -> str:
    target = tree_path(destination)
    return f"{target.rstrip('/')}/{name}" if is_folder or destination.endswith("/") else target
