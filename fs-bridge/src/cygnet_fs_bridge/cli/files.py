"""`cygnet ls`, `mv`, `cp`, `rm` and `mkdir`: work on the tree that needs no transfer."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from .. import errors
from ..client.api import ApiClient
from ..models import Node
from .common import human, run, service, token_option, tree_path, url_option


@click.command()
@click.argument("path", default="cygnet://")
@click.option("--long", "-l", "long", is_flag=True, help="Show permissions, size and time.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, one object with all that is known for each."
)
@url_option
@token_option
def ls(path: str, long: bool, as_json: bool, url: str | None, token_file: Path | None) -> None:
    """List a folder, or one file."""

    async def find() -> list[Node]:
        async with service(url, token_file) as api:
            node, children = await api.listing(tree_path(path))
            return [node] if children is None else sorted(children, key=lambda child: child.name)

    nodes = run(find)
    if as_json:
        click.echo(json.dumps([node.to_json() for node in nodes], indent=2))
        return
    for node in nodes:
        click.echo(_line(node) if long else node.name + ("/" if node.is_folder else ""))


def _line(node: Node) -> str:
    stamp = time.strftime("%Y-%m-%d %H:%M", time.localtime(node.mtime))
    return f"{node.permissions:<9} {human(node.size):>9}  {stamp}  {node.name}{'/' if node.is_folder else ''}"


@click.command()
@click.argument("source")
@click.argument("destination")
@click.option("--force", "-f", is_flag=True, help="Replace what lies at the destination.")
@url_option
@token_option
def mv(source: str, destination: str, force: bool, url: str | None, token_file: Path | None) -> None:
    """Move or rename SOURCE to DESTINATION, or into it if it is a folder."""

    async def move() -> None:
        async with service(url, token_file) as api:
            await api.move(tree_path(source), await _target(api, source, destination), force)

    run(move)


@click.command()
@click.argument("source")
@click.argument("destination")
@click.option("--force", "-f", is_flag=True, help="Replace what lies at the destination.")
@url_option
@token_option
def cp(source: str, destination: str, force: bool, url: str | None, token_file: Path | None) -> None:
    """Copy SOURCE to DESTINATION inside the service; a folder is copied with all in it."""

    async def copy() -> None:
        async with service(url, token_file) as api:
            await api.copy(tree_path(source), await _target(api, source, destination), force)

    run(copy)


async def _target(api: ApiClient, source: str, destination: str) -> str:
    target = tree_path(destination)
    try:
        into = (await api.stat(target)).is_folder
    except FileNotFoundError:
        into = destination.endswith("/")
    return f"{target.rstrip('/')}/{tree_path(source).rpartition('/')[2]}" if into else target


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--recursive", "-r", is_flag=True, help="Delete folders with all in them.")
@url_option
@token_option
def rm(paths: tuple[str, ...], recursive: bool, url: str | None, token_file: Path | None) -> None:
    """Delete files, and with -r folders."""

    async def remove() -> None:
        async with service(url, token_file) as api:
            for path in map(tree_path, paths):
                if (await api.stat(path)).is_folder and not recursive:
                    raise errors.FileExpected("This is a folder; delete it with -r", path)
            await api.delete([tree_path(path) for path in paths])

    run(remove)


@click.command()
@click.argument("path")
@click.option(
    "--parents", "-p", is_flag=True, help="Make missing folders above it too; no error if it exists."
)
@url_option
@token_option
def mkdir(path: str, parents: bool, url: str | None, token_file: Path | None) -> None:
    """Make a folder."""

    async def make() -> None:
        async with service(url, token_file) as api:
            if not parents:
                await api.mkdir(tree_path(path))
                return
            done = ""
            for name in filter(None, tree_path(path).split("/")):
                done += f"/{name}"
                try:
                    await api.mkdir(done)
                except errors.AlreadyExists:
                    continue

    run(make)
