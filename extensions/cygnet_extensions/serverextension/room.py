"""The room that a person has, and what takes it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from .base import CygnetHandler, guarded
from .gateway import Gateway
from .history import service_path


class _RoomHandler(CygnetHandler):
    async def ask(self, route: str, **query: str) -> Any:
        """Return the JSON that the sync service answers."""
        gateway: Gateway = self.settings["cygnet_gateway"]
        return json.loads(await gateway.pass_on("GET", f"api/v1/{route}", query or None, b"", ""))

    async def quota(self) -> dict[str, Any]:
        """How many bytes the person's files take, and may take."""
        found: dict[str, Any] = (await self.ask("me"))["quota"]
        return found


class QuotaHandler(_RoomHandler):
    """`quota`."""

    @guarded
    async def get(self) -> None:
        """Say {used, total, free} in bytes; the last two are null without a limit."""
        self.answer(await self.quota())


class RoomHandler(_RoomHandler):
    """`room`."""

    @guarded
    async def get(self) -> None:
        """Say the quota, and what lies in the folder `path`, the largest first; folders with all in them."""
        path = service_path(self.get_query_argument("path", ""))
        quota, listing = await asyncio.gather(self.quota(), self.ask("files", path=path))
        items = [_item(node) for node in listing.get("children") or () if _counts(node)]
        self.answer({"quota": quota, "items": sorted(items, key=lambda item: -item["size"])})


def _counts(node: dict[str, Any]) -> bool:
    """What others share, and classes, take nothing of one's own room."""
    return node["path"] not in ("/Shares", "/Classes")


def _item(node: dict[str, Any]) -> dict[str, Any]:
    path = node["path"].lstrip("/")
    return {"name": node["name"], "path": path, "folder": node["kind"] == "folder", "size": node["size"]}
