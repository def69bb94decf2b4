"""Bodies that may be larger than memory: refused early where they can be, and gone if they break off."""

from __future__ import annotations

from collections.abc import Mapping

from tornado.web import stream_request_body

from ...model.errors import BadRequest, CygnetError
from ...model.node import Content
from ...service.incoming import Incoming
from ..bodies import ABORTS, Body, parse_checksums
from .base import ApiHandler

#: No single upload carries more; it streams, so this costs no memory.
MAX_UPLOAD = 1 << 50


@stream_request_body
class StreamHandler(ApiHandler):
    """A door that takes contents by PUT."""

    _incoming: Incoming | None = None
    _checksums: Mapping[str, str]

    async def prepare(self) -> None:
        """Find out who asks; for an upload also whether it would be refused, before its body comes."""
        self._body = Body(self.request)
        try:
            await super().prepare()
            if self.request.method == "PUT":
                self._checksums = parse_checksums(self.request.headers)
                self._incoming = await self.expect()
                self._body.stream_to(self._incoming, MAX_UPLOAD)
        except CygnetError as error:
            self._body.refuse(error)

    async def expect(self) -> Incoming:
        """Where the body of a PUT goes; raises what would refuse it."""
        raise NotImplementedError

    @property
    def announced(self) -> int | None:
        """The bytes that Content-Length announces, if it does."""
        length = self.request.headers.get("Content-Length")
        return int(length) if length is not None else None

    async def data_received(self, chunk: bytes) -> None:
        """Take the next bytes of an upload."""
        waiting = self._body.receive(chunk)
        if waiting is not None:
            await waiting

    def check(self) -> None:
        """Raise what `prepare` kept back until the body was read."""
        self._body.check()

    async def received(self) -> Content:
        """The body, durable.

        Raises:
            BadRequest: it is cut off or missing. ChecksumMismatch.
        """
        self.check()
        if self._incoming is None:
            raise BadRequest("The body is missing.")
        try:
            return await self._incoming.finish(self.announced, self._checksums)
        except CygnetError:
            await self._incoming.abort()
            raise

    def on_connection_close(self) -> None:
        """The sender went away in the middle: nothing of it stays."""
        ABORTS.add(self._body)
        super().on_connection_close()
