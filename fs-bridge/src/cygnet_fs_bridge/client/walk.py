"""Whole trees of the service: walking, patterns, and making folders with those above them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from fnmatch import fnmatchcase

from .. import errors
from ..models import Node
from .api import ApiClient

#: Folders that are asked for at a time.
_AT_ONCE = 8
_MAGIC = re.compile(r"[*?\[]")


def parent_of(path: str) -> str:
    """Return the folder of a path that begins with a slash."""
    return path.rstrip("/").rpartition("/")[0] or "/"


def joined(folder: str, name: str) -> str:
    """Return the path of `name` in a folder."""
    return f"{folder.rstrip('/')}/{name}"


async def walk(api: ApiClient, folder: str) -> AsyncIterator[Node]:
    """Give all that is below a folder, each folder before what is in it, names in order.

    A folder that is deleted meanwhile counts as empty.
    """
    waiting = [folder]
    while waiting:
        batch, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        for children in await asyncio.gather(*(_children(api, path) for path in batch)):
            for node in children:
                yield node
            waiting += [node.path for node in children if node.is_folder]


async def _children(api: ApiClient, folder: str) -> list[Node]:
    try:
        _, children = await api.listing(folder)
    except errors.NotFound:
        return []
    for node in children or ():
        # Names become local paths: none may lead out of the folder that they are copied to.
        if node.name in ("", ".", "..") or node.path != joined(folder, node.name) or "/" in node.name:
            raise errors.ServiceError("The service sent a name that no file can have", folder)
    return sorted(children or (), key=lambda node: node.name)


async def matching(api: ApiClient, pattern: str) -> list[Node]:
    """Return what a path or a pattern names, in order.

    `*` stands for any letters but a slash, `?` for one, `[ab]` for one of these, and `**` as a whole name for
    any folders. What has exactly this name is meant, even if the name looks like a pattern.

    Raises:
        NotFound: nothing matches.
    """
    try:
        return [await api.stat(pattern)]
    except errors.NotFound:
        if not _MAGIC.search(pattern):
            raise
    names = [name for name in pattern.split("/") if name]
    found = {node.path: node for node in await _below(api, "/", names)}
    if not found:
        raise errors.NotFound("Nothing matches", pattern)
    return [found[path] for path in sorted(found)]


async def _below(api: ApiClient, folder: str, names: list[str]) -> list[Node]:
    """Return what the names, one a level, match below a folder."""
    name, *rest = names
    if name == "**":
        return await _at_any_depth(api, folder, rest)
    if not _MAGIC.search(name) and rest:
        return await _below(api, joined(folder, name), rest)
    here = [node for node in await _children(api, folder) if fnmatchcase(node.name, name)]
    if not rest:
        return here
    folders = [node.path for node in here if node.is_folder]
    return [node for path in folders for node in await _below(api, path, rest)]


async def _at_any_depth(api: ApiClient, folder: str, rest: list[str]) -> list[Node]:
    below = [node async for node in walk(api, folder)]
    if not rest:
        return below
    folders = [folder, *(node.path for node in below if node.is_folder)]
    return [node for path in folders for node in await _below(api, path, rest)]


async def make_folders(api: ApiClient, path: str) -> None:
    """Make a folder and those above it that are missing.

    Raises:
        FolderExpected: a file lies where a folder is needed.
    """
    if path == "/":
        return
    try:
        await api.mkdir(path)
    except errors.NotFound:
        await make_folders(api, parent_of(path))
        await make_folders(api, path)
    except errors.AlreadyExists:
        if not (await api.stat(path)).is_folder:
            raise errors.FolderExpected("A file lies where a folder is needed", path) from None
