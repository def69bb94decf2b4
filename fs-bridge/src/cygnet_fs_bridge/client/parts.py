"""Uploads in parts of the JSON API: what has come stays, and the next run asks how much that is."""

from __future__ import annotations

import json
from typing import Any

from .. import errors
from ..models import Json, as_object
from .api import upload_headers
from .caller import Caller
from .uploads import Conditions

_ROUTE = "api/v1/uploads"


class PartClient:
    """Sends files part by part.

    Args:
        caller: sends the requests.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def begin(self, path: str, size: int, conditions: Conditions) -> tuple[str, int]:
        """Open an upload of `size` bytes; return its id and the bytes of a part."""
        answer = await self._post(_ROUTE, path, {"path": path, "size": size}, conditions)
        try:
            return str(answer["id"]), int(answer["part_size"])
        except (KeyError, TypeError, ValueError) as error:
            raise errors.ServiceError("The answer is not what a Cygnet service sends", path) from error

    async def received(self, upload: str) -> int:
        """Return how many bytes have come.

        Raises:
            NotFound: there is no such upload, or no longer.
        """
        answer = await self._caller.call_json("GET", f"{_ROUTE}/{upload}")
        try:
            return int(answer["received"])
        except (KeyError, TypeError, ValueError) as error:
            raise errors.ServiceError("The answer is not what a Cygnet service sends") from error

    async def send(self, upload: str, at: int, data: bytes, adler32: str) -> None:
        """Send the bytes that begin at `at`, where the service has all before; it compares the checksum."""
        headers = {"Content-Length": str(len(data)), "OC-Checksum": f"ADLER32:{adler32}"}
        await self._caller.call("PUT", f"{_ROUTE}/{upload}/{at}", headers=headers, body=data)

    async def finish(self, upload: str, path: str, size: int, sha1: str, conditions: Conditions) -> None:
        """Make the parts the contents of `path`; the service compares the checksum of the whole.

        The service answers the same when it is asked again, so a lost answer is asked for once more.
        """
        data = {"path": path, "size": size, "mtime": conditions.get("mtime")}
        try:
            await self._post(f"{_ROUTE}/{upload}/finish", path, data, conditions, sha1)
        except errors.Unavailable:
            await self._post(f"{_ROUTE}/{upload}/finish", path, data, conditions, sha1)

    async def _post(
        self, target: str, path: str, data: Json, conditions: Conditions, sha1: str = ""
    ) -> dict[str, Any]:
        body = json.dumps(data).encode()
        headers = upload_headers(len(body), **conditions, sha1=sha1)
        headers["Content-Type"] = "application/json"
        with errors.meaning({errors.Unsupported: errors.FileExpected, errors.Conflict: errors.NotFound}):
            _, answer = await self._caller.call("POST", target, headers=headers, body=body, path=path)
        try:
            return dict(as_object(json.loads(answer), "answer"))
        except ValueError as error:
            raise errors.ServiceError("The answer is not what a Cygnet service sends", path) from error

    async def cancel(self, upload: str) -> None:
        """Throw an unfinished upload away."""
        try:
            await self._caller.call("DELETE", f"{_ROUTE}/{upload}")
        except errors.NotFound:
            return
