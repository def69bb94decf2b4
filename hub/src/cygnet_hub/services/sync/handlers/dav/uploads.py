"""Uploads in parts, as ownCloud's and Nextcloud's clients make them: MKCOL, PUT of parts, MOVE of `.file`."""

from __future__ import annotations

import re
from typing import ClassVar

from tornado.web import stream_request_body

from ...model.errors import BadRequest, Forbidden, MethodNotAllowed, NotFound, UnsupportedMedia
from ...model.names import decode_url_path, split_path
from ...model.node import Node, Permission
from ...model.settings import PREFIX
from ...service.properties import Described
from ...service.uploads import PartIncoming
from ...store.uploads import Part
from ..base import Access
from ..bodies import parse_checksums, parse_mtime
from .base import DavHandler
from .doors import Target
from .files import MAX_FILE, parse_propfind
from .render import HEAD_MULTISTATUS, MULTISTATUS_END, Context

UPLOADS = r"remote\.php/dav/uploads/(?P<user>[^/]+)"
_DOOR = re.compile(rf"(?P<base>{PREFIX}/{{1,2}}{UPLOADS})(?P<path>/.*)?", re.DOTALL)

#: What the last MOVE moves: the whole, which exists only by its name.
WHOLE = ".file"


@stream_request_body
class UploadsHandler(DavHandler):
    """An upload, or one part of it."""

    access: ClassVar[Access] = Access.USER
    part: PartIncoming | None = None
    name = ""

    async def begin(self) -> None:
        """Find the upload; before the body of a part comes, refuse what can be refused already."""
        match = _DOOR.fullmatch(self.request.path)
        if match is None:
            raise NotFound("There are no uploads at this address.")
        if decode_url_path(match["user"])[1:] != self.principal.user:
            raise Forbidden("These are the uploads of somebody else.")
        self.target = Target(match["base"], decode_url_path(match["path"] or "/"))
        names = split_path(self.target.path)
        if not 1 <= len(names) <= 2:
            raise NotFound("There is no such upload.")
        self.upload_id, self.name = names[0], names[1] if len(names) == 2 else ""
        if self.request.method == "PUT":
            await self._begin_part()

    async def _begin_part(self) -> None:
        if not self.name:
            raise MethodNotAllowed("An upload has parts; name one.")
        self.checksums = parse_checksums(self.request.headers)
        whole = self._total if "Destination" in self.request.headers else None
        self.part = await self.services.uploads.receive(
            self.principal, self.upload_id, self.name, self.checksums, whole
        )
        self.body.stream_to(self.part.incoming, MAX_FILE)

    async def mkcol(self) -> None:
        """Begin an upload."""
        self.body.check()
        if self.name:
            raise MethodNotAllowed("An upload holds parts, not folders.")
        if self.body.small:
            raise UnsupportedMedia("A new upload takes no body.")
        target = self.destination.path if "Destination" in self.request.headers else ""
        await self.services.uploads.begin(self.principal, self.upload_id, self._total, target)
        self.set_status(201)

    @property
    def _total(self) -> int | None:
        """How large the whole file is to be, if the client says so."""
        headers = self.request.headers
        value = headers.get("OC-Total-File-Length") or headers.get("OC-Total-Length")
        if value is None:
            return None
        if not value.isdigit() or len(value) > 18:
            raise BadRequest("The OC-Total-Length header is not a number of bytes.")
        return int(value)

    async def put(self) -> None:
        """Store a part."""
        self.body.check()
        if self.part is None:
            raise BadRequest("The body is missing.")
        content = await self.part.incoming.finish(checksums=self.checksums)
        await self.services.uploads.put(self.principal, self.upload_id, self.name, self.part, content)
        self.set_status(201)

    async def move(self) -> None:
        """Make a file of the parts."""
        self.body.check()
        if self.name != WHOLE:
            raise MethodNotAllowed("Only the whole of an upload can be moved.")
        mtime = parse_mtime(self.request.headers)
        node, created = await self.services.uploads.assemble(
            self.principal,
            self.upload_id,
            self.destination.path,
            total=self._total,
            checksums=parse_checksums(self.request.headers),
            mtime=mtime,
            conditions=self.conditions,
        )
        if mtime is not None:
            self.set_header("X-OC-MTime", "accepted")
        self.describe(node)
        self.set_status(201 if created else 204)

    async def delete(self) -> None:
        """Cancel an upload."""
        self.body.check()
        if self.name:
            raise MethodNotAllowed("A part cannot be deleted by itself; send it again or cancel the upload.")
        await self.services.uploads.cancel(self.principal, self.upload_id)
        self.set_status(204)

    async def propfind(self) -> None:
        """Which parts have come: a client that was interrupted goes on after them."""
        self.body.check()
        asked = parse_propfind(self.body.small)
        parts = await self.services.uploads.parts(self.principal, self.upload_id)
        shown = [self._node(None), *(self._node(part) for part in parts)]
        if self.depth("1") == "0":
            shown = shown[:1]
        context = Context(self.target, self.services.tree.instance)
        self.set_status(207)
        self.set_header("Content-Type", "application/xml; charset=utf-8")
        inner = "".join(asked.response(Described(node), context) for node in shown)
        self.write(f"{HEAD_MULTISTATUS}{inner}{MULTISTATUS_END}")

    def _node(self, part: Part | None) -> Node:
        """A part, or the upload itself, as PROPFIND shows it."""
        path = f"/{self.upload_id}" + (f"/{part.name}" if part else "")
        return Node(
            id=0,
            name=part.name if part else self.upload_id,
            path=path,
            kind="file" if part else "folder",
            size=part.size if part else 0,
            mtime=0.0,
            etag=(part.key or "empty") if part else self.upload_id,
            permissions=Permission.READ,
            owner=self.principal.user,
            space_id=0,
        )
