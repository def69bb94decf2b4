"""The express lane of a connection: what a door can answer at once does not go through the framework.

tornado reads the head of each request from the connection's stream. The stream here first shows the head to a
lane. What the lane answers, tornado never sees; all else, and everything that is to be refused, it gets as it
came. So there is one way to be refused, and a lane is a shortcut to the answers that are wanted most.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.iostream import IOStream, SSLIOStream

from ..service.blocks import take

#: Seconds for which a connection may be idle between two requests.
IDLE_SECONDS = 300.0
#: Seconds for which a small body may take to come.
BODY_SECONDS = 60.0
#: Bytes that are asked for at once: heads and small bodies are less, large bodies ask for more.
READ = 64 << 10
#: Large bodies are handed on in blocks of so many bytes, all of them full but the last.
BLOCK = 1 << 20
#: Of those so many bytes have to be there, or all that are missing, before anybody looks.
WORTH = 256 << 10

#: A line of a head that can mean one thing only (RFC 9112 5): no folding, nothing that is not to be seen.
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\x80-\xff]*)")
_REQUEST = re.compile(r"([A-Z]{3,10}) (/[\x21-\x7e]*) HTTP/1\.1")


class Head(NamedTuple):
    """The head of a request: method, target as it was sent, fields by their names in lower case."""

    method: str
    target: str
    fields: Mapping[str, str]

    @property
    def length(self) -> int | None:
        """Bytes of the body; None where that is not plainly said."""
        text = self.fields.get("content-length", "0")
        plain = text.isascii() and text.isdecimal() and len(text) < 16
        return int(text) if plain and "transfer-encoding" not in self.fields else None


def parse_head(data: bytes) -> Head | None:
    """The head of a request; None where there is anything about it that a lane need not understand."""
    request, *lines = data.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    match = _REQUEST.fullmatch(request)
    if match is None:
        return None
    fields: dict[str, str] = {}
    for line in lines:
        field = _FIELD.fullmatch(line)
        name = field[1].lower() if field else ""
        if field is None or name in fields:
            return None
        fields[name] = field[2].rstrip(" \t")
    return Head(match[1], match[2], fields) if "host" in fields else None


class ExpressStream(IOStream):
    """A connection of which a lane is asked first.

    Args:
        socket: of the connection.
        lane: answers a request and returns True, or leaves it alone.
        sender: the address at the other end.
    """

    def __init__(self, socket: Any, lane: Lane, sender: str, **limits: Any) -> None:
        super().__init__(socket, **limits)
        self.sender = sender
        self._lane = lane
        self._kept: bytes | None = None
        self._whole_blocks = False
        self._failure: BaseException | None = None
        self._worth = 1

    async def read_until_regex(self, regex: bytes, max_bytes: int | None = None) -> bytes:
        """The head of the next request that is not the lane's."""
        self._kept, self._failure, self._whole_blocks, self.read_chunk_size = None, None, False, READ
        self._wake_for(1)
        loop = asyncio.get_running_loop()
        while True:
            idle = loop.call_later(IDLE_SECONDS, self.close)
            try:
                data = await super().read_until_regex(regex, max_bytes)
            finally:
                idle.cancel()
            head = parse_head(data)
            if head is None or not await self._lane(self, head):
                self._expect(head)
                return data

    def _expect(self, head: Head | None) -> None:
        """Make ready for a body that tornado will read."""
        # Of other uploads also a part of a block is worth having, if the sender leaves.
        large = head is not None and head.method == "PUT" and (head.length or 0) > READ
        self._whole_blocks = large and self._kept is None
        self.read_chunk_size = READ if self._kept is not None else BLOCK

    async def body(self, length: int) -> bytes:
        """A small body; what a lane has read and does not answer, tornado will read again."""
        if length == 0:
            return b""
        coming = asyncio.ensure_future(super().read_bytes(length))
        if coming.done():  # it came with the head
            self._kept = coming.result()
            return self._kept
        late = asyncio.get_running_loop().call_later(BODY_SECONDS, self.close)
        try:
            self._kept = await coming
        finally:
            late.cancel()
        return self._kept

    def answered(self) -> None:
        """The request of which `body` was read is answered."""
        self._kept = None

    def failed(self, error: BaseException) -> None:
        """The request may be done or not: what answers it must not do it again, but say this."""
        self._failure = error

    @property
    def failure(self) -> BaseException | None:
        """What went wrong with the request that was read last, after it was begun; None: nothing."""
        return self._failure

    def read_bytes(self, num_bytes: int, partial: bool = False) -> Awaitable[bytes]:
        """The next bytes of a body: what the lane kept, then whole blocks of a large one."""
        if self._kept is not None:
            kept, self._kept = self._kept, None
            return _known(kept)
        if partial and self._whole_blocks:
            return self._block(num_bytes)
        return super().read_bytes(num_bytes, partial)

    async def _block(self, size: int) -> bytes:
        """A block of this size that was received where it lies: nothing of it is copied."""
        block = take(size)
        await self.read_into(block)
        return block  # type: ignore[return-value]  # it is read as bytes are, and nobody writes to it

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """What has come; of a block little is not worth waking up for (see `tcp(7)`)."""
        got = super().read_from_fd(buf)
        if got is None and self._whole_blocks:
            self._wake_for(min(len(buf), WORTH))
        return got

    def _wake_for(self, size: int) -> None:
        if size != self._worth and not self.closed():
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)
            self._worth = size


def failure_of(request: HTTPServerRequest) -> BaseException | None:
    """What went wrong with a request that a lane has begun, and that must not be done again."""
    stream = getattr(request.connection, "stream", None)
    return stream.failure if isinstance(stream, ExpressStream) else None


async def _known(data: bytes) -> bytes:
    return data


#: Answers a request on a connection and returns True, or leaves it alone.
Lane = Callable[[ExpressStream, Head], Awaitable[bool]]


async def _no_lane(_stream: ExpressStream, _head: Head) -> bool:
    return False


class ExpressServer(HTTPServer):
    """An HTTP server that receives large bodies in whole blocks, and may have a lane; without TLS."""

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """See `HTTPServer`."""
        super().initialize(*args, **kwargs)
        self._lane: Lane = _no_lane
        # The stream looks after idle connections: what a lane sends may take as long as it likes.
        self.conn_params.header_timeout = None

    def add_lane(self, lane: Lane) -> None:
        """Ask `lane` first, from now on."""
        self._lane = lane

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Serve a new connection."""
        if isinstance(stream, SSLIOStream):
            raise TypeError("a server with an express lane listens without TLS")
        sender = address[0] if address else ""
        limits = {"max_buffer_size": self.max_buffer_size, "read_chunk_size": READ}
        super().handle_stream(ExpressStream(stream.socket, self._lane, sender, **limits), address)
