"""`cygnet put` and `cygnet get`."""

from __future__ import annotations

from pathlib import Path

import click

from .. import errors
from ..client.api import ApiClient
from ..client.walk import joined, walk
from ..models import Node
from .addresses import AnyPath, TreePath, into, named
from .common import Session, connected, run, tree_path
from .jobs import Outcome, jobs_option, patience_option
from .local import LocalFile, files_below
from .moves import Download, Moves, Upload

recursive_option = click.option("--recursive", "-r", is_flag=True, help="Take folders with all in them.")


@click.command()
@click.argument("paths", nargs=-1, required=True, type=AnyPath(), metavar="SOURCE... [DESTINATION]")
@recursive_option
@jobs_option
@patience_option
@connected
def put(session: Session, paths: tuple[str, ...], recursive: bool, jobs: int, patience: float) -> None:
    """Upload local files to DESTINATION, or into it if it is a folder.

    One that was cut off goes on where it ended when the same command is run again.
    """
    sources, destination = _split(paths, "cygnet://")

    async def upload() -> Outcome:
        local = [Path(source) for source in sources]
        for source in local:
            if source.is_dir() and not recursive:
                raise errors.FileExpected("This is a folder; upload it with -r", str(source))
            source.stat()
        async with session.service(patience) as api:
            folder = await into(api, destination, several=len(local) > 1)
            uploads = [
                one
                for source in local
                for one in _uploads(source, _target(tree_path(destination), folder, _name(source)))
            ]
            return await Moves(api, session.endpoint().url, jobs).upload(uploads)

    _end(session, run(upload))


def _name(source: Path) -> str:
    return source.name or source.resolve().name


def _target(destination: str, folder: str | None, name: str) -> str:
    return destination if folder is None else joined(folder, name)


def _uploads(source: Path, target: str) -> list[Upload]:
    """Return the folders and files of a source, with where each goes."""
    if not source.is_dir():
        return [Upload(LocalFile.of(source, ""), target)]
    below = [Upload(file, joined(target, file.name)) for file in files_below(source)]
    return [Upload(LocalFile.of(source, ""), target), *below]


@click.command()
@click.argument("paths", nargs=-1, required=True, type=TreePath(), metavar="SOURCE... [DESTINATION]")
@recursive_option
@jobs_option
@patience_option
@connected
def get(session: Session, paths: tuple[str, ...], recursive: bool, jobs: int, patience: float) -> None:
    """Download files to the local DESTINATION, or into it if it is a folder.

    A SOURCE may be a pattern such as 'data/*.root'. One that was cut off goes on where it ended when the same
    command is run again.
    """
    sources, destination = _split(paths, ".")

    async def download() -> Outcome:
        async with session.service(patience) as api:
            nodes = await named(api, sources)
            several = len(nodes) > 1 or destination.endswith("/") or Path(destination).is_dir()
            downloads: list[Download] = []
            for node in nodes:
                if node.is_folder and not recursive:
                    raise errors.FileExpected("This is a folder; download it with -r", node.path)
                name = node.name or "files"
                target = Path(destination) / name if several else Path(destination)
                downloads += await _downloads(api, node, target)
            return await Moves(api, session.endpoint().url, jobs).download(downloads)

    _end(session, run(download))


async def _downloads(api: ApiClient, node: Node, target: Path) -> list[Download]:
    """Return the folders and files of a source, with where each goes."""
    if not node.is_folder:
        return [Download(node, target)]
    prefix = node.path.rstrip("/") + "/"
    below = [Download(one, target / one.path.removeprefix(prefix)) async for one in walk(api, node.path)]
    return [Download(node, target), *below]


def _split(paths: tuple[str, ...], default: str) -> tuple[tuple[str, ...], str]:
    """Return the sources and the destination: the last of several paths."""
    return (paths[:-1], paths[-1]) if len(paths) > 1 else (paths, default)


def _end(session: Session, outcome: Outcome) -> None:
    session.tell(outcome.to_json())
    outcome.end()
