"""Requests to other servers, each by a thread: only where the policy allows it, to the address that it saw.

A name is looked up once, and the connection goes to what that gave: a second answer of the DNS cannot lead
elsewhere. Redirects are followed here, so that each step is checked alike and takes no credentials to another
server. The proxies of the environment are not used: they would look names up anew.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, parse_headers
from io import RawIOBase
from typing import NamedTuple, cast
from urllib.parse import urljoin

from ..model.egress import EgressPolicy, Endpoint, parse_endpoint
from ..model.errors import CygnetError, Forbidden, NotFound, RemoteFailed

#: Seconds for a connection, for an answer or the next bytes, and for a checksum that must be computed first.
CONNECT, IDLE, CHECKSUM = 20.0, 60.0, 600.0
#: Seconds that a server may think about whether it wants a body (RFC 9110 10.1.1).
CONTINUE = 5.0
MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Line:
    """What one copy goes over; whoever holds it can end it at any time, from another thread.

    Args:
        seconds: after which it ends by itself.
    """

    def __init__(self, seconds: float) -> None:
        self.moved = 0
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._ended = False

    def hold(self, connected: socket.socket) -> None:
        """Go on over this connection."""
        with self._lock:
            self._socket = connected
        self.check()

    def check(self) -> None:
        """Raise if it was ended.

        Raises:
            RemoteFailed: see there.
        """
        if self._ended:
            raise RemoteFailed("The copy was ended, because nobody waits for it any more.")
        if time.monotonic() > self._end:
            raise RemoteFailed("The copy took too long.")

    def end(self) -> None:
        """End it: who reads or writes is woken by an error."""
        with self._lock:
            self._ended = True
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    # That of SSLSocket would let the thread that reads go on without TLS.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class Told(NamedTuple):
    """What a server tells of a file: bytes, if known, and checksums such as {"ADLER32": "hex"}."""

    size: int | None
    checksums: Mapping[str, str]


class Answer:
    """An answer whose body has not been read, with the connection it came over.

    Args:
        connection: to be closed.
        status: its code.
        headers: its headers.
        response: for its body; None while the server waits for ours.
    """

    def __init__(
        self, connection: HTTPConnection, status: int, headers: HTTPMessage, response: HTTPResponse | None
    ) -> None:
        self.connection = connection
        self.status = status
        self.headers = headers
        self.response = response

    def close(self) -> None:
        """Let go of the connection."""
        if self.response is not None:
            self.response.close()
        self.connection.close()

    @property
    def told(self) -> Told:
        """What its headers say of the file."""
        length = self.headers.get("Content-Length", "")
        size = int(length) if length.isascii() and length.isdecimal() and len(length) < 19 else None
        return Told(size, parse_digest(self.headers.get("Digest", "")))


class Remote:
    """Other servers.

    Args:
        policy: says which.
    """

    def __init__(self, policy: EgressPolicy) -> None:
        self._policy = policy
        self._context: ssl.SSLContext | None = None

    def find(self, url: str) -> Endpoint:
        """The server and file that a URL names.

        Raises:
            BadRequest: it is no such URL. Forbidden: this service may not go there.
        """
        endpoint = parse_endpoint(url)
        self._policy.check(endpoint)
        return endpoint

    def head(
        self, endpoint: Endpoint, headers: Mapping[str, str], line: Line, patience: float | None = None
    ) -> Answer:
        """The answer to HEAD, with checksums if the server has some; it may be an error. Blocks.

        Args:
            patience: seconds to wait for it, when those for any other answer are too few.
        """
        wanted = {**headers, "Want-Digest": "adler32, md5;q=0.5, sha;q=0.3"}
        answer = self._call("HEAD", endpoint, wanted, line, patience=patience)
        answer.close()
        return answer

    def get(self, endpoint: Endpoint, headers: Mapping[str, str], line: Line) -> Answer:
        """A file, about to be read. Blocks.

        Raises:
            NotFound, Forbidden, RemoteFailed: the server does not give it.
        """
        wanted = {**headers, "Accept-Encoding": "identity", "Want-Digest": "adler32, md5;q=0.5, sha;q=0.3"}
        answer = self._call("GET", endpoint, wanted, line)
        if answer.status != 200:
            answer.close()
            raise refusal(answer.status)
        return answer

    def put(self, endpoint: Endpoint, headers: Mapping[str, str], size: int, line: Line) -> Answer:
        """A connection that waits for a body of `size` bytes. Blocks.

        Raises:
            NotFound, Forbidden, RemoteFailed: the server does not want it.
        """
        told = {**headers, "Content-Length": str(size), "Expect": "100-continue"}
        answer = self._call("PUT", endpoint, told, line)
        if answer.status != 100:
            answer.close()
            raise refusal(answer.status)
        return answer

    def _call(
        self,
        method: str,
        endpoint: Endpoint,
        headers: Mapping[str, str],
        line: Line,
        *,
        patience: float | None = None,
    ) -> Answer:
        at = endpoint
        for _ in range(MAX_REDIRECTS + 1):
            line.check()
            told = headers if at.origin == endpoint.origin else _without_credentials(headers)
            try:
                answer = self._once(method, at, told, line, patience or IDLE)
            except (OSError, HTTPException) as error:
                raise RemoteFailed(
                    "{server} does not answer as it should: {problem}",
                    server=at.netloc,
                    problem=_words(error),
                ) from error
            if answer.status not in _REDIRECTS:
                return answer
            answer.close()
            at = self._redirected(at, answer.headers.get("Location", ""))
        raise RemoteFailed("{server} sends from one address to the next.", server=endpoint.netloc)

    def _redirected(self, at: Endpoint, location: str) -> Endpoint:
        try:
            following = self.find(urljoin(f"{at.scheme}://{at.netloc}{at.target}", location))
        except ValueError:
            raise RemoteFailed("{server} sends to what is no address.", server=at.netloc) from None
        if at.scheme == "https" and following.scheme != "https":
            raise Forbidden("{server} sends to an address without https://.", server=at.netloc)
        return following

    def _once(
        self, method: str, at: Endpoint, headers: Mapping[str, str], line: Line, patience: float
    ) -> Answer:
        connected = self._connect(at, line)
        try:
            connected.settimeout(patience)
            connection = HTTPConnection(at.host, at.port)
            connection.sock = connected
            connection.auto_open = 0  # a second connection would not be to the address that was checked
            connection.putrequest(method, at.target, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": at.netloc, "User-Agent": "Cygnet", **headers}.items():
                connection.putheader(name, value)
            connection.endheaders()
            if "Expect" in headers:
                return _early_answer(connection)
            response = connection.getresponse()
            return Answer(connection, response.status, response.headers, response)
        except BaseException:
            connected.close()
            raise

    def _connect(self, at: Endpoint, line: Line) -> socket.socket:
        found = socket.getaddrinfo(at.host, at.port, type=socket.SOCK_STREAM)
        for *_, address in found:
            self._policy.check_address(at, str(address[0]))
        problem: OSError = OSError("there is no address")
        for family, kind, protocol, _, address in found:
            connected = socket.socket(family, kind, protocol)
            try:
                connected.settimeout(CONNECT)
                line.hold(connected)
                connected.connect(address)
                return self._secured(connected, at, line)
            except OSError as error:
                connected.close()
                problem = error
            except CygnetError:
                connected.close()
                raise
        raise problem

    def _secured(self, connected: socket.socket, at: Endpoint, line: Line) -> socket.socket:
        if at.scheme != "https":
            return connected
        if self._context is None:
            self._context = _context(self._policy)
        secured = self._context.wrap_socket(connected, server_hostname=at.host)
        line.hold(secured)
        return secured


def _context(policy: EgressPolicy) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if policy.authorities is not None:
        folder = policy.authorities.is_dir()
        context.load_verify_locations(
            cafile=None if folder else policy.authorities, capath=policy.authorities if folder else None
        )
    return context


def _without_credentials(headers: Mapping[str, str]) -> dict[str, str]:
    """Of the headers only those that this service itself has set."""
    return {name: value for name, value in headers.items() if name in _OWN_HEADERS}


_OWN_HEADERS = frozenset(
    {"Accept-Encoding", "Want-Digest", "Content-Length", "Expect", "If-None-Match", "OC-Checksum"}
)


def _early_answer(connection: HTTPConnection) -> Answer:
    """What a server says to the headers of a request with a body: 100 when it wants it, or says nothing."""
    connected, patience = connection.sock, connection.sock.gettimeout()
    # Without a buffer: what comes later is for whoever reads the next answer.
    reader = cast("RawIOBase", connected.makefile("rb", buffering=0))
    connected.settimeout(CONTINUE)
    try:
        first = reader.readline(1000)
    except TimeoutError:
        return Answer(connection, 100, HTTPMessage(), None)
    finally:
        connected.settimeout(patience)
    version, _, rest = first.decode("latin-1").partition(" ")
    if not version.startswith("HTTP/1.") or not rest[:3].isdecimal():
        raise HTTPException("no answer")
    return Answer(connection, int(rest[:3]), parse_headers(reader), None)


def refusal(status: int) -> CygnetError:
    """The error that stands for another server's answer."""
    if status in (404, 410):
        return NotFound("The other server has no such file, or no folder for it.")
    if status in (401, 403):
        return Forbidden("The other server does not allow it ({status}).", status=status)
    return RemoteFailed("The other server answered {status}.", status=status)


def _words(error: Exception) -> str:
    """What went wrong, on one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def parse_digest(header: str) -> dict[str, str]:
    """The checksums in a Digest header (RFC 3230) in hexadecimal; what cannot be read is left out."""
    found = {}
    for part in header.split(","):
        kind, _, value = part.strip().partition("=")
        name = {"adler32": "ADLER32", "md5": "MD5", "sha": "SHA1", "sha-256": "SHA256"}.get(kind.lower())
        if name == "ADLER32":
            found[name] = value.strip().lower().rjust(8, "0")
        elif name:
            with contextlib.suppress(binascii.Error, ValueError):
                found[name] = base64.b64decode(value.strip(), validate=True).hex()
    return found
