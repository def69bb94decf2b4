"""A bare HTTP client for the WebDAV tests: what is sent is what the test says, nothing else."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

from sqlalchemy import Connection

from cygnet_hub.services.sync.store import spaces
from tests.sync_server import SyncServer

PROPS = (
    '<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getetag/><d:resourcetype/>'
    "<d:getcontentlength/><oc:id/><oc:permissions/><oc:checksums/></d:prop></d:propfind>"
)
#: Asks for nothing, but no request with it is answered by the express lane.
USUAL = {"Connection": "TE"}
NAMESPACES = {"d": "DAV:", "oc": "http://owncloud.org/ns", "s": "http://sabredav.org/ns"}


@dataclass(frozen=True)
class Answer:
    """A response whose body was read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def etag(self) -> str:
        return self.headers["ETag"]

    @property
    def message(self) -> str:
        """The words in an error."""
        return ElementTree.fromstring(self.body).findtext("s:message", "", NAMESPACES)


class Dav:
    """The tree of one user."""

    def __init__(self, server: SyncServer, user: str, root: str | None = None) -> None:
        parts = urlsplit(server.url)
        self.host, self.server, self.user = parts.netloc, server, user
        self.root = parts.path + (root or f"/remote.php/dav/files/{user}")
        token = base64.b64encode(f"{user}:{server.app_password(user)}".encode()).decode()
        self.headers = {"Authorization": f"Basic {token}"}

    def url(self, path: str) -> str:
        return self.root + quote(path, safe="/")

    def raw(self, method: str, url: str, body: bytes | str | None = None, **headers: str) -> Answer:
        """A request for exactly this encoded path; underscores in header names stand for hyphens."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            data = body.encode() if isinstance(body, str) else body
            connection.request(method, url, data, {**self.headers, **named})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def __call__(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> Answer:
        return self.raw(method, self.url(path), body, **headers)

    def put(self, path: str, body: bytes | str, **headers: str) -> Answer:
        return self("PUT", path, body, **headers)

    def get(self, path: str) -> bytes:
        answer = self("GET", path)
        assert answer.status == 200, answer
        return answer.body

    def etag(self, path: str) -> str:
        return self.list(path, depth="0")[path]["getetag"]

    def list(self, path: str, depth: str = "1", props: str = PROPS) -> dict[str, dict[str, str]]:
        """The properties of each member, by its path."""
        answer = self("PROPFIND", path, props, Depth=depth)
        assert answer.status == 207, answer
        found = {}
        for response in ElementTree.fromstring(answer.body).iterfind("d:response", NAMESPACES):
            href = response.findtext("d:href", "", NAMESPACES)
            found[self._path(href)] = {
                prop.tag.rpartition("}")[2]: "".join(prop.itertext())
                for prop in response.iterfind("d:propstat[1]/d:prop/*", NAMESPACES)
            }
        return found

    def _path(self, href: str) -> str:
        assert href.startswith(self.root), href
        return unquote(href[len(self.root) :]).rstrip("/") or "/"


def set_quota(server: SyncServer, user: str, quota: int | None) -> None:
    """Limit the home of `user` to so many bytes."""

    def run(connection: Connection) -> None:
        space = spaces.home(connection, user)
        assert space is not None
        spaces.set_quota(connection, space.id, quota)

    server.services.database.write_now(run)
