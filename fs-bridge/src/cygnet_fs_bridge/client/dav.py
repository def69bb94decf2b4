"""WebDAV in the ownCloud/Nextcloud dialect: for what the JSON API lacks, and for other services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element  # only the type; defusedxml parses

from defusedxml import ElementTree

from .. import errors
from ..transport import Body
from .caller import Caller, quote_path

_DAV, _OC = "{DAV:}", "{http://owncloud.org/ns}"
_PROPFIND = b"""<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop>
<d:resourcetype/><d:getcontentlength/><d:getlastmodified/><d:getetag/><d:getcontenttype/>
<oc:id/><oc:permissions/><oc:size/></d:prop></d:propfind>"""
_PROPPATCH = """<?xml version="1.0"?><d:propertyupdate xmlns:d="DAV:"><d:set><d:prop>
<d:lastmodified>{}</d:lastmodified></d:prop></d:set></d:propertyupdate>"""


@dataclass(frozen=True)
class Resource:
    """What PROPFIND tells of one file or folder; `path` is below the folder that was asked about the tree."""

    path: str
    kind: Literal["file", "folder"]
    size: int
    mtime: float
    etag: str
    id: str
    permissions: str
    mime: str


class DavClient:
    """The tree of one person over WebDAV.

    Args:
        caller: sends the requests.
        user: whose tree.
    """

    def __init__(self, caller: Caller, user: str) -> None:
        self._caller = caller
        self.files = f"remote.php/dav/files/{quote_path(user)}/"
        self.uploads = f"remote.php/dav/uploads/{quote_path(user)}/"

    def target(self, path: str) -> str:
        """Return the percent-encoded address of `path` relative to the service's base."""
        return self.files + quote_path(path)

    async def propfind(self, path: str, depth: Literal[0, 1] = 1) -> list[Resource]:
        """Return what lies at `path` and, with depth 1, directly in it; the item itself comes first."""
        headers = {"Depth": str(depth), "Content-Type": "application/xml"}
        _, answer = await self._caller.call(
            "PROPFIND", self.target(path), headers=headers, body=_PROPFIND, path=path
        )
        return parse_multistatus(answer, self.files)

    async def set_mtime(self, path: str, mtime: float) -> None:
        """Set the time stamp of a file, in unix seconds."""
        body = _PROPPATCH.format(f"{mtime:.6f}".rstrip("0").rstrip(".")).encode()
        headers = {"Content-Type": "application/xml"}
        _, answer = await self._caller.call(
            "PROPPATCH", self.target(path), headers=headers, body=body, path=path
        )
        if b" 200 " not in answer:
            raise errors.Unsupported("The service does not keep time stamps", path)

    async def put(self, path: str, body: Body, headers: Mapping[str, str]) -> str:
        """Write a file in one request; return its etag."""
        with errors.meaning({errors.Unsupported: errors.FileExpected, errors.Conflict: errors.NotFound}):
            answered, _ = await self._caller.call(
                "PUT", self.target(path), headers=headers, body=body, path=path
            )
        return answered.get("ETag", "").strip('"')

    async def mkcol(self, path: str) -> None:
        """Make a folder."""
        with errors.meaning({errors.Unsupported: errors.AlreadyExists, errors.Conflict: errors.NotFound}):
            await self._caller.call("MKCOL", self.target(path), path=path)

    async def delete(self, path: str) -> None:
        """Delete a file, or a folder with all in it."""
        await self._caller.call("DELETE", self.target(path), path=path)

    async def move(self, source: str, destination: str, overwrite: bool = False) -> None:
        """Move or rename."""
        await self._to("MOVE", source, destination, overwrite)

    async def copy(self, source: str, destination: str, overwrite: bool = False) -> None:
        """Copy inside the service."""
        await self._to("COPY", source, destination, overwrite)

    async def _to(self, verb: str, source: str, destination: str, overwrite: bool) -> None:
        headers = {"Destination": self.destination(destination), "Overwrite": "T" if overwrite else "F"}
        with errors.meaning({errors.Changed: errors.AlreadyExists, errors.Conflict: errors.NotFound}):
            await self._caller.call(verb, self.target(source), headers=headers, path=source)

    def destination(self, path: str) -> str:
        """Return the value of a Destination header for `path`: an absolute address."""
        base = getattr(self._caller.transport, "base", "/")
        return str(base) + self.target(path)


def parse_multistatus(answer: bytes, root: str) -> list[Resource]:
    """Return the resources of a multistatus body (RFC 4918, 13).

    Args:
        answer: XML.
        root: percent-encoded address of the tree; the part of each href behind it becomes the path.

    Raises:
        ServiceError: it is not a multistatus.
    """
    try:
        document = ElementTree.fromstring(answer)
    except ElementTree.ParseError as error:
        raise errors.ServiceError("The answer of the service is not WebDAV") from error
    return [_resource(item, unquote(root)) for item in document.findall(f"{_DAV}response")]


def _properties(item: Element) -> dict[str, Element]:
    good: Sequence[Element] = [
        stat for stat in item.findall(f"{_DAV}propstat") if " 200 " in (stat.findtext(f"{_DAV}status") or "")
    ]
    return {prop.tag: prop for stat in good for prop in stat.findall(f"{_DAV}prop/*")}


def _seconds(text: str) -> float:
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return 0.0


def _resource(item: Element, root: str) -> Resource:
    found = _properties(item)

    def text(name: str) -> str:
        return (found[name].text or "") if name in found else ""

    is_folder = (
        f"{_DAV}resourcetype" in found and found[f"{_DAV}resourcetype"].find(f"{_DAV}collection") is not None
    )
    href = unquote(urlsplit(item.findtext(f"{_DAV}href") or "").path)
    return Resource(
        path="/" + href.partition(root)[2].strip("/"),
        kind="folder" if is_folder else "file",
        size=int(text(f"{_DAV}getcontentlength") or text(f"{_OC}size") or 0),
        mtime=_seconds(text(f"{_DAV}getlastmodified")),
        etag=text(f"{_DAV}getetag").strip('"'),
        id=text(f"{_OC}id"),
        permissions=text(f"{_OC}permissions"),
        mime=text(f"{_DAV}getcontenttype"),
    )
