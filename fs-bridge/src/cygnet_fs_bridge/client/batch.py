"""Many small files in one request: a line of JSON that says which, then their bytes one after the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import errors
from ..models import Json, Node, as_object
from ..transport import Request
from .caller import Caller, with_query
from .checksums import compare
from .uploads import Conditions

_ROUTE = "api/v1/batch"


@dataclass(frozen=True)
class SmallFile:
    """A file to be stored: its path, its bytes, and what is expected of the path."""

    path: str
    data: bytes
    conditions: Conditions

    def announced(self) -> dict[str, Any]:
        """Return what the first line of a request tells of it."""
        told: dict[str, Any] = {"path": self.path, "size": len(self.data)}
        told["checksum"] = "SHA1:" + hashlib.sha1(self.data, usedforsecurity=False).hexdigest()
        if (mtime := self.conditions.get("mtime")) is not None:
            told["mtime"] = mtime
        if (etag := self.conditions.get("if_match")) is not None:
            told["if_match"] = f'"{etag}"'
        if self.conditions.get("create"):
            told["if_none_match"] = "*"
        return told


class BatchClient:
    """Stores and fetches many small files at once.

    Args:
        caller: sends the requests.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def store(self, files: Sequence[SmallFile]) -> list[Node | errors.ServiceError]:
        """Store files; return for each the node, or why it was refused."""
        line = json.dumps({"files": [file.announced() for file in files]}).encode()
        body = b"\n".join((line, b"".join(file.data for file in files)))
        _, answer = await self._caller.call("POST", _ROUTE, body=body)
        try:
            results = json.loads(answer)["results"]
            found = [
                _result(file, as_object(told, "result")) for file, told in zip(files, results, strict=True)
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise errors.ServiceError("The answer is not what a Cygnet service sends") from error
        return found

    async def fetch(self, paths: Sequence[str], largest: int) -> list[tuple[Node, bytes | None]]:
        """Return the files at `paths` with their bytes; None for more than `largest`, or what does not fit.

        Raises:
            NotFound: one of them is not there.
        """
        query = "&".join(with_query("", {"path": path}).lstrip("?") for path in paths)
        request = Request("GET", f"{_ROUTE}?largest={largest}&{query}")
        async with self._caller.open(request) as response:
            return split_batch(await response.read())


def _result(file: SmallFile, told: Json) -> Node | errors.ServiceError:
    error = told.get("error")
    if error is None:
        return Node.from_json(as_object(told.get("node"), "node"))
    words: Mapping[str, Any] = as_object(error, "error")
    return errors.named(str(words.get("code", "")), str(words.get("message", "")), file.path)


def split_batch(body: bytes) -> list[tuple[Node, bytes | None]]:
    """Return the files in an answer.

    Raises:
        ServiceError: it is not well formed, or shorter than it says.
        ChecksumMismatch: the bytes of a file are not what the service has.
    """
    line, _, _ = body.partition(b"\n")
    position = len(line) + 1
    found: list[tuple[Node, bytes | None]] = []
    sums: list[str] = []
    try:
        for told in json.loads(line)["files"]:
            size: int | None = told["size"]
            data = None if size is None else body[position : position + size]
            found.append((Node.from_json(told["node"]), data))
            sums.append(str(told.get("checksum", "")))
            position += size or 0
    except (ValueError, KeyError, TypeError) as error:
        raise errors.ServiceError("The answer is not what a Cygnet service sends") from error
    if position != len(body):
        raise errors.Unavailable("The answer of the service is shorter than it says")
    for (node, data), told in zip(found, sums, strict=True):
        if data is not None:
            compare(data, told, node.path)
    return found
