"""The XRootD client library, awaited: each call has a limit, and a server that hangs is given up after 5 s.

The library is the `xrootd` wheel, an optional dependency: the extra `xrootd` of this distribution. Its
settings hold for the whole process; a variable such as `XRD_STREAMTIMEOUT` goes before ours.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from .. import errors
from .status import error_of

# The library's defaults wait 60 s for a server that hangs, 120 s for one that does not take a connection, and
# do not try a server again for 30 minutes after that. Behind a redirector these make it take another server.
SETTINGS = {
    "StreamTimeout": 3,
    "TimeoutResolution": 1,
    "ConnectionWindow": 3,
    "ConnectionRetry": 1,
    "StreamErrorWindow": 2,
}
CHUNK = 8 << 20
_QUIET, _PING = (
    2.5,
    2.0,
)  # seconds without an answer until we ask whether the server lives, and for that answer
# What servers take in one vector read: parts, bytes of a part; and what we ask for at a time.
_VECTOR, _VECTOR_PART, _VECTOR_BYTES = 1024, 2_097_136, 64 << 20

# Where the library looks for the authorities that vouch for servers, unless these variables say otherwise.
_AUTHORITIES, _AUTHORITIES_BY = Path("/etc/grid-security/certificates"), ("X509_CERT_DIR", "X509_CERT_FILE")

_CLOSING = 5  # seconds for an answer that nobody waits for

# Files whose closing is not answered yet: the library would wait in the destructor, and all else with it.
_closing: set[Any] = set()


@cache
def library() -> ModuleType:
    """Return the module `XRootD.client`, with our settings.

    Raises:
        ImportError: it is not installed; says how to install it.
    """
    try:
        from XRootD import client
    except ImportError as error:
        raise ImportError(
            "root:// needs the XRootD client: pip install 'cygnet-fs-bridge[xrootd]'"
        ) from error
    for name, value in SETTINGS.items():
        client.EnvPutInt(name, value)
    _trust_the_machine()
    return cast(ModuleType, client)


def _trust_the_machine() -> None:
    """Give the library the authorities of the machine where there are none of the grid: TLS needs some."""
    known = ssl.get_default_verify_paths().capath
    if known and not _AUTHORITIES.is_dir() and not any(os.environ.get(name) for name in _AUTHORITIES_BY):
        os.environ["X509_CERT_DIR"] = known


def _ask(
    function: Callable[..., Any],
    args: Sequence[Any],
    limit: int,
    path: str,
    late: Callable[[], None] | None = None,
) -> asyncio.Future[Any]:
    """Send a request; the future has its status and response.

    `late` is called when the answer comes and nobody waits for it any more.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Any] = loop.create_future()

    def settle(status: Any, response: Any) -> None:
        if not answer.done():
            answer.set_result((status, response))
        elif late is not None:
            late()

    def answered(status: Any, response: Any, _hosts: Any) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, status, response)

    refused = function(*args, timeout=limit, callback=answered)
    if not refused.ok:
        raise error_of(refused, path)
    return answer


@dataclass(frozen=True)
class Server:
    """A server or redirector, how patient we are with it, and who we are to it.

    `address` is such as `root://host:port`, `limit` the seconds that one request may take in all,
    `token_file` a file with a bearer token, empty for what the environment names.
    """

    address: str
    limit: int
    token_file: str = ""

    def url(self, path: str) -> str:
        """Return what the library opens. A user name keeps connections with different tokens apart."""
        if not self.token_file:
            return f"{self.address}/{path}"
        scheme, _, host = self.address.partition("://")
        user = "" if "@" in host else f"t{hashlib.sha256(self.token_file.encode()).hexdigest()[:7]}@"
        mark = "&" if "?" in path else "?"
        return f"{scheme}://{user}{host}/{path}{mark}xrd.ztn={self.token_file}"

    async def call(
        self, function: Callable[..., Any], *args: Any, path: str, late: Callable[[], None] | None = None
    ) -> Any:
        """Call a function of the library that takes a callback, and wait for its answer.

        A request may take long; a server that does not answer a ping either is given up after 5 s. The
        library's own settings do not always end such a wait.

        Args:
            function: such as `FileSystem.stat`.
            args: its arguments without timeout and callback.
            path: what it is about.
            late: called when the answer comes after we have given up.

        Raises:
            ServiceError: in the kind that fits.
        """
        answer = _ask(function, args, self.limit, path, late)
        deadline = time.monotonic() + self.limit
        try:
            while not (await asyncio.wait({answer}, timeout=_QUIET))[0]:
                if time.monotonic() > deadline or not await self.lives():
                    raise errors.Unavailable("The server did not answer in time", path)
        finally:
            answer.cancel()
        status, response = answer.result()
        if not status.ok:
            raise error_of(status, path)
        return response

    async def lives(self) -> bool:
        """Return whether the server answers a ping, on a connection where it waits behind nothing."""
        scheme, _, host = self.address.partition("://")
        probe = library().FileSystem(f"{scheme}://ping@{host.rpartition('@')[2]}")
        deadline = time.monotonic() + _PING
        while (left := deadline - time.monotonic()) > 0:
            try:
                answer = _ask(probe.ping, (), 5, "")
                status, _ = await asyncio.wait_for(answer, left)
            except (TimeoutError, errors.ServiceError):
                status = None
            if status is not None and status.ok:
                return True
            await asyncio.sleep(min(0.2, max(0.0, left)))
        return False


class OpenFile:
    """A file that is open on a server.

    Args:
        file: the library's file, open.
        server: where it is.
        path: its path, for errors.
    """

    def __init__(self, file: Any, server: Server, path: str) -> None:
        self._file, self._server, self._path = file, server, path

    @classmethod
    async def open(cls, server: Server, path: str, flags: int, mode: int = 0) -> OpenFile:
        """Open a file; flags and mode as the library has them."""
        file = library().File()
        await server.call(file.open, server.url(path), flags, mode, path=path, late=lambda: _let_go(file))
        return cls(file, server, path)

    async def size(self) -> int:
        """Return the size in bytes; known since the file was opened."""
        return int((await self._server.call(self._file.stat, False, path=self._path)).size)

    async def version(self) -> tuple[int, str]:
        """Return the size in bytes, and what changes with the contents."""
        stat = await self._server.call(self._file.stat, False, path=self._path)
        return int(stat.size), f"{stat.id} {stat.size} {stat.mtime}"

    async def read(self, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start`."""
        parts = []
        for at in range(start, start + size, CHUNK):
            wanted = min(CHUNK, start + size - at)
            part = await self._server.call(self._file.read, at, wanted, path=self._path)
            parts.append(part)
            if len(part) < wanted:
                break
        return b"".join(parts)

    async def read_vector(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return the bytes of many `(start, end)`, all inside the file, in as few requests as XRootD has."""
        pieces = [
            (index, at, min(_VECTOR_PART, end - at))
            for index, (start, end) in enumerate(ranges)
            for at in range(start, end, _VECTOR_PART)
        ]
        found: list[list[bytes]] = [[] for _ in ranges]
        for batch in _batches(pieces):
            chunks = [(at, size) for _, at, size in batch]
            answer = await self._server.call(self._file.vector_read, chunks, path=self._path)
            for (index, at, size), chunk in zip(batch, answer.chunks, strict=True):
                if (chunk.offset, len(chunk.buffer)) != (at, size):
                    raise errors.Unavailable("The server sent other parts than were asked for", self._path)
                found[index].append(bytes(chunk.buffer))
        return [b"".join(parts) for parts in found]

    async def write(self, data: bytes, at: int) -> None:
        """Write `data` from the position `at` on."""
        view = memoryview(data)
        for start in range(0, len(view), CHUNK):
            part = bytes(view[start : start + CHUNK])
            await self._server.call(self._file.write, part, at + start, len(part), path=self._path)

    async def close(self) -> None:
        """Close, and hear whether all was written."""
        try:
            await self._server.call(self._file.close, path=self._path)
        except BaseException:
            _let_go(self._file)
            raise

    def drop(self) -> None:
        """Close without waiting for it."""
        _let_go(self._file)


@asynccontextmanager
async def reading(server: Server, path: str) -> AsyncIterator[OpenFile]:
    """Give a file, open for reading."""
    file = await OpenFile.open(server, path, library().flags.OpenFlags.READ)
    try:
        yield file
    finally:
        file.drop()


def draft_name(path: str) -> str:
    """Return a name beside `path` for a file that is being written."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name[:200]}.{secrets.token_hex(6)}.part"


def _let_go(file: Any) -> None:
    """Close in the background, and keep the file until that is answered."""
    _closing.add(file)
    sent = file.close(timeout=_CLOSING, callback=lambda *_: _closing.discard(file))
    if not sent.ok:
        _closing.discard(file)


def _batches(pieces: Sequence[tuple[int, int, int]]) -> list[list[tuple[int, int, int]]]:
    """Cut a vector into requests that a server takes."""
    batches: list[list[tuple[int, int, int]]] = []
    room = 0
    for piece in pieces:
        if not batches or len(batches[-1]) == _VECTOR or piece[2] > room:
            batches.append([])
            room = _VECTOR_BYTES
        batches[-1].append(piece)
        room -= piece[2]
    return batches
