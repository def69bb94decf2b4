"""Nextcloud's bulk upload: many small files in one multipart/related request, one answer in JSON for all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message
from typing import Any, ClassVar

from ...model.errors import BadRequest, CygnetError
from ...model.names import clean_path
from ...service.batch import MAX_FILES
from ...service.together import NewFile, Stored
from ..base import Access, BaseHandler
from .base import oc_id

BULK = r"remote\.php/dav/bulk"
MAX_HEADERS = 16 << 10


class BulkHandler(BaseHandler):
    """Many files at once."""

    access: ClassVar[Access] = Access.USER
    looks_at_tree: ClassVar[bool] = True

    async def post(self) -> None:
        """Store every part; the answer says for each path whether that worked."""
        boundary, body = boundary_of(self.request.headers.get("Content-Type", "")), self.request.body
        files, refused = await self.services.disk.run(lambda: _read(split_parts(body, boundary)))
        answers = {name: _refused(error) for name, error in refused.items()}
        stored = await self.services.batch.store(self.principal, [file for _, file in files])
        for (name, file), result in zip(files, stored, strict=True):
            answers[name] = self._answer(file, result)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.write(json.dumps(answers))

    def _answer(self, file: NewFile, stored: Stored) -> dict[str, Any]:
        node = stored.node
        if node is None:
            return _refused(stored.error or CygnetError("Nothing was stored."))
        answer = {"error": False, "etag": node.etag, "permissions": node.letters}
        answer |= {"fileid": oc_id(node, self.services.tree.instance)}
        return answer | ({"X-OC-MTime": "accepted"} if file.mtime is not None else {})


def _read(
    parts: Iterable[tuple[Mapping[str, str], bytes]],
) -> tuple[list[tuple[str, NewFile]], dict[str, CygnetError]]:
    """The files in the parts, each with the name that the answer has for it; and those that are none."""
    files: list[tuple[str, NewFile]] = []
    refused: dict[str, CygnetError] = {}
    for headers, data in parts:
        name = headers.get("x-file-path", "")
        try:
            files.append((name, _new_file(headers, data)))
        except CygnetError as error:
            refused[name] = error
    return files, refused


def _refused(error: CygnetError) -> dict[str, Any]:
    return {"error": True, "message": error.message}


def _new_file(headers: Mapping[str, str], data: bytes) -> NewFile:
    if "x-file-md5" not in headers:
        raise BadRequest("The X-File-MD5 header of a part is missing.")
    time = headers.get("x-oc-mtime") or headers.get("x-file-mtime")
    try:
        mtime = float(time) if time else None
    except ValueError:
        mtime = -1.0
    if mtime is not None and not 0 <= mtime < 1 << 40:
        raise BadRequest("The modification time of a part is not a time.")
    return NewFile(clean_path(headers.get("x-file-path", "")), data, mtime, {"MD5": headers["x-file-md5"]})


def boundary_of(content_type: str) -> bytes:
    """What stands between the parts.

    Raises:
        BadRequest: the request is not multipart/related, or names no boundary.
    """
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_boundary("")
    if message.get_content_type() != "multipart/related" or not boundary:
        raise BadRequest("A bulk upload must be multipart/related with a boundary.")
    return boundary.encode("latin-1", "replace")


def split_parts(body: bytes, boundary: bytes) -> Iterator[tuple[dict[str, str], bytes]]:
    """The parts of a body: headers with names in lower case, and the bytes that Content-Length counts.

    Raises:
        BadRequest: it is not made so.
    """
    start, end = b"--" + boundary + b"\r\n", b"--" + boundary + b"--"
    position = 0
    for _ in range(MAX_FILES):
        if body.startswith(end, position):
            return
        if not body.startswith(start, position):
            raise BadRequest("A boundary is not where it should be.")
        headers, position = _headers(body, position + len(start))
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdecimal() and len(length) < 12):
            raise BadRequest("The Content-Length of a part is missing.")
        data = body[position : position + int(length)]
        position += int(length)
        if len(data) != int(length) or body[position : position + 2] != b"\r\n":
            raise BadRequest("A part is longer or shorter than it says.")
        yield headers, data
        position += 2
    raise BadRequest("The body has too many parts, or no end.")


def _headers(body: bytes, position: int) -> tuple[dict[str, str], int]:
    end = body.find(b"\r\n\r\n", position, position + MAX_HEADERS)
    if end < 0:
        raise BadRequest("The headers of a part cannot be read.")
    headers = {}
    for line in body[position:end].split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if not colon:
            raise BadRequest("The headers of a part cannot be read.")
        try:
            key, text = name.decode("ascii").strip().lower(), value.decode().strip()
        except UnicodeDecodeError:
            raise BadRequest("The headers of a part are not UTF-8.") from None
        if key in headers:
            raise BadRequest("A part has two {key} headers.", key=key)
        headers[key] = text
    return headers, end + 4
