"""Uploads that go on after a break: a large file comes in parts, one after the other."""

from __future__ import annotations

import secrets
from typing import ClassVar

from cygnet_fs_bridge import models as wire

from ...model.names import clean_path
from ...service.incoming import Incoming
from ..base import Access
from ..bodies import parse_checksums
from . import answers, requests
from .base import ApiHandler
from .operations import CHECKSUM, IF_MATCH, IF_NONE_MATCH, UPLOAD, operation
from .streams import StreamHandler

#: Bytes of a part that a browser should send: few enough to lose little, enough that a terabyte has room.
PART_SIZE = 8 << 20


class UploadsHandler(ApiHandler):
    """New uploads."""

    access: ClassVar[Access] = Access.USER

    @operation(
        {201: answers.BegunUpload},
        body=requests.NewUpload,
        parameters=(IF_MATCH, IF_NONE_MATCH),
        errors=(404, 405, 409, 412, 413, 423, 507),
    )
    async def post(self) -> None:
        """POST uploads {path, size}: 201 {id, received, part_size}."""
        body = self.read(requests.NewUpload)
        path, size = clean_path(body.path), body.size
        await self.services.tree.check_put(self.principal, path, size, self.conditions())
        upload_id = secrets.token_hex(16)
        await self.services.uploads.begin(self.principal, upload_id, size, path)
        part = max(PART_SIZE, size // 5000)
        self.send({"id": upload_id, "received": 0, "part_size": part}, 201)


class UploadHandler(ApiHandler):
    """One upload."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.Upload}, errors=(404,))
    async def get(self, upload_id: str) -> None:
        """GET uploads/ID: {id, received}, to go on from there."""
        self.send({"id": upload_id, "received": await received(self, upload_id)})

    @operation({204: None}, errors=(404,))
    async def delete(self, upload_id: str) -> None:
        """DELETE uploads/ID: it is given up."""
        await self.services.uploads.cancel(self.principal, upload_id)
        self.set_status(204)


class UploadPartHandler(StreamHandler):
    """A part of an upload."""

    access: ClassVar[Access] = Access.USER

    async def expect(self) -> Incoming:
        """Check early whether the upload is open."""
        upload_id, offset = self.path_args
        self._part = await self.services.uploads.receive(self.principal, upload_id, offset, self._checksums)
        return self._part.incoming

    @operation(
        {200: answers.Upload}, body=UPLOAD, parameters=(CHECKSUM,), errors=(404, 409, 412, 413, 423, 507)
    )
    async def put(self, upload_id: str, offset: str) -> None:
        """PUT uploads/ID/OFFSET: the bytes from OFFSET on, after all before them; {id, received}."""
        content = await self.received()
        at = int(offset)
        await self.services.uploads.put(self.principal, upload_id, f"{at:018}", self._part, content, at=at)
        self.send({"id": upload_id, "received": at + content.size})


class UploadFinishHandler(ApiHandler):
    """The end of an upload."""

    access: ClassVar[Access] = Access.USER

    @operation(
        {200: wire.Node, 201: wire.Node},
        body=requests.WholeUpload,
        parameters=(IF_MATCH, IF_NONE_MATCH, CHECKSUM),
        errors=(404, 405, 409, 412, 423, 507),
    )
    async def post(self, upload_id: str) -> None:
        """POST uploads/ID/finish {path, size, mtime?}: the node; If-Match, OC-Checksum and the like count."""
        body = self.read(requests.WholeUpload)
        node, created = await self.services.uploads.assemble(
            self.principal,
            upload_id,
            clean_path(body.path),
            total=body.size,
            checksums=parse_checksums(self.request.headers),
            mtime=body.mtime,
            conditions=self.conditions(),
        )
        self.set_header("ETag", f'"{node.etag}"')
        self.send(await self.node(node), 201 if created else 200)


async def received(handler: ApiHandler, upload_id: str) -> int:
    """How many bytes of an upload have come."""
    parts = await handler.services.uploads.parts(handler.principal, upload_id)
    return sum(part.size for part in parts)
