"""Many small files in one request: a line of JSON that says which, then their bytes one after the other."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ...model.conditions import Conditions, parse_etags
from ...model.errors import BadRequest, CygnetError
from ...model.names import clean_path
from ...service.batch import MAX_BYTES, Fetched
from ...service.together import NewFile, Stored
from ..base import Access
from ..download import protect
from . import answers
from .base import ApiHandler, Body
from .operations import PATH, Parameter, Raw, operation

TYPE = "application/vnd.cygnet.batch"
#: A file larger than this is better fetched by itself.
LARGEST = 1 << 20


BATCH = Raw((TYPE,))
LARGEST_FILE = Parameter("largest", "bytes of the largest file to send", {"type": "integer", "minimum": 0})


class BatchHandler(ApiHandler):
    """Small files, many at once."""

    access: ClassVar[Access] = Access.USER
    looks_at_tree: ClassVar[bool] = True

    @operation({200: answers.Batch}, body=BATCH)
    async def post(self) -> None:
        """POST batch: {files: [{path, size, mtime, if_match, if_none_match, checksum}]} and the bytes.

        Answers {results: [{path, created, node} or {path, error}]} in the same order.
        """
        files = parse_batch(self.request.body)
        stored = await self.services.batch.store(self.principal, files)
        self.send({"results": [await self._result(*pair) for pair in zip(files, stored, strict=True)]})

    async def _result(self, file: NewFile, stored: Stored) -> dict[str, Any]:
        if stored.node is None:
            error = stored.error or CygnetError("Nothing was stored.")
            return {"path": file.path, "error": {"code": error.code, "message": self.words_of(error)}}
        return {"path": file.path, "created": stored.created, "node": await self.node(stored.node)}

    @operation({200: BATCH}, parameters=(PATH, LARGEST_FILE), errors=(404,))
    async def get(self) -> None:
        """GET batch?path=/folder&largest=65536: {files: [{node, size, checksum}]} and their bytes.

        `path` may come several times, and may name a file; of a folder the files directly in it are meant.
        """
        paths = [clean_path(path) for path in self.arguments_of("path")] or ["/"]
        largest = self.number_argument("largest", LARGEST, MAX_BYTES)
        found = await self.services.batch.fetch(self.principal, paths, largest)
        wire = await self.nodes([item.node for item in found])
        listed = [_entry(node, item) for node, item in zip(wire, found, strict=True)]
        protect(self)
        self.set_header("Content-Type", TYPE)
        self.set_header("Cache-Control", "no-store")
        self.write(json.dumps({"files": listed}).encode() + b"\n")
        for item in found:
            if item.data:
                self.write(item.data)


def _entry(node: dict[str, Any], item: Fetched) -> dict[str, Any]:
    told = {"node": node, "size": None if item.data is None else len(item.data)}
    sha1 = item.node.checksums.sha1
    return told | ({"checksum": f"SHA1:{sha1}"} if sha1 else {})


def parse_batch(body: bytes) -> list[NewFile]:
    """The files in a request.

    Raises:
        BadRequest: the line of JSON cannot be read, or the bytes are not as many as it says.
    """
    line, newline, _ = body.partition(b"\n")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        raise BadRequest("The first line of a batch must be JSON.") from None
    listed = data.get("files") if isinstance(data, dict) else None
    if not newline or not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise BadRequest('A batch begins with a line such as {"files": [{"path": "/a", "size": 1}]}.')
    files, position = [], len(line) + 1
    for entry in map(Body, listed):
        size = entry.number("size", -1)
        if not 0 <= size <= len(body) - position or not size.is_integer():
            raise BadRequest("The sizes in a batch do not fit its bytes.")
        files.append(_new_file(entry, body[position : position + int(size)]))
        position += int(size)
    if position != len(body):
        raise BadRequest("The sizes in a batch do not fit its bytes.")
    return files


def _new_file(entry: Body, data: bytes) -> NewFile:
    kind, colon, digest = entry.text("checksum", "").partition(":")
    mtime = entry.number("mtime", -1)
    conditions = Conditions(
        parse_etags(entry.optional_text("if_match")), parse_etags(entry.optional_text("if_none_match"))
    )
    return NewFile(
        entry.path("path"),
        data,
        mtime if mtime >= 0 else None,
        {kind.upper(): digest} if colon else {},
        conditions,
    )
