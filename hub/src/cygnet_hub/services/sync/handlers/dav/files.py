"""The tree of files by WebDAV: one method of HTTP, one method here."""

from __future__ import annotations

from tornado.web import stream_request_body

from ...model.conditions import Conditions
from ...model.errors import (
    BadRequest,
    Forbidden,
    MethodNotAllowed,
    Unsupported,
    UnsupportedMedia,
)
from ...model.node import Node
from ...service.incoming import Incoming
from ...service.locks import Held, LockRequest
from ..bodies import MAX_SMALL, parse_checksums, parse_mtime
from ..download import check_unchanged, send_file
from ..express import failure_of
from ..ranges import stretch_of
from . import xml
from .base import METHODS, stored_headers
from .macaroons import MacaroonRequests
from .proppatch import parse_changes, patch_response
from .render import PropertyList, active_lock
from .reports import Listings
from .third_party import ThirdPartyCopies
from .xml import DAV

MAX_FILE = 1 << 50
DAV_CLASSES = "1, 2, 3"
ALLOW = ", ".join(method for method in METHODS if method != "PATCH")


class InfiniteDepth(Forbidden):
    """A listing of a whole tree at once was asked for."""

    code = "infinite-depth"


@stream_request_body
class FilesHandler(MacaroonRequests, ThirdPartyCopies, Listings):
    """Files and folders."""

    incoming: Incoming | None = None

    async def begin(self) -> None:
        """Before a body comes, refuse what can be refused already."""
        await super().begin()
        if self.request.method == "POST":
            await self.begin_creation()
        if self.request.method == "PUT":
            await self._begin_put()

    async def _begin_put(self) -> None:
        if (failure := failure_of(self.request)) is not None:
            raise failure
        if self.request.headers.get("OC-Chunked"):
            raise Unsupported("Uploads in parts of the first kind (OC-Chunked) are not accepted here.")
        if self.request.headers.get("Content-Range"):
            raise BadRequest("A part of a file cannot be replaced by itself.")  # RFC 9110 14.4
        self.expected = self.conditions
        self.mtime, self.checksums = parse_mtime(self.request.headers), parse_checksums(self.request.headers)
        if not self._is_short():
            announced = self.body.announced
            await self.services.tree.check_put(self.principal, self.target.path, announced, self.expected)
        self.incoming = self.services.tree.incoming(self.checksums)
        self.body.stream_to(self.incoming, MAX_FILE)

    def _is_short(self) -> bool:
        """Whether the body comes as soon as an early refusal would help; the commit refuses the same."""
        headers = self.request.headers
        return "Content-Length" in headers and "Expect" not in headers and self.body.announced <= MAX_SMALL

    async def put(self) -> None:
        """Store a file: 201 for a new one, 204 for a new version."""
        self.body.check()
        if self.incoming is None:
            raise BadRequest("The body is missing.")
        content = await self.incoming.finish(checksums=self.checksums)
        node, created = await self.services.tree.put(
            self.principal, self.target.path, content, mtime=self.mtime, conditions=self.expected
        )
        for name, value in stored_headers(node, self.services.tree.instance, self.mtime).items():
            self.set_header(name, value)
        self.set_status(201 if created else 204)

    async def get(self) -> None:
        """Read a file, or parts of it."""
        self.body.check()
        await self._send()

    async def _send(self) -> None:
        wanted = stretch_of(self.request.headers.get("Range"))
        file = await self.services.tree.open(self.principal, self.target.path, wanted)
        check_unchanged(file.node, self.request.headers.get("If-Match"))
        await send_file(self, file, attachment=True)

    async def head(self) -> None:
        """The headers of a file; of a folder only that it is there."""
        self.body.check()
        try:
            await self._send()
        except MethodNotAllowed:
            await self._describe_folder()

    async def _describe_folder(self) -> None:
        node = await self.services.tree.stat(self.principal, self.target.path)
        self.set_header("Content-Type", node.mime)
        self.set_header("ETag", f'"{node.etag}"')

    def options(self) -> None:
        """What can be done here."""
        self.body.check()
        self.set_header("DAV", DAV_CLASSES)
        self.set_header("Allow", ALLOW)
        self.set_header("MS-Author-Via", "DAV")
        self.set_header("DASL", "<DAV:basicsearch>")
        self.offer()
        self.set_header("Content-Length", "0")

    async def mkcol(self) -> None:
        """Make a folder."""
        self.body.check()
        if self.body.small:
            raise UnsupportedMedia("A new folder takes no body.")
        node = await self.services.tree.make_folder(
            self.principal,
            self.target.path,
            mtime=parse_mtime(self.request.headers),
            conditions=self.conditions,
        )
        self.describe(node)
        self.set_status(201)

    async def delete(self) -> None:
        """Put something into the trash."""
        self.body.check()
        if self.depth("infinity") != "infinity":
            raise BadRequest("Only a whole tree can be deleted.")
        await self.services.tree.delete(self.principal, self.target.path, conditions=self.conditions)
        self.set_status(204)

    async def move(self) -> None:
        """Move or rename."""
        self.body.check()
        if self.depth("infinity") != "infinity":
            raise BadRequest("Only a whole tree can be moved.")
        done = await self.services.tree.move(
            self.principal,
            self.target.path,
            self.destination.path,
            overwrite=self.overwrite,
            conditions=self.conditions,
        )
        self._relocated(*done)

    async def copy_here(self) -> None:
        """Copy, with Depth 0 a folder without what is in it."""
        depth = self.depth("infinity")
        if depth == "1":
            raise BadRequest("A copy is of a whole tree, or with Depth 0 of a folder alone.")
        done = await self.services.tree.copy(
            self.principal,
            self.target.path,
            self.destination.path,
            overwrite=self.overwrite,
            deep=depth == "infinity",
            conditions=self.conditions,
        )
        self._relocated(*done)

    def _relocated(self, node: Node, created: bool) -> None:
        self.describe(node)
        self.set_status(201 if created else 204)

    async def propfind(self) -> None:
        """Properties of something, with Depth 1 also of what is directly in it."""
        self.body.check()
        asked = parse_propfind(self.body.small)
        depth = self.depth("1")
        if depth == "infinity":
            raise InfiniteDepth("A listing goes one folder deep; ask folder by folder.")
        if depth == "1":
            await self.listing(asked, itself=True)
            return
        found = await self.services.properties.find(self.principal, self.target.path, asked.wanted)
        await self.multistatus([found], asked)

    async def proppatch(self) -> None:
        """Change properties: all of them, or none."""
        self.body.check()
        changes = parse_changes(self.body.small)
        if not any(change.refused for change in changes):
            await self.services.properties.change(
                self.principal, self.target.path, [change.change for change in changes], self.conditions
            )
        folder = (await self.services.tree.stat(self.principal, self.target.path)).is_folder
        self.set_status(207)
        self.set_header("Content-Type", "application/xml; charset=utf-8")
        self.write(patch_response(self.target.href(self.target.path, folder=folder), changes))

    async def lock(self) -> None:
        """Take a lock, or without a body renew one."""
        self.body.check()
        seconds = parse_timeout(self.request.headers.get("Timeout"))
        deep = self.depth("infinity")
        if deep == "1":
            raise BadRequest("A lock is on one node (Depth 0) or on a whole tree.")
        if not self.body.small:
            held = await self.services.locks.renew(self.principal, self.target.path, seconds, self.conditions)
        else:
            request = parse_lockinfo(self.body.small, deep=deep == "infinity", seconds=seconds)
            held = await self._take(request, self.conditions)
        self.set_header("Content-Type", "application/xml; charset=utf-8")
        self.write(self._lock_body(held))

    async def _take(self, request: LockRequest, conditions: Conditions) -> Held:
        held = await self.services.locks.take(self.principal, self.target.path, request, conditions)
        self.set_header("Lock-Token", f"<{held.lock.token}>")
        self.set_status(201 if held.created else 200)
        return held

    def _lock_body(self, held: Held) -> str:
        inner = active_lock(held.lock, self.target.href(held.node.path, folder=held.node.is_folder))
        return f'{xml.HEAD}<d:prop xmlns:d="DAV:"><d:lockdiscovery>{inner}</d:lockdiscovery></d:prop>'

    async def unlock(self) -> None:
        """Release a lock."""
        self.body.check()
        token = self.request.headers.get("Lock-Token", "").strip()
        if not (token.startswith("<") and token.endswith(">")):
            raise BadRequest("The Lock-Token header is missing or cannot be read.")
        await self.services.locks.release(self.principal, self.target.path, token[1:-1])
        self.set_status(204)


def parse_propfind(body: bytes) -> PropertyList:
    """What a PROPFIND asks for; no body means everything (RFC 4918 9.1).

    Raises:
        BadRequest: it is not a propfind element.
    """
    if not body.strip():
        return PropertyList(None)
    root = xml.parse(body)
    if xml.name_of(root) != (DAV, "propfind"):
        raise BadRequest("The body is not a propfind element.")
    prop = xml.first(root, (DAV, "prop"))
    if prop is not None:
        return PropertyList(xml.names_in(prop))
    if xml.first(root, (DAV, "propname")) is not None:
        return PropertyList(None, values=False)
    if xml.first(root, (DAV, "allprop")) is not None:
        return PropertyList(None)
    raise BadRequest("The propfind element asks for nothing.")


def parse_timeout(header: str | None) -> int:
    """The seconds that a Timeout header asks for (RFC 4918 10.7); an hour when it says nothing useful."""
    for part in (header or "").split(","):
        value = part.strip().lower()
        if value.startswith("second-") and value[7:].isdigit():
            return min(int(value[7:]), 1 << 31)
        if value == "infinite":
            return 1 << 31
    return 3600


def parse_lockinfo(body: bytes, *, deep: bool, seconds: int) -> LockRequest:
    """The lock that a body asks for.

    Raises:
        BadRequest: it is not a lockinfo element with a scope and the type "write".
    """
    root = xml.parse(body)
    scope, kind = xml.first(root, (DAV, "lockscope")), xml.first(root, (DAV, "locktype"))
    if xml.name_of(root) != (DAV, "lockinfo") or scope is None or kind is None:
        raise BadRequest("The body is not a lockinfo element.")
    exclusive = xml.first(scope, (DAV, "exclusive")) is not None
    if not exclusive and xml.first(scope, (DAV, "shared")) is None:
        raise BadRequest("A lock is either exclusive or shared.")
    owner = xml.first(root, (DAV, "owner"))
    owner_xml = xml.serialize(owner) if owner is not None else ""
    return LockRequest(exclusive, deep, owner_xml, seconds)
