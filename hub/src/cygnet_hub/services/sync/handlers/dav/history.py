"""The trash and the versions of files by WebDAV, in the dialects of ownCloud and of Nextcloud."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from tornado.web import stream_request_body

from ...model.errors import CygnetError, Forbidden, NotFound
from ...model.names import base_name, decode_url_path, split_path
from ...model.node import Node, Permission
from ...model.settings import PREFIX
from ...service.properties import Described
from ...store.history import TrashRow, VersionRow
from ..base import Access
from ..download import send_file
from . import xml
from .base import DavHandler
from .doors import Target, parse_url
from .files import parse_propfind
from .render import HEAD_MULTISTATUS, MULTISTATUS_END, Context
from .xml import NC, OC, Name

TRASH = r"remote\.php/dav/(?:trash-bin/(?P<user>[^/]+)|trashbin/(?P<user2>[^/]+)/trash)"
VERSIONS = (
    r"remote\.php/dav/(?:meta/(?P<file>\d{1,18})[a-z0-9]*/v"
    r"|versions/(?P<user>[^/]+)/versions/(?P<file2>\d{1,18})[a-z0-9]*)"
)
_TRASH_DOOR = re.compile(rf"(?P<base>{PREFIX}/{{1,2}}{TRASH})(?P<path>/.*)?", re.DOTALL)
_VERSIONS_DOOR = re.compile(rf"(?P<base>{PREFIX}/{{1,2}}{VERSIONS})(?P<path>/.*)?", re.DOTALL)


class HistoryHandler(DavHandler):
    """A flat list of numbered things."""

    access: ClassVar[Access] = Access.USER

    def find(self, door: re.Pattern[str]) -> re.Match[str]:
        """Find the target below a door, and the number in it.

        Raises:
            NotFound: there is no such thing. Forbidden: it is somebody else's.
        """
        match = door.fullmatch(self.request.path)
        if match is None:
            raise NotFound("There is nothing at this address.")
        groups = match.groupdict()
        user = groups.get("user") or groups.get("user2")
        if user is not None and decode_url_path(user)[1:] != self.principal.user:
            raise Forbidden("This belongs to somebody else.")
        self.target = Target(match["base"], decode_url_path(match["path"] or "/"))
        names = split_path(self.target.path)
        if len(names) > 1 or (names and not re.fullmatch(r"[0-9]{1,18}", names[0])):
            raise NotFound("There is nothing at this address.")
        self.number = int(names[0]) if names else None
        return match

    @property
    def one(self) -> int:
        """The number of the thing that the request is about.

        Raises:
            Forbidden: it is about the whole list.
        """
        if self.number is None:
            raise Forbidden("This can be done with one thing at a time only.")
        return self.number

    def list(self, items: Sequence[Described]) -> None:
        """Answer PROPFIND: the list itself, then what is in it."""
        asked = parse_propfind(self.body.small)
        top = Described(_node(0, "/", kind_folder=True, size=0, mtime=0.0, etag="list"))
        shown = items if self.number is not None else [top, *(items if self.depth("1") == "1" else [])]
        if self.number is not None and not shown:
            raise NotFound("There is nothing at this address.")
        context = Context(self.target, self.services.tree.instance)
        self.set_status(207)
        self.set_header("Content-Type", "application/xml; charset=utf-8")
        inner = "".join(asked.response(item, context) for item in shown)
        self.write(f"{HEAD_MULTISTATUS}{inner}{MULTISTATUS_END}")


@stream_request_body
class TrashHandler(HistoryHandler):
    """What was deleted of one's own files."""

    async def begin(self) -> None:
        """Find what the request is about."""
        self.find(_TRASH_DOOR)

    async def propfind(self) -> None:
        """List the trash, or show one thing in it."""
        self.body.check()
        rows = await self.services.history.trash(self.principal)
        self.list([_trashed(row) for row in rows if self.number in (None, row.node)])

    async def move(self) -> None:
        """Restore: to a path in the tree, or, where the destination is in no tree, to where it had been."""
        self.body.check()
        try:
            place = parse_url(self.request.headers.get("Destination", ""), self.hosts, self.principal).path
        except CygnetError:
            place = None
            if "/restore/" not in self.request.headers.get("Destination", ""):
                raise
        self.describe(await self.services.history.restore(self.principal, self.one, place))
        self.set_status(201)

    async def delete(self) -> None:
        """Delete one thing, or everything in the trash, for good."""
        self.body.check()
        await self.services.history.purge(self.principal, self.number)
        self.set_status(204)


@stream_request_body
class VersionsHandler(HistoryHandler):
    """What a file was before."""

    async def begin(self) -> None:
        """Find what the request is about."""
        match = self.find(_VERSIONS_DOOR)
        self.file = int(match["file"] or match["file2"])

    async def propfind(self) -> None:
        """List the versions before the current one, the newest first."""
        self.body.check()
        rows = (await self.services.history.versions(self.principal, self.file))[1:]
        self.list([_version(row) for row in rows if self.number in (None, row.id)])

    async def get(self) -> None:
        """Read a version."""
        self.body.check()
        await send_file(
            self, await self.services.history.open(self.principal, self.file, self.one), attachment=True
        )

    async def head(self) -> None:
        """The headers of a version."""
        await self.get()

    async def copy(self) -> None:
        """Restore a version, as ownCloud's clients ask for it; the destination is the file itself."""
        self.body.check()
        self.describe(await self.services.history.revert(self.principal, self.file, self.one))
        self.set_status(204)

    async def move(self) -> None:
        """Restore a version, as Nextcloud's clients ask for it."""
        await self.copy()


def _node(number: int, path: str, *, kind_folder: bool, size: int, mtime: float, etag: str) -> Node:
    return Node(
        id=number,
        name=base_name(path),
        path=path,
        kind="folder" if kind_folder else "file",
        size=size,
        mtime=mtime,
        etag=etag,
        permissions=Permission.READ | Permission.DELETE,
        owner="",
        space_id=0,
        letters="GD",
    )


def _trashed(row: TrashRow) -> Described:
    node = _node(
        row.node, f"/{row.node}", kind_folder=row.folder, size=row.size, mtime=row.mtime, etag=str(row.node)
    )
    properties = {
        (OC, "trashbin-original-filename"): row.name,
        (OC, "trashbin-original-location"): row.path.lstrip("/"),
        (OC, "trashbin-delete-timestamp"): str(int(row.deleted)),
        (NC, "trashbin-filename"): row.name,
        (NC, "trashbin-original-location"): row.path.lstrip("/"),
        (NC, "trashbin-deletion-time"): str(int(row.deleted)),
    }
    return Described(node, _elements(properties))


def _version(row: VersionRow) -> Described:
    node = _node(row.id, f"/{row.id}", kind_folder=False, size=row.size, mtime=row.mtime, etag=str(row.id))
    properties = {(OC, "meta-version-edited-by"): row.author, (NC, "version-author"): row.author}
    return Described(node, _elements(properties))


def _elements(properties: dict[Name, str]) -> dict[Name, str]:
    return {name: xml.tag(name, xml.text(value)) for name, value in properties.items()}
