"""What of WebDAV the express lane answers: reads of files, small files stored, the properties of one node.

Everything that is to be refused, and everything out of the ordinary, is left to the usual handlers, which are
asked as if nothing had been. What is done for the request is done by the same services in both ways.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus

from tornado.httputil import HTTPHeaders
from tornado.iostream import StreamClosedError

from ...model.conditions import Conditions, parse_etags
from ...model.principal import Principal
from ...model.settings import PREFIX
from ...service.services import Services
from ...service.small import MAX_BYTES, Unsure
from ...service.together import NewFile
from ...service.tree import OpenFile
from ..audit import Served, audit
from ..authentication import holder_of
from ..base import REQUEST, request_id, sender_of
from ..bodies import parse_checksums, parse_mtime
from ..download import check_unchanged, contents_headers, part_headers
from ..express import ExpressStream, Head
from ..hosts import check_host
from ..logs import log_served, without_tokens
from ..ranges import http_date, parse_ranges, stretch_of
from ..sending import Sending
from ..traffic import Traffic
from .base import stored_headers
from .doors import Target, is_public, parse_target
from .files import parse_propfind
from .render import HEAD_MULTISTATUS, MULTISTATUS_END, Context, PropertyList

log = logging.getLogger(__name__)

#: What metrics count these requests by: the same as of the usual handler.
DOOR = "dav.files"
#: Larger bodies are stored while they come.
MAX_BODY = MAX_BYTES

#: Requests with one of these are out of the ordinary.
_RARE = frozenset({
    "content-range", "cookie", "expect", "if", "if-modified-since", "if-range",
    "if-unmodified-since", "oc-chunked", "origin", "transfer-encoding", "upgrade", "want-digest",
})  # fmt: skip

#: What tells more of a file that is stored.
_ABOUT_FILES = frozenset({"x-oc-mtime", "oc-checksum"})


class Declined(Exception):
    """This request is for the usual handler."""


@dataclass
class Answer:
    """What is sent.

    Args:
        body: what is sent with the head.
        more: what is sent behind it.
    """

    status: int
    headers: dict[str, str]
    body: bytes = b""
    more: Sending | None = None


@dataclass(frozen=True)
class Call:
    """A request on its way through the lane."""

    stream: ExpressStream
    head: Head
    target: Target
    principal: Principal
    sender: str
    id: str

    def field(self, name: str) -> str | None:
        """The value of a field of its head."""
        return self.head.fields.get(name)


class FilesLane:
    """The lane to the tree of files.

    Args:
        services: what is behind the doors.
        traffic: counts its requests.
    """

    def __init__(self, services: Services, traffic: Traffic) -> None:
        self._services, self._traffic = services, traffic
        self._methods: Mapping[str, Callable[[Call], Awaitable[Answer]]] = {
            "GET": self._read,
            "HEAD": self._read,
            "PUT": self._store,
            "PROPFIND": self._describe,
        }

    async def __call__(self, stream: ExpressStream, head: Head) -> bool:
        """Answer a request; False: it is left alone."""
        answer_to = self._methods.get(head.method)
        if answer_to is None or self._traffic.draining or not _is_usual(head):
            return False
        begun, number = time.perf_counter(), object()
        self._traffic.begin(id(number))
        try:
            answered = await self._answer(stream, head, answer_to)
        finally:
            self._traffic.end(id(number))
        if answered is not None:
            log_served(answered, time.perf_counter() - begun, self._traffic, DOOR)
        return answered is not None

    async def _answer(
        self, stream: ExpressStream, head: Head, answer_to: Callable[[Call], Awaitable[Answer]]
    ) -> Served | None:
        """Answer a request, or do nothing: whatever cannot be done, the usual handler meets too, and says."""
        try:
            call = await self._call(stream, head)
            answer = await answer_to(call)
        except StreamClosedError:
            raise
        except Unsure as error:
            stream.failed(error.cause)
            return None
        except Exception:  # noqa: BLE001 - see above
            return None
        served = _served(call, answer)
        await self._send(call, answer, served)
        return served

    async def _call(self, stream: ExpressStream, head: Head) -> Call:
        """Find out who asks, and for what."""
        fields = head.fields
        number = request_id(fields.get("x-request-id", ""))
        REQUEST.set(number)
        check_host(_host_name(fields["host"]), self._services.settings)
        sender = sender_of(stream.sender, fields.get("x-forwarded-for", ""))
        principal = await holder_of(
            self._services, fields["authorization"], fields.get("x-cygnet-client", ""), sender
        )
        if principal is None:
            raise Declined
        await self._services.tree.open_account(principal.user, principal.display_name)
        return Call(stream, head, parse_target(head.target, principal), principal, sender, number)

    async def _read(self, call: Call) -> Answer:
        if call.head.length != 0 or "if-none-match" in call.head.fields:
            raise Declined
        wanted = call.field("range")
        file = await self._services.tree.open(call.principal, call.target.path, stretch_of(wanted))
        check_unchanged(file.node, call.field("if-match"))
        size, ranges = file.content.size, parse_ranges(wanted, file.content.size)
        headers = contents_headers(file, attachment=True)
        if ranges is None:
            return await _file_answer(call, 200, headers, file, (0, size))
        if len(ranges) > 1:
            raise Declined
        headers |= part_headers(ranges[0], size)
        return await _file_answer(call, 206, headers, file, ranges[0])

    async def _store(self, call: Call) -> Answer:
        length = call.head.length
        if length is None or length > MAX_BODY or "content-length" not in call.head.fields:
            raise Declined
        told = call.head.fields
        fields = HTTPHeaders({name: told[name] for name in _ABOUT_FILES & told.keys()})
        mtime, checksums = parse_mtime(fields), parse_checksums(fields)
        conditions = Conditions(parse_etags(call.field("if-match")), parse_etags(call.field("if-none-match")))
        data = await call.stream.body(length)
        file = NewFile(call.target.path, data, mtime, checksums, conditions)
        node, created = await self._services.small.put(call.principal, file)
        try:
            headers = stored_headers(node, self._services.tree.instance, mtime)
        except Exception as error:
            raise Unsure(error) from error
        return Answer(201 if created else 204, headers)

    async def _describe(self, call: Call) -> Answer:
        length = call.head.length
        if length is None or length > MAX_BODY:
            raise Declined
        asked = _asked(await call.stream.body(length))
        found = await self._services.properties.find(call.principal, call.target.path, asked.wanted)
        context = Context(call.target, self._services.tree.instance, self._services.fingerprint)
        text = HEAD_MULTISTATUS + asked.response(found, context) + MULTISTATUS_END
        return Answer(
            207, {"Content-Type": "application/xml; charset=utf-8"}, text.encode("utf-8", "replace")
        )

    async def _send(self, call: Call, answer: Answer, served: Served) -> None:
        """Send an answer; if the receiver goes away meanwhile, that is all that happens."""
        stream = call.stream
        stream.answered()
        try:
            audit(served)
            await stream.write(_encoded(call, answer) + answer.body)
            if answer.more is not None:
                await answer.more.send(stream)
        except StreamClosedError:
            return
        except Exception:
            # What was asked for is done, so that cutting the connection is what is left to say.
            log.exception("%s was not sent to its end", call.target.path)
            stream.close()


def _is_usual(head: Head) -> bool:
    """Whether there is nothing in a head that the lane does not understand."""
    fields = head.fields
    if not head.target.startswith(f"{PREFIX}/") or "?" in head.target or "#" in head.target:
        return False
    if head.method == "PROPFIND" and fields.get("depth") != "0":
        return False
    if fields.get("connection", "keep-alive").lower() != "keep-alive":  # which says nothing new
        return False
    return _RARE.isdisjoint(fields) and not is_public(head.target) and "authorization" in fields


async def _file_answer(
    call: Call, status: int, headers: dict[str, str], file: OpenFile, span: tuple[int, int]
) -> Answer:
    """An answer with bytes of a file: those that are known already, or what is read while it is sent."""
    headers["Content-Length"] = str(span[1] - span[0])
    known = b"" if call.head.method == "HEAD" or span[0] == span[1] else file.known(*span)
    if known is not None:
        return Answer(status, headers, known)
    more = Sending(file, span)
    await more.prepare()
    return Answer(status, headers, more=more)


@lru_cache(256)
def _asked(body: bytes) -> PropertyList:
    """What a PROPFIND asks for: clients ask for the same again and again."""
    return parse_propfind(body)


def _host_name(host: str) -> str:
    """The name in a Host field, without the port."""
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]


def _encoded(call: Call, answer: Answer) -> bytes:
    """The head of an answer."""
    headers = {
        "Server": "Cygnet",
        "Date": _date(int(time.time())),
        "X-Content-Type-Options": "nosniff",
        "X-Request-ID": call.id,
        **answer.headers,
    }
    if answer.status != 204:
        headers.setdefault("Content-Length", str(len(answer.body)))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n{lines}\r\n".encode("latin-1")


@lru_cache(2)
def _date(second: int) -> str:
    return http_date(second)


def _served(call: Call, answer: Answer) -> Served:
    return Served(
        request_id=call.id,
        method=call.head.method,
        address=without_tokens(call.head.target),
        status=answer.status,
        outcome=answer.status,
        principal=call.principal,
        sender=call.sender,
        authorized=True,
        gives_contents=call.head.method == "GET",
    )
