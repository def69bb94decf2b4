"""The OCS Share API, version 2, which ownCloud, oCIS, CERNBox and Nextcloud have as our service does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from .. import errors
from ..models import Json, as_object
from .caller import Caller

_SHARES = "ocs/v2.php/apps/files_sharing/api/v1/shares"
_SHAREES = "ocs/v2.php/apps/files_sharing/api/v1/sharees"


class OcsClient:
    """Calls of the OCS API; answers are the plain `data` of the envelope.

    Args:
        caller: sends the requests.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def _call(
        self,
        method: str,
        target: str,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Any:
        headers = {"OCS-APIRequest": "true", "Accept": "application/json"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if form is None else urlencode(form).encode()
        _, answer = await self._caller.call(
            method, target, query={**(query or {}), "format": "json"}, headers=headers, body=body
        )
        return _data(answer)

    async def capabilities(self) -> Json:
        """Return what the service can do."""
        found = as_object(await self._call("GET", "ocs/v2.php/cloud/capabilities"), "answer")
        return as_object(found.get("capabilities"), "capabilities")

    async def user(self) -> Json:
        """Return who the caller is: `id`, `display-name`, `email`."""
        return as_object(await self._call("GET", "ocs/v2.php/cloud/user"), "answer")

    async def sharees(self, search: str, limit: int = 20) -> Json:
        """Return people and groups as OCS lists them: `users`, `groups` and the same below `exact`."""
        query = {"search": search, "itemType": "file", "page": "1", "perPage": str(limit)}
        return as_object(await self._call("GET", _SHAREES, query), "answer")

    async def shares(self, **query: str) -> list[Json]:
        """Return shares; `path`, `shared_with_me`, `state`, `reshares` and `subfiles` choose which."""
        return [as_object(one, "share") for one in await self._call("GET", _SHARES, query) or ()]

    async def one(self, share_id: str) -> Json:
        """Return one share; services send a list of one."""
        found = await self._call("GET", f"{_SHARES}/{quote(share_id, safe='')}")
        return as_object(found[0] if isinstance(found, list) and found else found, "share")

    async def pending(self) -> list[Json]:
        """Return what waits for the caller's answer, where that is a list of its own."""
        return [as_object(one, "share") for one in await self._call("GET", f"{_SHARES}/pending") or ()]

    async def create(self, **form: str) -> Json:
        """Share an item: `path`, `shareType`, `shareWith`, `permissions`, `password`, `expireDate`, ..."""
        return as_object(await self._call("POST", _SHARES, form=form), "share")

    async def update(self, share_id: str, **form: str) -> None:
        """Change a share."""
        await self._call("PUT", f"{_SHARES}/{quote(share_id, safe='')}", form=form)

    async def delete(self, share_id: str) -> None:
        """Take a share back."""
        await self._call("DELETE", f"{_SHARES}/{quote(share_id, safe='')}")

    async def answer(self, share_id: str, accept: bool) -> None:
        """Accept or decline what somebody shares with the caller."""
        target = f"{_SHARES}/pending/{quote(share_id, safe='')}"
        await self._call("POST" if accept else "DELETE", target)


def _data(answer: bytes) -> Any:
    """Return the data of an envelope; raise the error that its status names, also under HTTP status 200."""
    try:
        envelope = json.loads(answer)["ocs"]
        meta, data = envelope["meta"], envelope.get("data")
        status, message = int(meta["statuscode"]), str(meta.get("message") or "")
    except (ValueError, KeyError, TypeError) as error:
        raise errors.ServiceError("The answer of the service is not OCS") from error
    if status in (100, 200):
        return data
    failed = errors.from_response(status if status >= 400 else 500)
    raise type(failed)(message or failed.message, status=status)
