"""Access keys of S3, as the JSON API has them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .. import errors
from ..models import as_object
from .caller import Caller

_ROUTE = "api/v1/keys"


class KeyClient:
    """The access keys of the caller's credential.

    Args:
        caller: sends the requests.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def listing(self) -> list[dict[str, Any]]:
        """Return the keys as the service lists them, the newest first, without their secrets."""
        answer = await self._caller.call_json("GET", _ROUTE)
        try:
            return [dict(as_object(one, "key")) for one in as_object(answer, "answer")["keys"]]
        except (KeyError, TypeError, ValueError) as error:
            raise errors.ServiceError("The answer of the service has no 'keys'") from error

    async def add(
        self, *, label: str, folder: str | None, read_only: bool, ttl: float | None
    ) -> dict[str, Any]:
        """Make a key; what it is limited to is left out where there is no limit, `ttl` is in seconds."""
        wanted = {"label": label, "folder": folder, "read_only": read_only, "ttl": ttl}
        answer = await self._caller.call_json("POST", _ROUTE, wanted, path=folder or "")
        try:
            return dict(as_object(answer, "key"))
        except ValueError as error:
            raise errors.ServiceError("The answer is not what a Cygnet service sends") from error

    async def temporary(self, ttl: float) -> dict[str, Any]:
        """Make a key that ends after `ttl` seconds, or with the caller's credential; it has a `token`."""
        answer = await self._caller.call_json("POST", f"{_ROUTE}/temporary", {"ttl": ttl})
        try:
            return dict(as_object(answer, "key"))
        except ValueError as error:
            raise errors.ServiceError("The answer is not what a Cygnet service sends") from error

    async def remove(self, key_id: str) -> None:
        """Take a key away."""
        await self._caller.call_json("DELETE", f"{_ROUTE}/{quote(key_id, safe='')}")
