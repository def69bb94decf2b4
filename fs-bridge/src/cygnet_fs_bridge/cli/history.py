"""`cygnet versions` and `cygnet restore`: what files were before, and what was deleted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import click

from .. import errors
from ..client.history import HistoryClient
from ..models import Node
from .addresses import TreePath
from .common import Session, connected, human, tree_path


@click.command()
@click.argument("path", type=TreePath())
@connected
def versions(session: Session, path: str) -> None:
    """List what a file was before, the newest first; `cygnet restore --version` goes back to one."""
    found = session.ask(lambda api: HistoryClient(api.caller).versions(tree_path(path)))
    session.tell(found, map(_version, found))


def _version(one: Mapping[str, Any]) -> str:
    mark = "  current" if one.get("current") else ""
    author = one["author"]["display_name"]
    return f"{one['id']:>8}  {_when(one['created'])}  {human(one['size']):>9}  {author}{mark}"


def _deleted(one: Mapping[str, Any]) -> str:
    return f"{_when(one['deleted'])}  {human(one['size']):>9}  {one['path']}"


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


@click.command()
@click.argument("paths", nargs=-1, type=TreePath(), metavar="[PATH]...")
@click.option("--version", "version", metavar="ID", help="Go back to this version of PATH.")
@connected
def restore(session: Session, paths: tuple[str, ...], version: str | None) -> None:
    """Bring back what was deleted at PATH, or an earlier version of it; without PATH, list what was deleted.

    PATH is where it was. Of several that were deleted there, the last comes back.
    """
    if version is not None and len(paths) != 1:
        raise click.UsageError("--version needs one PATH")
    if not paths:
        items = session.ask(lambda api: HistoryClient(api.caller).trash())
        session.tell(items, map(_deleted, items))
        return

    async def act(api: Any) -> list[Node]:
        history, wanted = HistoryClient(api.caller), [tree_path(path) for path in paths]
        if version is not None:
            return [await history.go_back(wanted[0], version)]
        return await history.bring_back(_newest(await history.trash(), wanted))

    nodes = session.ask(act)
    session.tell([node.to_json() for node in nodes], (f"{node.path} is back" for node in nodes))


def _newest(trash: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> list[str]:
    """Return the ids of what was deleted last at each path; the trash has the newest first."""
    ids = []
    for path in wanted:
        found = next((str(one["id"]) for one in trash if one["path"] == path), None)
        if found is None:
            raise errors.NotFound("Nothing that was deleted lay here", path)
        ids.append(found)
    return ids
