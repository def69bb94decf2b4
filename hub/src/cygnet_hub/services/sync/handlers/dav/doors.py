"""Addresses under which trees are found by WebDAV, and the way from a URL to a path in a tree and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ...model.errors import BadRequest, Forbidden, NotFound
from ...model.names import decode_url_path, encode_url_path
from ...model.principal import Principal
from ...model.settings import PREFIX

#: Each address of a tree; a group catches the still encoded user or token in it.
FILES = (
    r"remote\.php/dav/files/(?P<user>[^/]+)",
    r"remote\.php/webdav",
    r"dav/files/(?P<user2>[^/]+)",
    r"public\.php/webdav",
    r"remote\.php/dav/public-files/(?P<token>[^/]+)",
    r"public\.php/dav/files/(?P<token2>[^/]+)",
)
_DOOR = re.compile(rf"(?P<base>{PREFIX}/{{1,2}}(?:{'|'.join(FILES)}))(?P<path>/.*)?", re.DOTALL)

#: Segments that mean nothing (RFC 3986 section 5.2.4); rclone puts one before a name with a colon.
_HERE = re.compile(r"/(?:\./)+")


def is_public(raw: str) -> bool:
    """Whether an encoded URL path is an address of public links."""
    match = _DOOR.fullmatch(raw)
    return match is not None and (link_token(raw) is not None or match["base"].endswith("public.php/webdav"))


def link_token(raw: str) -> str | None:
    """The token of a public link in an encoded URL path; None where there is none."""
    match = _DOOR.fullmatch(raw)
    token = match and (match["token"] or match["token2"])
    return decode_url_path(token)[1:] if token else None


@dataclass(frozen=True)
class Target:
    """A URL that names something in a tree.

    Args:
        base: the encoded path of the tree's root, without a slash at the end.
        path: canonical, in the tree.
    """

    base: str
    path: str

    def href(self, path: str, *, folder: bool) -> str:
        """The path-absolute, encoded URL of a path in the same tree; that of a folder ends in a slash."""
        encoded = self.base + encode_url_path(path if path != "/" else "")
        return encoded + "/" if folder else encoded


def parse_target(raw: str, principal: Principal) -> Target:
    """What an encoded URL path names.

    Raises:
        NotFound: no tree has this address. Forbidden: somebody else's tree.
        InvalidName: see `decode_url_path`.
    """
    match = _DOOR.fullmatch(raw)
    if match is None:
        raise NotFound("There is no tree of files at this address.")
    user = match["user"] or match["user2"]
    if user is not None and (principal.kind != "user" or decode_url_path(user)[1:] != principal.user):
        raise Forbidden("These are the files of somebody else.")
    return Target(match["base"], decode_url_path(_HERE.sub("/", match["path"] or "/")))


def parse_url(url: str, hosts: frozenset[str], principal: Principal) -> Target:
    """What a Destination header or a resource tag names: an absolute URL, or only its path.

    Args:
        hosts: the "host:port" that are ours.

    Raises:
        BadRequest: it is not a URL of this service.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise BadRequest("The destination cannot be read.") from None
    if parts.netloc and parts.netloc.rpartition("@")[2].lower() not in hosts:
        raise BadRequest("The destination lies on another server.")
    if (
        parts.scheme not in ("", "http", "https")
        or parts.fragment
        or parts.query
        or not parts.path.startswith("/")
    ):
        raise BadRequest("The destination cannot be read.")
    return parse_target(parts.path, principal)
