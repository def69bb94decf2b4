"""Shares, as the share dialog of the Files site and of the notebook use them."""

from __future__ import annotations

from typing import ClassVar, get_args

from cygnet_fs_bridge import models as wire

from ...model.errors import BadRequest, NotFound
from ...model.names import clean_path
from ...model.node import Permission
from ...model.sharing import ShareChange, ShareRequest, State, expiry_date, permissions_of, role_of
from ...service.share_views import Listing, SharedItem, Visit
from ...service.tree import OpenFile
from ..base import Access
from ..download import send_file
from . import answers, requests
from .base import ApiHandler
from .listing import send_listing
from .operations import ARCHIVE, CONTENTS, GETTING, PAGE, PATH, Parameter, operation
from .views import send_archive, send_preview

VIEW = Parameter(
    "view",
    "which ones; of the item at path, or by whom",
    {"type": "string", "enum": ["item", *get_args(Listing)], "default": "by-me"},
)


class SharesHandler(ApiHandler):
    """Lists of shares, and new ones."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.Shares}, parameters=(PATH, VIEW), errors=(404,))
    async def get(self) -> None:
        """GET shares?view=with-me|by-me|links, or view=item&path=/a: {shares}."""
        view = self.argument("view", "by-me")
        if view == "item":
            items = await self.services.share_views.of_path(self.principal, self.path_argument())
        elif view in get_args(Listing):
            items = await self.services.share_views.listing(self.principal, view)  # type: ignore[arg-type]
        else:
            raise BadRequest('"view" must be one of item, {names}.', names=", ".join(get_args(Listing)))
        self.send({"shares": [wire_share(item).to_json() for item in items]})

    @operation({201: wire.Share}, body=requests.NewShare, errors=(404, 409))
    async def post(self) -> None:
        """POST shares {path, kind, grantee, role, password, expires, note}: 201 with the share."""
        item = await self.services.shares.create(self.principal, _request(self.read(requests.NewShare)))
        self.send(wire_share(item).to_json(), 201)


class ShareHandler(ApiHandler):
    """One share."""

    access: ClassVar[Access] = Access.USER

    @operation({200: wire.Share}, errors=(404,))
    async def get(self, share_id: str) -> None:
        """GET shares/ID: the share, for whoever made, owns or received it."""
        item = await self.services.share_views.one(self.principal, share_number(share_id))
        self.send(wire_share(item).to_json())

    @operation({200: wire.Share}, body=requests.ShareChanges, errors=(404,))
    async def patch(self, share_id: str) -> None:
        """PATCH shares/ID {role, password, expires, note}: what is left out stays, null takes away."""
        item = await self.services.shares.change(
            self.principal, share_number(share_id), _change(self.read(requests.ShareChanges))
        )
        self.send(wire_share(item).to_json())

    @operation({204: None}, errors=(404,))
    async def delete(self, share_id: str) -> None:
        """DELETE shares/ID: ends it; for whoever received it, declines it."""
        await self.services.shares.remove(self.principal, share_number(share_id))
        self.set_status(204)


class ShareAnswerHandler(ApiHandler):
    """Accepting and declining."""

    access: ClassVar[Access] = Access.USER

    @operation({200: wire.Share}, errors=(404,))
    async def post(self, share_id: str, verb: str) -> None:
        """POST shares/ID/accept or shares/ID/decline: the share as it is then."""
        state: State = "accepted" if verb == "accept" else "declined"
        item = await self.services.shares.answer(self.principal, share_number(share_id), state)
        self.send(wire_share(item).to_json())


class ShareCopyHandler(ApiHandler):
    """Copying what was shared to one's own files."""

    access: ClassVar[Access] = Access.USER

    @operation({201: wire.Node}, body=requests.Destination, errors=(404, 409, 412, 423, 507))
    async def post(self, share_id: str) -> None:
        """POST shares/ID/copy {destination: "/folder"}: 201 with the copy, under the first free name."""
        folder = clean_path(self.read(requests.Destination).destination or "/")
        node = await self.services.shares.copy(self.principal, share_number(share_id), folder)
        self.send(await self.node(node), 201)


class VisitHandler(ApiHandler):
    """A look at what one received, before or without accepting it."""

    async def visit(self, share_id: str) -> Visit:
        """What there is to see; only for who received it."""
        return await self.services.share_views.visit(self.principal, share_number(share_id))

    async def open(self, share_id: str) -> OpenFile:
        """The file at `path` in it."""
        visit = await self.visit(share_id)
        return await self.services.tree.open(visit.principal, visit.path(self.path_argument()))


class ShareFilesHandler(VisitHandler):
    """Folders in a share."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.Listing}, parameters=(PATH,), errors=(404,))
    async def get(self, share_id: str) -> None:
        """GET shares/ID/files?path=/a: {node, children}, with paths in what is shared."""
        visit = await self.visit(share_id)
        await send_listing(self, visit.principal, visit.path(self.path_argument()))


class ShareContentHandler(VisitHandler):
    """Contents of files in a share."""

    access: ClassVar[Access] = Access.USER

    @operation({200: CONTENTS, 206: CONTENTS, 304: None}, parameters=GETTING, errors=(404, 405, 416, 500))
    async def get(self, share_id: str) -> None:
        """GET shares/ID/content?path=/a: as `content`."""
        file = await self.open(share_id)
        await send_file(self, file, attachment=self.argument("download") == "1")

    @operation({200: CONTENTS, 206: CONTENTS, 304: None}, parameters=GETTING, errors=(404, 405, 416))
    async def head(self, share_id: str) -> None:
        """HEAD shares/ID/content?path=/a: the headers of GET."""
        await self.get(share_id)


class ShareArchiveHandler(VisitHandler):
    """What is in a share, as a zip archive."""

    access: ClassVar[Access] = Access.USER

    @operation({200: ARCHIVE}, parameters=(PATH,), errors=(404,))
    async def get(self, share_id: str) -> None:
        """GET shares/ID/archive?path=/a: as `archive`."""
        visit = await self.visit(share_id)
        paths = [visit.path(clean_path(path)) for path in self.arguments_of("path")] or ["/"]
        await send_archive(self, visit.principal, paths, visit.node.name)


class SharePreviewHandler(VisitHandler):
    """A notebook in a share, as a page."""

    access: ClassVar[Access] = Access.USER

    @operation({200: PAGE}, parameters=(PATH,), errors=(404, 405, 413, 415))
    async def get(self, share_id: str) -> None:
        """GET shares/ID/preview?path=/a.ipynb: as `preview`."""
        await send_preview(self, await self.open(share_id))


def share_number(text: str) -> int:
    """The number in a share's id.

    Raises:
        NotFound: it is none, so there is no such share.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound("There is no such share, or it has ended.")
    return int(text)


def wire_share(item: SharedItem) -> wire.Share:
    """A share as the wire models have it."""
    row, node, grantee = item.row, item.node, item.grantee
    return wire.Share(
        id=str(row.id),
        kind=row.kind,  # type: ignore[arg-type]  # only the three kinds are stored
        item="folder" if node.folder else "file",
        name=node.name,
        path=item.path,
        owner=wire.Owner(item.owner.name, item.owner.display_name),
        role=role_of(Permission(row.permissions)),
        state=item.state,
        grantee=wire.Person(grantee.name, grantee.display_name, grantee.kind) if grantee else None,
        mime=item.mime,
        size=node.size,
        mtime=node.mtime,
        url=item.url,
        has_password=row.password_hash is not None,
        expires=expiry_date(row.expires),
        note=row.note,
        created=row.created,
    )


def _request(body: requests.NewShare) -> ShareRequest:
    return ShareRequest(
        path=clean_path(body.path),
        kind=body.kind,
        grantee=body.grantee or "",
        permissions=permissions_of(body.role or "viewer"),
        password=body.password or "",
        expires=body.expires or "",
        note=body.note or "",
    )


def _change(body: requests.ShareChanges) -> ShareChange:
    """What is there changes, null and an empty text take away; a role cannot be taken away."""
    there = body.model_fields_set
    return ShareChange(
        permissions=permissions_of(body.role) if body.role else None,
        password=(body.password or "") if "password" in there else None,
        expires=(body.expires or "") if "expires" in there else None,
        note=(body.note or "") if "note" in there else None,
    )
