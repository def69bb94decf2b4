"""What every door has in common: who may call, errors in words, no guesses by the framework."""

from __future__ import annotations

import enum
import itertools
import logging
import os
import re
import secrets
from asyncio import Future
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, ClassVar

from tornado.httputil import HTTPServerRequest
from tornado.web import Application, HTTPError, RequestHandler

from cygnet_fs_bridge import texts

from ..model.errors import (
    CygnetError,
    Forbidden,
    RangeNotSatisfiable,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from ..model.principal import ANONYMOUS, Principal
from ..service.services import Services
from ..store.faults import in_our_words
from .audit import Served, audit
from .authentication import authenticate
from .errors import status_of
from .hosts import check_host
from .hub import Login
from .redaction import without_tokens
from .traffic import Traffic

log = logging.getLogger(__name__)

MAX_SMALL_BODY = 1 << 20

#: The id of the request that is being served, for every line of the log.
REQUEST: ContextVar[str] = ContextVar("request", default="")

#: Seconds after which clients that were turned away by a service that is ending should ask again.
BACK_SOON = 5


class Access(enum.Enum):
    """Who may call a handler. Every handler names one; a test walks all routes."""

    ANYONE = "anyone"
    USER = "a signed-in person"
    USER_OR_LINK = "a signed-in person or the holder of a public link"
    LINK = "the holder of a public link"
    INTERNAL = "the hub"


_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
#: They only have to differ, and random bytes are a call to the system.
_numbers = itertools.count(secrets.randbits(60))


def _begin_numbers() -> None:
    """Forked processes must not go on with the same."""
    global _numbers
    _numbers = itertools.count(secrets.randbits(60))


os.register_at_fork(after_in_child=_begin_numbers)

#: Where a proxy's word about the sender is taken: this machine.
_PROXIES = frozenset({"127.0.0.1", "::1"})

_KINDS: dict[Access, frozenset[str]] = {
    Access.ANYONE: frozenset({"user", "link", "service", "anonymous"}),
    Access.USER: frozenset({"user"}),
    Access.USER_OR_LINK: frozenset({"user", "link"}),
    Access.LINK: frozenset({"link"}),
    Access.INTERNAL: frozenset({"service"}),
}


def request_id(given: str) -> str:
    """What the lines of the log call a request: what its sender called it, if that is a name."""
    return given if given and _REQUEST_ID.fullmatch(given) else f"{next(_numbers):016x}"


def sender_of(peer: str, forwarded: str) -> str:
    """The address of who asks: the other end of the connection, or whom it names, if it is the proxy here."""
    named = forwarded.rpartition(",")[2].strip()
    return named if named and peer in _PROXIES else peer


class BaseHandler(RequestHandler):
    """A door. Subclasses set `access`, and `cookies` where the Files site's login counts."""

    access: ClassVar[Access]
    cookie_login: ClassVar[bool] = False
    #: Whether the Files site's login counts only together with `OCS-APIRequest: true`.
    cookie_needs_header: ClassVar[bool] = False
    #: Whether all that it does happens in a `View`, which looks up a credential known from a moment ago.
    looks_at_tree: ClassVar[bool] = False
    #: Whether it goes on answering while the service is ending.
    serves_while_draining: ClassVar[bool] = False
    principal: Principal = ANONYMOUS
    #: Whether the connection was made with a certificate of a person.
    brought_certificate = False
    #: Whether contents were given out, or a secret made, by a request that only looks.
    gives_contents = False
    #: The status that the audit log names, where a dialect hides it from HTTP.
    outcome = 0
    _audited = False

    def __init__(self, application: Application, request: HTTPServerRequest, **kwargs: Any) -> None:
        self.services: Services = application.settings["services"]
        self.login: Login | None = application.settings.get("login")
        given = request.headers.get("X-Request-ID", "")
        self.request_id = request_id(given)
        self.traffic: Traffic = application.settings["traffic"]
        self.traffic.begin(id(self))
        super().__init__(application, request, **kwargs)

    @property
    def door(self) -> str:
        """What metrics count requests by: few values, whatever the addresses."""
        return type(self).__module__.rpartition("handlers.")[2]

    @property
    def is_open(self) -> bool:
        """Whether anybody may call."""
        return self.access is Access.ANYONE

    def finish(self, chunk: str | bytes | dict[str, Any] | None = None) -> Future[None]:
        """End the answer; what was done is in the audit log before the end of it is sent."""
        self.note_down()
        return super().finish(chunk)

    def note_down(self) -> None:
        """Write to the audit log what was done, once; `finish` does it where nobody has before."""
        if not self._audited:
            self._audited = True
            audit(self.served())

    def served(self) -> Served:
        """What this request did."""
        status = self.get_status()
        return Served(
            request_id=self.request_id,
            method=self.request.method or "",
            address=without_tokens(self.request.path),
            status=status,
            outcome=self.outcome or status,
            principal=self.principal,
            sender=self.client_address,
            authorized="Authorization" in self.request.headers or self.brought_certificate,
            gives_contents=self.gives_contents,
        )

    def on_finish(self) -> None:
        """The request is answered."""
        self.traffic.end(id(self))

    def on_connection_close(self) -> None:
        """Its sender has left."""
        super().on_connection_close()  # nobody waits for the rest of a body any more
        self.traffic.end(id(self))

    def set_default_headers(self) -> None:
        """Nothing that a person stored may script this origin."""
        self.set_header("Server", "Cygnet")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("X-Request-ID", self.request_id)

    def compute_etag(self) -> str | None:
        """None: only files have etags, and theirs are known."""
        return None

    def check_xsrf_cookie(self) -> None:
        """Checked where a cookie is what authenticates: in `authenticate`."""

    async def prepare(self) -> None:
        """Find out who asks, and refuse who may not."""
        REQUEST.set(self.request_id)
        check_host(self.request.host_name, self.services.settings)
        if self.traffic.draining and not self.serves_while_draining:
            self.set_header("Connection", "close")
            raise Unavailable("The service is being restarted. Please try again in a moment.")
        self.principal = replace(await self.identify(), trail=[])
        if self.principal.kind == "user":
            await self.services.tree.open_account(self.principal.user, self.principal.display_name)
        if self.principal.kind in _KINDS[self.access]:
            return
        if self.principal.kind == "anonymous":
            raise Unauthorized("Please sign in.")
        raise Forbidden("This address is not for you.")

    async def identify(self) -> Principal:
        """Who asks; doors with credentials of their own override it."""
        return await authenticate(self)

    def client_argument(self) -> str:
        """The name that a client gave itself in the address, where it can give none in a header."""
        return ""

    @property
    def client_address(self) -> str:
        """The address of who asks; the proxy in front of us, on this machine, says for whom it does."""
        return sender_of(self.request.remote_ip or "", self.request.headers.get("X-Forwarded-For", ""))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the error; a CygnetError has its own words, anything else only its status."""
        found = kwargs.get("exc_info", (None, None, None))[1]
        error = in_our_words(found) if found else None
        if not isinstance(error, CygnetError):
            self.finish_error(status_code, "error", self._reason)
            return
        self.outcome = status_of(error)
        self.set_status(self.outcome)
        if isinstance(error, Unauthorized):
            self.challenge()
        if isinstance(error, TooManyRequests):
            self.set_header("Retry-After", error.retry_after)
        if isinstance(error, Unavailable):
            self.set_header("Retry-After", BACK_SOON)
        if isinstance(error, RangeNotSatisfiable):
            self.set_header("Content-Range", f"bytes */{error.size}")
        self.finish_error(self.get_status(), error.code, self.words_of(error))

    def words_of(self, error: CygnetError) -> str:
        """An error in the language of who asks."""
        return self.say(error.message)

    def say(self, text: str) -> str:
        """A text in the language of who asks: their choice, or what their program sends; English else."""
        return texts.catalogue(self.language).say(text)

    @property
    def language(self) -> str:
        """The language of who asks, such as `fr`."""
        return texts.chosen(self.get_cookie(texts.COOKIE), self.request.headers.get("Accept-Language"))

    def challenge(self) -> None:
        """Ask for credentials."""
        self.set_header("WWW-Authenticate", 'Basic realm="Cygnet", charset="UTF-8"')

    def finish_error(self, status: int, code: str, message: str) -> None:
        """The body of an error; JSON here, other dialects override it."""
        self.finish({"error": {"code": code, "message": message}})

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log only what is our fault."""
        value, address = in_our_words(value), without_tokens(self.request.path)
        if isinstance(value, CygnetError):
            if status_of(value) >= 500:
                log.warning("%s %s: %s", self.request.method, address, value)
        elif isinstance(value, HTTPError):
            log.debug("%s %s: %s", self.request.method, address, value)
        else:
            log.error("%s %s failed", self.request.method, address, exc_info=(typ, value, tb))
