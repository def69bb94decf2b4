"""Arguments that are paths in the person's tree: patterns, and completion by what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from .. import errors
from ..client.api import ApiClient
from ..client.walk import matching
from ..models import Node
from .common import Session, certificate_of, tree_path

SCHEME = "cygnet://"
#: Longest that a press of the Tab key may take, in seconds.
_COMPLETION_LIMIT = 3.0


class TreePath(click.ParamType[str]):
    """A path in the person's tree, with or without `cygnet://`."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text as it is; a slash at its end has a meaning."""
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return what is in the folder that is being typed; nothing when it cannot be known quickly."""
        folder, slash, begun = incomplete.rpartition("/")
        try:
            found = asyncio.run(asyncio.wait_for(_names(ctx, folder + slash, begun), _COMPLETION_LIMIT))
        except (errors.ServiceError, errors.NotConfigured, TimeoutError):
            return []
        return [CompletionItem(folder + slash + name) for name in found]


class AnyPath(TreePath):
    """A local path, or one in the person's tree if it begins with `cygnet://`."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return what is there, or leave local files to the shell."""
        if incomplete.startswith(SCHEME):
            return super().shell_complete(ctx, param, incomplete)
        return [CompletionItem(incomplete, type="file")]


async def _names(ctx: click.Context, folder: str, begun: str) -> list[str]:
    told = ctx.params
    own = certificate_of(told.get("cert"), told.get("key"))
    session = Session(told.get("url"), told.get("token_file"), as_json=False, certificate=own)
    async with session.service(patience=0.0) as api:
        _, children = await api.listing(tree_path(folder))
    ordered = sorted(children or (), key=lambda node: node.name)
    return [node.name + ("/" if node.is_folder else "") for node in ordered if node.name.startswith(begun)]


async def named(api: ApiClient, addresses: Sequence[str]) -> list[Node]:
    """Return all that addresses, which may be patterns, name; each once, in the order that was given."""
    found: dict[str, Node] = {}
    for address in addresses:
        for node in await matching(api, tree_path(address)):
            found.setdefault(node.path, node)
    return list(found.values())


async def into(api: ApiClient, address: str, several: bool) -> str | None:
    """Return the folder that things go into at `address`, None if it is to be the name of the one thing.

    Raises:
        FolderExpected: several things cannot have one name.
    """
    target = tree_path(address)
    try:
        if (await api.stat(target)).is_folder:
            return target
        if several or address.endswith("/"):
            raise errors.FolderExpected("A file lies where a folder is needed", target)
    except errors.NotFound:
        if several or address.endswith("/"):
            return target
    return None
