"""COPY between this server and another one, as WLCG's storage does it: HTTP third-party copy.

`Source` names a file of another server, to be fetched (pull); a `Destination` at another server is where a
file is to be brought (push). The answer is 202, and then tells how far it is, in the form of GridFTP's
performance markers, until a last line says "success" or "failure".
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from urllib.parse import urlsplit

from tornado.httputil import HTTPHeaders
from tornado.iostream import StreamClosedError

from ...model.conditions import ANY
from ...model.errors import BadRequest, CygnetError, Unsupported
from ...service.remote import Line
from ...service.third_party import Order
from ...store.faults import in_our_words
from ..bodies import parse_mtime
from ..errors import status_of
from .base import DavHandler

#: Seconds between two markers; clients give up after a minute or two without one.
MARKER_SECONDS = 5.0
_PREFIX = "transferheader"
_HEADER_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
#: What a copy itself must say.
_NOT_FORWARDED = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "expect", "te", "trailer", "upgrade"}
)


class ThirdPartyCopies(DavHandler):
    """The COPY method, when another server takes part."""

    _line: Line | None = None

    async def copy_here(self) -> None:
        """COPY when none does."""
        raise NotImplementedError

    async def copy(self) -> None:
        """Copy here, or from or to another server."""
        self.body.check()
        pulls = "Source" in self.request.headers
        if not pulls and not self._is_push():
            await self.copy_here()
            return
        order = self._order(pulls=pulls)
        async with self.services.third_party.line(self.principal) as line:
            self._line = line
            begin = self.services.third_party.pull if pulls else self.services.third_party.push
            await self._tell(line, await begin(order, line))

    def _is_push(self) -> bool:
        """Whether the destination is at another server; without any to go to, a strange one is a mistake."""
        try:
            host = urlsplit(self.request.headers.get("Destination", "")).netloc
        except ValueError:
            return False
        return bool(host) and host.lower() not in self.hosts and self.services.settings.copies.enabled

    def _order(self, *, pulls: bool) -> Order:
        headers = self.request.headers
        if pulls and "Destination" in headers:
            raise BadRequest("A copy has a Source or a Destination at another server, not both.")
        if headers.get("Credential", "none").lower() != "none":
            raise Unsupported(
                "Credentials are not delegated here; send TransferHeaderAuthorization and Credential: none."
            )
        expected = self.conditions
        return Order(
            self.principal,
            self.target.path,
            headers["Source" if pulls else "Destination"].strip(),
            transfer_headers(headers),
            self.overwrite,
            headers.get("RequireChecksumVerification", "false").lower() == "true",
            expected if self.overwrite else replace(expected, if_none_match=(ANY,)),
            parse_mtime(headers),
        )

    async def _tell(self, line: Line, copying: asyncio.Task[None]) -> None:
        """Send markers until the copy is over, and what came of it."""
        self.set_status(202)
        self.set_header("Content-Type", "text/perf-marker-stream")
        try:
            while not copying.done():
                self.write(marker(line.moved))
                await self.flush()
                await asyncio.wait({copying}, timeout=MARKER_SECONDS)
        except StreamClosedError:
            line.end()
        finally:
            await asyncio.wait({copying})
        self.write(marker(line.moved) + self._result(copying))

    def _result(self, copying: asyncio.Task[None]) -> str:
        """The last line."""
        found = copying.exception()
        if found is None:
            return "success: Created\n"
        error = in_our_words(found)
        if not isinstance(error, CygnetError):
            raise found
        self.outcome = status_of(error)
        return f"failure: {' '.join(error.message.split())}\n"

    def on_connection_close(self) -> None:
        """Nobody waits any more."""
        super().on_connection_close()
        if self._line is not None:
            self._line.end()


def transfer_headers(headers: HTTPHeaders) -> dict[str, str]:
    """The headers that the other server is to be sent: those that are called TransferHeader and its name.

    Raises:
        BadRequest: one is not for whoever asks to decide.
    """
    found = {}
    for name, value in headers.get_all():
        forwarded = name.lower().removeprefix(_PREFIX)
        if forwarded == name.lower():
            continue
        if forwarded in _NOT_FORWARDED or not _HEADER_NAME.fullmatch(forwarded) or "\n" in value:
            raise BadRequest('The header "{name}" cannot be sent to another server.', name=name[:100])
        found[forwarded] = value
    return found


def marker(moved: int) -> str:
    """A performance marker (GFD.20) of one stripe."""
    return (
        f"Perf Marker\n\tTimestamp: {int(time.time())}\n\tStripe Index: 0\n"
        f"\tStripe Bytes Transferred: {moved}\n\tTotal Stripe Count: 1\nEnd\n"
    )
