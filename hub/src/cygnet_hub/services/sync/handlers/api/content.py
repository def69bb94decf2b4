"""The contents of files: down with ranges, up as a stream."""

from __future__ import annotations

from typing import ClassVar

from cygnet_fs_bridge import models as wire

from ...service.incoming import Incoming
from ..base import Access
from ..bodies import parse_mtime
from ..download import send_file
from .operations import CHECKSUM, CONTENTS, GETTING, IF_MATCH, IF_NONE_MATCH, MTIME, PATH, UPLOAD, operation
from .streams import StreamHandler


class ContentHandler(StreamHandler):
    """The contents of one file."""

    access: ClassVar[Access] = Access.USER
    looks_at_tree: ClassVar[bool] = True

    async def expect(self) -> Incoming:
        """Check early whether the file may be written."""
        self._path, self._mtime = self.path_argument(), parse_mtime(self.request.headers)
        self._conditions = self.conditions()
        await self.services.tree.check_put(self.principal, self._path, self.announced, self._conditions)
        return self.services.tree.incoming(self._checksums)

    @operation(
        {200: wire.Node, 201: wire.Node},
        body=UPLOAD,
        parameters=(PATH, IF_MATCH, IF_NONE_MATCH, MTIME, CHECKSUM),
        errors=(404, 405, 409, 412, 413, 423, 507),
    )
    async def put(self) -> None:
        """PUT content?path=/a: 201 for a new file, 200 for a new version, with the node and its ETag."""
        content = await self.received()
        node, created = await self.services.tree.put(
            self.principal, self._path, content, mtime=self._mtime, conditions=self._conditions
        )
        self.set_header("ETag", f'"{node.etag}"')
        self.send(await self.node(node), 201 if created else 200)

    @operation({200: CONTENTS, 206: CONTENTS, 304: None}, parameters=GETTING, errors=(404, 405, 416, 500))
    async def get(self) -> None:
        """GET content?path=/a: the bytes, or the ranges asked for; with download=1 a browser saves it."""
        self.check()
        file = await self.services.tree.open(self.principal, self.path_argument())
        await send_file(self, file, attachment=self.argument("download") == "1")

    @operation({200: CONTENTS, 206: CONTENTS, 304: None}, parameters=GETTING, errors=(404, 405, 416))
    async def head(self) -> None:
        """HEAD content?path=/a: the headers of GET."""
        await self.get()
