"""Folders as JSON, however many entries they have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cygnet_fs_bridge import models as wire

from ...model.node import Node
from ...model.principal import Principal
from ..spool import Spool
from .base import ApiHandler, wire_node


async def send_listing(handler: ApiHandler, principal: Principal, path: str) -> None:
    """Answer with {node, children} of what is at `path`; children is null for a file."""
    tree = handler.services.tree
    owners = {name: await handler.owner(name) for name in await tree.owners(principal, path)}
    with Spool(handler) as spool:
        text = _Text(spool, owners)

        async def make() -> None:
            await tree.tell(principal, path, text.take)
            text.end()

        handler.set_header("Content-Type", "application/json; charset=utf-8")
        handler.set_header("Cache-Control", "no-store")
        await spool.send(make())


class _Text:
    """The answer on its way into a spool."""

    def __init__(self, spool: Spool, owners: Mapping[str, wire.Owner]) -> None:
        self._spool, self._owners = spool, owners
        self._end = ""
        self._between = ""

    def take(self, own: Node, children: Sequence[Node] | None) -> None:
        """Write the next children, before the first of them the node that they are in."""
        if not self._end:
            self._begin(own, "[" if children is not None else "null")
            self._end = "]}" if children is not None else "}"
        if children:
            self._spool.add(self._between + ",".join(map(self._json, children)))
            self._between = ","

    def end(self) -> None:
        """Write what comes last."""
        self._spool.add(self._end)

    def _begin(self, own: Node, opening: str) -> None:
        self._spool.add(f'{{"node":{self._json(own)},"children":{opening}')

    def _json(self, node: Node) -> str:
        owner = self._owners.get(node.owner) or wire.Owner(node.owner, node.owner)
        return json.dumps(wire_node(node, owner).to_json(), ensure_ascii=False, separators=(",", ":"))
