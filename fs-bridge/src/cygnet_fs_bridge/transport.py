"""How requests reach a service. Clients take a `Transport`, so tests can give their own."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
from yarl import URL

from .errors import NotLoggedIn, Unavailable
from .tls import Certificate, client_context, refusal

# A stream has to be openable again, because a request may have to be sent again.
Body = bytes | Callable[[], AsyncIterator[bytes]] | None

CHUNK = 1 << 20
SILENCE = 60.0


@dataclass(frozen=True)
class Request:
    """One HTTP request.

    Args:
        method: HTTP verb.
        target: percent-encoded path relative to the service's base, with the query if there is one.
        headers: header fields; Content-Length has to be there when `body` is a stream.
        body: bytes, or a function that opens a stream of bytes.
        silence: longest time in seconds without a byte from the service before the request fails; None leaves
            it to the transport.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = None
    silence: float | None = None


class Response(Protocol):
    """An answer whose head is here and whose body may still come."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields; names compare without case."""

    async def read(self) -> bytes:
        """Return the rest of the body."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Give the body in pieces as they come."""


class Transport(Protocol):
    """Sends requests to one service."""

    def send(self, request: Request) -> AbstractAsyncContextManager[Response]:
        """Send and give the answer; raise NeverSent or Unavailable when there is none."""

    async def close(self) -> None:
        """Close connections."""


class NeverSent(Unavailable):
    """No connection could be made, so the service has certainly not seen the request."""


class _AiohttpResponse:
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        return await self._response.read()

    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.content.iter_any():
            yield chunk


class HttpTransport:
    """Requests over the network by aiohttp.

    The session is made on first use, in the event loop that then runs, and belongs to that loop.

    Args:
        base: address of the service with a slash at its end.
        connections: most connections at a time.
        connect_timeout: longest time in seconds to make a connection.
        silence: longest time in seconds without a byte from the service, for requests that do not say.
        certificate: of the person, for connections with TLS.
    """

    def __init__(
        self,
        base: str,
        *,
        connections: int = 32,
        connect_timeout: float = 10.0,
        silence: float = SILENCE,
        certificate: Certificate | None = None,
    ) -> None:
        self.base = base
        self._certificate = certificate
        self._connections = connections
        self._connect_timeout = connect_timeout
        self._silence = silence
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Compressed answers would make byte ranges mean something else; cookies are no business of ours.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, keepalive_timeout=30, ssl=self._context()
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept-Encoding": "identity", "User-Agent": "cygnet-fs-bridge"},
                read_bufsize=CHUNK,
            )
        return self._session

    def _context(self) -> ssl.SSLContext | bool:
        return client_context(self._certificate) if self.base.startswith("https:") else True

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Response]:
        """Send one request; redirects are not followed, since a credential must not go elsewhere."""
        silence = self._silence if request.silence is None else request.silence
        try:
            async with asyncio.timeout(self._connect_timeout + silence) as limit:
                response = await self._start(request, limit, silence)
            async with response:
                yield _AiohttpResponse(response)
        except aiohttp.ClientConnectorCertificateError as error:
            raise NotLoggedIn(
                f"The certificate of the service at {self.base} is not one that counts here: "
                f"{getattr(error.certificate_error, 'verify_message', error)}"
            ) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            if reason := refusal(error):
                raise NotLoggedIn(f"The service does not accept your certificate: {reason}") from error
            if isinstance(error, aiohttp.ClientConnectorError):
                raise NeverSent(f"The service at {self.base} cannot be reached") from error
            raise Unavailable("The connection to the service was lost") from error

    async def _start(
        self, request: Request, limit: asyncio.Timeout, silence: float
    ) -> aiohttp.ClientResponse:
        body: bytes | AsyncIterator[bytes] | None
        if request.body is None or (isinstance(request.body, bytes) and len(request.body) <= CHUNK):
            body = request.body
        else:
            stream = _pieces(request.body) if isinstance(request.body, bytes) else request.body()
            body = _watched(stream, limit, silence)
        return await self._open().request(
            request.method,
            URL(self.base + request.target, encoded=True),
            headers=request.headers,
            data=body,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout, sock_read=silence),
            allow_redirects=False,
        )

    async def close(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    """Give bytes in pieces, so that sending many does not hold the event loop up."""
    for start in range(0, len(data), CHUNK):
        yield data[start : start + CHUNK]


async def _watched(
    body: AsyncIterator[bytes], limit: asyncio.Timeout, silence: float
) -> AsyncIterator[bytes]:
    """Pass a stream on, and put the limit off as long as the service takes it."""
    async for piece in body:
        limit.reschedule(asyncio.get_running_loop().time() + silence)
        yield piece


def file_body(path: str | os.PathLike[str], offset: int = 0, length: int | None = None) -> Body:
    """Return a stream over a local file that can be opened again.

    Args:
        path: the file.
        offset: first byte.
        length: number of bytes; default: to the end.
    """

    async def stream() -> AsyncIterator[bytes]:
        left = length
        file = await asyncio.to_thread(open, path, "rb", 0)
        try:
            file.seek(offset)
            while left is None or left > 0:
                piece = await asyncio.to_thread(file.read, CHUNK if left is None else min(CHUNK, left))
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece
        finally:
            file.close()

    return stream
