"""What all WebDAV handlers have in common: targets, conditions, and errors in the dialect of sabre/dav."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar

from tornado.web import RequestHandler

from ...model.conditions import Conditions, parse_etags, parse_if
from ...model.errors import BadRequest, CygnetError, MethodNotAllowed
from ...model.node import Node
from ...model.principal import ANONYMOUS, Principal
from ..authentication import basic_credentials
from ..base import Access, BaseHandler
from ..bodies import ABORTS, Body
from . import xml
from .doors import Target, is_public, link_token, parse_target, parse_url

METHODS = (
    "OPTIONS",
    "GET",
    "HEAD",
    "PUT",
    "DELETE",
    "MKCOL",
    "COPY",
    "MOVE",
    "PROPFIND",
    "PROPPATCH",
    "LOCK",
    "UNLOCK",
    "REPORT",
    "SEARCH",
    "POST",
    "PATCH",
)

_EXCEPTIONS = {
    400: "BadRequest",
    401: "NotAuthenticated",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    412: "PreconditionFailed",
    415: "UnsupportedMediaType",
    416: "RequestedRangeNotSatisfiable",
    423: "Locked",
    501: "NotImplemented",
    503: "ServiceUnavailable",
    507: "InsufficientStorage",
}


#: What RFC 4918 and RFC 6578 have an element for.
_PRECONDITIONS = {"infinite-depth": "<d:propfind-finite-depth/>", "stale-token": "<d:valid-sync-token/>"}


class DavHandler(BaseHandler):
    """A WebDAV resource below one of the trees' addresses."""

    SUPPORTED_METHODS = METHODS
    access: ClassVar[Access] = Access.USER_OR_LINK
    target: Target

    async def prepare(self) -> None:
        """Find out who asks and for what; then let the method look at its headers before a body comes."""
        self.body = Body(self.request)
        try:
            await super().prepare()
            if "#" in (self.request.uri or ""):
                raise BadRequest("An address in a request cannot have a fragment.")
            await self.begin()
        except CygnetError as error:
            self.body.refuse(error)
        if not self._has_method():
            self.body.check()
            raise MethodNotAllowed("This cannot be done here.")

    def _has_method(self) -> bool:
        """Whether this door has the method that was called."""
        method = getattr(type(self), (self.request.method or "").lower(), None)
        return method not in (None, RequestHandler._unimplemented_method)

    async def identify(self) -> Principal:
        """Who asks: at the addresses of public links the holder of one, elsewhere as usual."""
        if not is_public(self.request.path):
            return await super().identify()
        user, password = basic_credentials(self) or ("", "")
        token = link_token(self.request.path) or user
        if not token:
            return ANONYMOUS
        return (await self.services.links.enter(token, password, "", self.client_address)).principal

    async def begin(self) -> None:
        """What a handler does before a body comes; it may raise."""
        self.target = parse_target(self.request.path, self.principal)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Called by tornado with each part of a body."""
        return self.body.receive(chunk)

    def on_connection_close(self) -> None:
        """The client went away."""
        super().on_connection_close()
        self.abandon()

    def abandon(self) -> None:
        """What was sent so far is nothing."""
        ABORTS.add(self.body)

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which this very request came: a Destination elsewhere is not ours."""
        return frozenset({self.request.host.lower()})

    @property
    def conditions(self) -> Conditions:
        """What the request expects of the state."""
        headers = self.request.headers
        return Conditions(
            parse_etags(headers.get("If-Match")),
            parse_etags(headers.get("If-None-Match")),
            parse_if(headers.get("If"), self._locate),
        )

    def _locate(self, url: str) -> str | None:
        try:
            return parse_url(url, self.hosts, self.principal).path
        except CygnetError:
            return None  # not ours: nothing can be known of it

    @property
    def destination(self) -> Target:
        """What the Destination header names.

        Raises:
            BadRequest: it is missing, cannot be read, or lies on another server.
        """
        url = self.request.headers.get("Destination")
        if url is None:
            raise BadRequest("The Destination header is missing.")
        return parse_url(url, self.hosts, self.principal)

    @property
    def overwrite(self) -> bool:
        """Whether what is at the destination may be replaced (RFC 4918 10.6).

        Raises:
            BadRequest: neither T nor F.
        """
        value = self.request.headers.get("Overwrite", "T").upper()
        if value not in ("T", "F"):
            raise BadRequest("The Overwrite header must be T or F.")
        return value == "T"

    def depth(self, default: str) -> str:
        """The Depth header: "0", "1" or "infinity".

        Raises:
            BadRequest: anything else.
        """
        value = self.request.headers.get("Depth", default).lower()
        if value not in ("0", "1", "infinity"):
            raise BadRequest("The Depth header must be 0, 1 or infinity.")
        return value

    def describe(self, node: Node) -> None:
        """The headers by which clients learn what a change made."""
        for name, value in change_headers(node, self.services.tree.instance).items():
            self.set_header(name, value)

    def finish_error(self, status: int, code: str, message: str) -> None:
        """An error as sabre/dav words it: the clients show its message."""
        name = _EXCEPTIONS.get(status, "Exception")
        condition = _PRECONDITIONS.get(code, "")
        self.set_header("Content-Type", "application/xml; charset=utf-8")
        self.finish(
            f'{xml.HEAD}<d:error xmlns:d="DAV:" xmlns:s="{xml.SABRE}">{condition}'
            f"<s:exception>Sabre\\DAV\\Exception\\{name}</s:exception>"
            f"<s:message>{xml.text(message)}</s:message></d:error>"
        )


def change_headers(node: Node, instance: str) -> dict[str, str]:
    """The headers by which clients learn what a change made."""
    headers = {"ETag": f'"{node.etag}"', "OC-ETag": f'"{node.etag}"', "OC-FileId": oc_id(node, instance)}
    headers["OC-Perm"] = node.letters
    return headers if node.is_folder else headers | {"OC-Checksum": node.checksums.header()}


def stored_headers(node: Node, instance: str, mtime: float | None) -> dict[str, str]:
    """`change_headers` of a file that was stored, and that its time was taken, if one was sent."""
    headers = change_headers(node, instance)
    return headers if mtime is None else headers | {"X-OC-MTime": "accepted"}


def oc_id(node: Node, instance: str) -> str:
    """`oc:id`: as the ownCloud family writes it, the number and the name of the installation."""
    return f"{node.id:08d}{instance}"
