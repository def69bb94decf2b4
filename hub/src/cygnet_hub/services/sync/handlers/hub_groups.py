"""The hub's groups, changed by its REST API.

The service's token needs the scope `admin:groups`: the hub has none that allows only to make groups and to
change those that one has made.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from .hub import HubApi


class HubGroupApi:
    """See `service.hub_groups.HubGroups`.

    Args:
        api: the hub's API.
    """

    def __init__(self, api: HubApi) -> None:
        self._api = api

    async def members(self) -> dict[str, frozenset[str]]:
        """Return every group with its members."""
        pages = await self._api.pages("/groups")
        return {model["name"]: frozenset(model.get("users", ())) for model in pages}

    async def create(self, name: str) -> None:
        """Make a group."""
        await self._api.send("POST", _path(name), {})

    async def delete(self, name: str) -> None:
        """Delete a group; one that is gone already is fine."""
        await self._api.send("DELETE", _path(name))

    async def add(self, name: str, users: Iterable[str]) -> None:
        """Put people into a group."""
        await self._api.send("POST", f"{_path(name)}/users", {"users": list(users)})

    async def remove(self, name: str, users: Iterable[str]) -> None:
        """Take people out of a group."""
        await self._api.send("DELETE", f"{_path(name)}/users", {"users": list(users)})


def _path(name: str) -> str:
    return f"/groups/{quote(name, safe='')}"
