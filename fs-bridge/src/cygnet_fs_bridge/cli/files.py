"""`cygnet ls`, `mv`, `cp`, `rm` and `mkdir`: work on the tree that needs no transfer."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import click

from .. import errors
from ..client.api import ApiClient
from ..client.walk import joined, make_folders
from ..models import Node
from .addresses import TreePath, into, named
from .common import Session, connected, human, tree_path
from .jobs import Outcome, each


@click.command()
@click.argument("paths", nargs=-1, type=TreePath(), metavar="[PATH]...")
@click.option("--long", "-l", "long", is_flag=True, help="Show permissions, size and time.")
@connected
def ls(session: Session, paths: tuple[str, ...], long: bool) -> None:
    """List folders, or single files. A PATH may be a pattern such as 'data/*.root'."""

    async def look(api: ApiClient) -> list[Node]:
        found = await named(api, paths or ("/",))
        if len(found) > 1 or not found[0].is_folder:
            return found
        _, children = await api.listing(found[0].path)
        return sorted(children or (), key=lambda child: child.name)

    nodes = session.ask(look)
    folders = {node.path.rpartition("/")[0] for node in nodes}
    shown = [(node.name if len(folders) == 1 else node.path) + "/" * node.is_folder for node in nodes]
    lines = (f"{detail(node)}  {name}" if long else name for node, name in zip(nodes, shown, strict=True))
    session.tell([node.to_json() for node in nodes], lines)


def detail(node: Node) -> str:
    """Return permissions, size and time in columns."""
    stamp = time.strftime("%Y-%m-%d %H:%M", time.localtime(node.mtime))
    return f"{node.permissions:<9} {human(node.size):>9}  {stamp}"


force_option = click.option("--force", "-f", is_flag=True, help="Replace what lies at the destination.")


@click.command()
@click.argument("sources", nargs=-1, required=True, type=TreePath(), metavar="SOURCE...")
@click.argument("destination", type=TreePath())
@force_option
@connected
def mv(session: Session, sources: tuple[str, ...], destination: str, force: bool) -> None:
    """Move or rename SOURCE to DESTINATION, or into it if it is a folder."""

    async def move(api: ApiClient) -> Outcome:
        return await _relocate(api, sources, destination, lambda a, b: api.move(a, b, force))

    _end(session, session.ask(move))


@click.command()
@click.argument("sources", nargs=-1, required=True, type=TreePath(), metavar="SOURCE...")
@click.argument("destination", type=TreePath())
@force_option
@connected
def cp(session: Session, sources: tuple[str, ...], destination: str, force: bool) -> None:
    """Copy SOURCE to DESTINATION inside the service; a folder is copied with all in it."""

    async def copy(api: ApiClient) -> Outcome:
        return await _relocate(api, sources, destination, lambda a, b: api.copy(a, b, force))

    _end(session, session.ask(copy))


async def _relocate(
    api: ApiClient,
    sources: tuple[str, ...],
    destination: str,
    act: Callable[[str, str], Awaitable[Node]],
) -> Outcome:
    nodes = await named(api, sources)
    folder = await into(api, destination, several=len(nodes) > 1)
    if folder is not None:
        await make_folders(api, folder)

    async def one(node: Node) -> dict[str, Any]:
        target = tree_path(destination) if folder is None else joined(folder, node.name)
        return (await act(node.path, target)).to_json()

    return await each(nodes, one, lambda node: node.path, jobs=1)


def _end(session: Session, outcome: Outcome) -> None:
    session.tell(outcome.to_json())
    outcome.end()


@click.command()
@click.argument("paths", nargs=-1, required=True, type=TreePath(), metavar="PATH...")
@click.option("--recursive", "-r", is_flag=True, help="Delete folders with all in them.")
@connected
def rm(session: Session, paths: tuple[str, ...], recursive: bool) -> None:
    """Delete files, and with -r folders. They can be brought back with `cygnet restore`."""

    async def remove(api: ApiClient) -> Outcome:
        nodes = await named(api, paths)
        for node in nodes:
            if node.is_folder and not recursive:
                raise errors.FileExpected("This is a folder; delete it with -r", node.path)

        async def one(node: Node) -> dict[str, Any]:
            await api.delete([node.path])
            return node.to_json()

        return await each(nodes, one, lambda node: node.path)

    _end(session, session.ask(remove))


@click.command()
@click.argument("path", type=TreePath())
@click.option(
    "--parents", "-p", is_flag=True, help="Make missing folders above it too; no error if it exists."
)
@connected
def mkdir(session: Session, path: str, parents: bool) -> None:
    """Make a folder."""

    async def make(api: ApiClient) -> Node:
        if not parents:
            return await api.mkdir(tree_path(path))
        await make_folders(api, tree_path(path))
        return await api.stat(tree_path(path))

    session.tell(session.ask(make).to_json())
