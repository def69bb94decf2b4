"""What was deleted, and what files were before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import errors
from ..models import Node, as_object
from .caller import Caller


class HistoryClient:
    """The trash and the versions of one person's files.

    Args:
        caller: sends the requests.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def _list(self, target: str, key: str, path: str = "") -> list[dict[str, Any]]:
        query = {"path": path} if path else None
        answer = await self._caller.call_json("GET", f"api/v1/{target}", query=query, path=path)
        try:
            return [dict(as_object(one, key)) for one in as_object(answer, "answer")[key]]
        except (KeyError, TypeError, ValueError) as error:
            raise errors.ServiceError(f"The answer of the service has no {key!r}") from error

    async def versions(self, path: str) -> list[dict[str, Any]]:
        """Return the versions of a file as the service lists them, the current one first."""
        return await self._list("versions", "versions", path)

    async def trash(self) -> list[dict[str, Any]]:
        """Return what was deleted as the service lists it, the newest first."""
        return await self._list("trash", "items")

    async def go_back(self, path: str, version: str) -> Node:
        """Make a version the current one; what the file was until now stays as a version."""
        target = f"api/v1/versions/{version}/restore"
        return _node(await self._caller.call_json("POST", target, {"path": path}, path=path))

    async def bring_back(self, ids: Sequence[str]) -> list[Node]:
        """Bring things back from the trash.

        Raises:
            ServiceError: one cannot be brought back; the others have been.
        """
        answer = await self._caller.call_json("POST", "api/v1/trash/restore", {"ids": list(ids)})
        told = as_object(answer, "answer")
        for failed in told.get("failed") or ():
            words: Mapping[str, Any] = as_object(failed.get("error"), "error")
            raise errors.named(str(words.get("code", "")), str(words.get("message", "")))
        return [_node(one) for one in told.get("restored") or ()]


def _node(answer: object) -> Node:
    try:
        return Node.from_json(as_object(answer, "answer"))
    except ValueError as error:
        raise errors.ServiceError(f"The answer of the service is not understood: {error}") from error
