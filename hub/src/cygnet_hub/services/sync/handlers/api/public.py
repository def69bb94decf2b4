"""What a public link shows, for its page: the same shapes as for a person's own files."""

from __future__ import annotations

from typing import ClassVar

from cygnet_fs_bridge import models as wire

from ...model.names import child_path, clean_path
from ...model.principal import Principal
from ...model.settings import PREFIX
from ...model.sharing import role_of
from ...service.links import SESSION_SECONDS, Link
from ..base import Access
from ..download import send_file
from . import answers, requests
from .base import ApiHandler
from .listing import send_listing
from .operations import ARCHIVE, CONTENTS, GETTING, PAGE, PATH, operation
from .views import send_archive, send_preview

COOKIE = "cygnet-link"


class PublicHandler(ApiHandler):
    """A door for whoever has a link; logins do not count here."""

    access: ClassVar[Access] = Access.LINK
    cookie_login: ClassVar[bool] = False

    link: Link

    async def identify(self) -> Principal:
        """Find the link, and check its password or the session that it opened."""
        self.link = await self.services.links.enter(
            self.path_args[0],
            self.request.headers.get("X-Share-Password", ""),
            self.get_cookie(COOKIE, "") or "",
            self.client_address,
        )
        return self.link.principal

    def challenge(self) -> None:
        """The page asks for the password itself."""

    def link_path(self, path: str) -> str:
        """A path in what the link shows; "/" is the file itself when the link is to a file."""
        return path if self.link.node.folder or path != "/" else child_path("/", self.link.node.name)


class PublicItemHandler(PublicHandler):
    """What is behind a link."""

    access: ClassVar[Access] = Access.ANYONE

    async def identify(self) -> Principal:
        """Find the link; before its password was given, nobody is let in."""
        self.link = await self.services.links.find(self.path_args[0], self.client_address)
        password = self.request.headers.get("X-Share-Password", "")
        if password and not self.services.links.is_open(self.link, ""):
            await self.services.links.unlock(self.link, password, self.client_address)
            self._open = True
        else:
            self._open = self.services.links.is_open(self.link, self.get_cookie(COOKIE, "") or "")
        return self.link.principal

    @operation({200: answers.PublicItem}, errors=(404,))
    async def get(self, _token: str) -> None:
        """GET public/TOKEN: what it is; of a locked one only that it needs a password."""
        if not self._open:
            nobody = wire.Owner("", "").to_json()
            hidden = {"name": "", "item": "file", "mime": "", "size": 0, "owner": nobody, "role": "viewer"}
            self.send({**hidden, "needs_password": True, "node": None})
            return
        node = await self.services.tree.stat(self.principal, self.link_path("/"))
        shown = await self.node(node)
        self.send(
            {
                "name": self.link.node.name,
                "item": "folder" if self.link.node.folder else "file",
                "mime": shown["mime"],
                "size": shown["size"],
                "owner": wire.Owner(self.link.owner.name, self.link.owner.display_name).to_json(),
                "role": role_of(self.link.permissions),
                "needs_password": False,
                "node": shown,
            }
        )


class PublicUnlockHandler(ApiHandler):
    """Opening a link that has a password."""

    access: ClassVar[Access] = Access.ANYONE
    cookie_login: ClassVar[bool] = False

    def challenge(self) -> None:
        """The page asks for the password itself."""

    @operation({204: None}, body=requests.LinkPassword, errors=(404,))
    async def post(self, token: str) -> None:
        """POST public/TOKEN/unlock {password}: 204 and a cookie that is good for an hour."""
        link = await self.services.links.find(token, self.client_address)
        session = await self.services.links.unlock(
            link, self.read(requests.LinkPassword).password or "", self.client_address
        )
        self.set_cookie(
            COOKIE,
            session,
            path=f"{PREFIX}/api/v1/public/{token}",
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=self.request.protocol == "https",
        )
        self.set_status(204)


class PublicFilesHandler(PublicHandler):
    """Folders behind a link."""

    @operation({200: answers.Listing}, parameters=(PATH,), errors=(404,))
    async def get(self, _token: str) -> None:
        """GET public/TOKEN/files?path=/a: {node, children}."""
        await send_listing(self, self.principal, self.link_path(self.path_argument()))


class PublicContentHandler(PublicHandler):
    """Contents of files behind a link."""

    @operation({200: CONTENTS, 206: CONTENTS, 304: None}, parameters=GETTING, errors=(404, 405, 416, 500))
    async def get(self, _token: str) -> None:
        """GET public/TOKEN/content?path=/a: the bytes, or the ranges asked for."""
        file = await self.services.tree.open(self.principal, self.link_path(self.path_argument()))
        await send_file(self, file, attachment=self.argument("download") == "1")

    @operation({200: CONTENTS, 206: CONTENTS, 304: None}, parameters=GETTING, errors=(404, 405, 416))
    async def head(self, token: str) -> None:
        """HEAD public/TOKEN/content?path=/a: the headers of GET."""
        await self.get(token)


class PublicArchiveHandler(PublicHandler):
    """All that is behind a link, as one zip archive."""

    @operation({200: ARCHIVE}, parameters=(PATH,), errors=(404,))
    async def get(self, _token: str) -> None:
        """GET public/TOKEN/archive?path=/a: a zip archive, made while it is sent."""
        paths = [self.link_path(clean_path(path)) for path in self.arguments_of("path")] or ["/"]
        await send_archive(self, self.principal, paths, self.link.node.name)


class PublicPreviewHandler(PublicHandler):
    """A notebook behind a link, as a page."""

    @operation({200: PAGE}, parameters=(PATH,), errors=(404, 405, 413, 415))
    async def get(self, _token: str) -> None:
        """GET public/TOKEN/preview?path=/a.ipynb: a page without script, for a frame."""
        await send_preview(
            self, await self.services.tree.open(self.principal, self.link_path(self.path_argument()))
        )
