"""`cygnet du` and `cygnet find`: looking at whole trees."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import click

from ..client.api import ApiClient
from ..client.walk import walk
from ..models import Node
from .addresses import TreePath, named
from .common import Session, Size, connected, human
from .files import detail

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


class Moment(click.ParamType[float]):
    """A time: a date such as `2026-01-31`, or how long ago, such as `7d`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return unix seconds, or say what a time looks like."""
        if isinstance(value, float):
            return value
        ago = re.fullmatch(r"(\d+)([smhdw])", value)
        if ago is not None:
            return time.time() - int(ago[1]) * _SECONDS[ago[2]]
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            self.fail(f"{value!r} is not a time; write for example 2026-01-31 or 7d", param, ctx)


@click.command()
@click.argument("paths", nargs=-1, type=TreePath(), metavar="[PATH]...")
@click.option(
    "--depth", "-d", type=click.IntRange(0), default=0, show_default=True, help="How many levels to list."
)
@connected
def du(session: Session, paths: tuple[str, ...], depth: int) -> None:
    """Show how much files and folders hold; without PATH, everything, and the room that is left."""

    async def measure(api: ApiClient) -> tuple[list[Node], int | None]:
        roots = await named(api, paths or ("/",))
        found = [one for root in roots for one in [*[n async for n in _levels(api, root, depth)], root]]
        return found, None if paths else (await api.me()).quota.total

    nodes, total = session.ask(measure)
    lines = [f"{human(node.size):>9}  {node.path}{_slash(node)}" for node in nodes]
    if total is not None:
        lines.append(f"{human(total):>9}  is what you may store")
    session.tell([{"path": node.path, "kind": node.kind, "size": node.size} for node in nodes], lines)


def _slash(node: Node) -> str:
    return "/" if node.is_folder and node.path != "/" else ""


async def _levels(api: ApiClient, folder: Node, depth: int) -> AsyncIterator[Node]:
    """Give what is at most `depth` levels below a folder, what is in a folder before the folder."""
    if depth == 0 or not folder.is_folder:
        return
    _, children = await api.listing(folder.path)
    for child in sorted(children or (), key=lambda node: node.name):
        async for node in _levels(api, child, depth - 1):
            yield node
        yield child


@click.command()
@click.argument("paths", nargs=-1, type=TreePath(), metavar="[PATH]...")
@click.option("--name", "pattern", metavar="PATTERN", help="Only these names, for example '*.root'.")
@click.option("--type", "kind", type=click.Choice(["file", "folder"]), help="Only files, or only folders.")
@click.option("--larger", type=Size(), metavar="SIZE", help="Only what is larger.")
@click.option("--smaller", type=Size(), metavar="SIZE", help="Only what is smaller.")
@click.option(
    "--newer", type=Moment(), metavar="TIME", help="Only what changed after a date, or since 7d, 12h ago."
)
@click.option("--older", type=Moment(), metavar="TIME", help="Only what changed before.")
@click.option("--long", "-l", "long", is_flag=True, help="Show permissions, size and time.")
@connected
def find(session: Session, paths: tuple[str, ...], long: bool, **wanted: Any) -> None:
    """List what is below PATH, at any depth, and meets every condition."""

    async def look(api: ApiClient) -> list[Node]:
        return [
            node
            for root in await named(api, paths or ("/",))
            async for node in _from(api, root)
            if _meets(node, **wanted)
        ]

    nodes = session.ask(look)
    lines = (f"{detail(node)}  {node.path}" if long else node.path for node in nodes)
    session.tell([node.to_json() for node in nodes], lines)


async def _from(api: ApiClient, root: Node) -> AsyncIterator[Node]:
    if not root.is_folder:
        yield root
        return
    async for node in walk(api, root.path):
        yield node


def _meets(
    node: Node,
    pattern: str | None,
    kind: str | None,
    larger: int | None,
    smaller: int | None,
    newer: float | None,
    older: float | None,
) -> bool:
    return (
        (pattern is None or fnmatchcase(node.name, pattern))
        and (kind is None or node.kind == kind)
        and (larger is None or node.size > larger)
        and (smaller is None or node.size < smaller)
        and (newer is None or node.mtime > newer)
        and (older is None or node.mtime < older)
    )
