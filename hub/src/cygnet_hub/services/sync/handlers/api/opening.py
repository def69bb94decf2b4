"""What links of the kind "open in Cygnet" lead to."""

from __future__ import annotations

from typing import ClassVar

from cygnet_fs_bridge import models as wire

from ...model.errors import BadRequest
from ...model.names import clean_path
from ..base import Access
from . import answers, requests
from .base import ApiHandler
from .operations import PATH, Parameter, operation
from .public import COOKIE

FILE = Parameter("file", "id of a file")


class OpenHandler(ApiHandler):
    """A file by its id, which is the same for everybody who has it."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.Opened}, parameters=(FILE, PATH), errors=(404,))
    async def get(self) -> None:
        """GET open?file=ID or open?path=/a: the node in the caller's tree, or the share to accept first."""
        number = self.argument("file")
        if not number:
            node = await self.services.tree.stat(self.principal, self.path_argument())
            self.send({"node": await self.node(node), "share": None})
            return
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            raise BadRequest("This is not the id of a file.")
        found, share = await self.services.opening.find(self.principal, int(number))
        self.send({"node": await self.node(found) if found else None, "share": str(share) if share else None})


class PublicCopyHandler(ApiHandler):
    """What is behind a public link, copied by somebody with an account."""

    access: ClassVar[Access] = Access.USER

    @operation({201: wire.Node}, body=requests.LinkCopy, errors=(404, 405, 409, 507))
    async def post(self, token: str) -> None:
        """POST public/TOKEN/copy {path, destination}: 201 with the copy, under the first free name."""
        body = self.read(requests.LinkCopy)
        links = self.services.links
        password, session = (
            self.request.headers.get("X-Share-Password", ""),
            self.get_cookie(COOKIE, "") or "",
        )
        link = await links.enter(token, password, session, self.client_address)
        path = clean_path(body.path or "/")
        inside = path if link.node.folder or path != "/" else f"/{link.node.name}"
        destination = clean_path(body.destination or "/")
        made = await self.services.opening.copy(self.principal, link.principal, inside, destination)
        self.send(await self.node(made), 201)
