"""Receiving the body of a request: small ones into memory, contents of files to disk as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping
from typing import Protocol

from tornado.httputil import HTTPHeaders, HTTPServerRequest

from ..model.errors import BadRequest, CygnetError, TooLarge

MAX_SMALL = 1 << 20
#: Bodies up to here are read to their end before an error is answered; with larger ones the connection is
#: closed.
DRAIN = 64 << 20


class Sink(Protocol):
    """What takes a body, block by block."""

    async def write(self, data: bytes) -> None:
        """Take the next block."""
        ...

    async def abort(self) -> None:
        """Forget what came."""
        ...


class Body:
    """The body of one request, on its way in.

    Args:
        request: whose it is.
    """

    def __init__(self, request: HTTPServerRequest) -> None:
        self._request = request
        self._small = bytearray()
        self._sink: Sink | None = None
        self._refusal: CygnetError | OSError | None = None
        self._received = 0

    def stream_to(self, sink: Sink, limit: int) -> None:
        """Hand the body to `sink`; at most `limit` bytes of it."""
        self._sink = sink
        self._connection.set_max_body_size(limit)

    def refuse(self, error: CygnetError) -> None:
        """Raise `error`, now or, where the client would not see it, when the body has been read."""
        if self._request.headers.get("Expect") or self.announced > DRAIN:
            raise error
        self._refusal = error

    @property
    def announced(self) -> int:
        """The bytes that Content-Length announces; 0 when it does not."""
        return int(self._request.headers.get("Content-Length", 0))

    @property
    def small(self) -> bytes:
        """The whole of a small body."""
        return bytes(self._small)

    def check(self) -> None:
        """Raise what `refuse` kept back."""
        if self._refusal is not None:
            raise self._refusal

    def receive(self, data: bytes) -> Awaitable[None] | None:
        """Take the next bytes."""
        self._received += len(data)
        if self._refusal is not None:
            return None
        if self._sink is not None:
            return self._pour(self._sink, data)
        if len(self._small) + len(data) > MAX_SMALL:
            self._refusal = TooLarge("The request is larger than a request of this kind can be.")
        self._small += data
        return None

    async def _pour(self, sink: Sink, data: bytes) -> None:
        try:
            await sink.write(data)
        except (CygnetError, OSError) as error:
            # An error from here would only cut the connection, and the sender would never read why.
            await sink.abort()
            if self.announced - self._received > DRAIN:
                raise
            self._refusal = error

    async def abort(self) -> None:
        """Forget what came."""
        if self._sink is not None:
            await self._sink.abort()

    @property
    def _connection(self) -> _Connection:
        return self._request.connection  # type: ignore[return-value]


class _Connection(Protocol):
    def set_max_body_size(self, max_body_size: int) -> None: ...


class Aborts:
    """Clean-ups of uploads whose sender went away; kept until they are done."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, body: Body) -> None:
        """Forget what came of `body`."""
        self.run(body.abort())

    def run(self, cleaning: Coroutine[None, None, None]) -> None:
        """Do this clean-up."""
        task = asyncio.get_running_loop().create_task(cleaning, name="abort-upload")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


ABORTS = Aborts()


def parse_mtime(headers: HTTPHeaders) -> float | None:
    """The modification time in X-OC-Mtime, seconds since 1970.

    Raises:
        BadRequest: not a time after 1970.
    """
    value = headers.get("X-OC-Mtime")
    if value is None:
        return None
    try:
        mtime = float(value)
    except ValueError:
        mtime = -1.0
    if not 0 <= mtime < 1 << 40:
        raise BadRequest("The modification time in X-OC-Mtime is not a time.")
    return mtime


def parse_checksums(headers: HTTPHeaders) -> Mapping[str, str]:
    """The checksums in OC-Checksum, e.g. {"SHA1": "..."}; kinds not known here are left to the client.

    Raises:
        BadRequest: it cannot be read.
    """
    found = {}
    for part in headers.get("OC-Checksum", "").split():
        kind, colon, value = part.partition(":")
        if not colon:
            raise BadRequest("The checksum in OC-Checksum cannot be read.")
        found[kind.upper()] = value
    return found
