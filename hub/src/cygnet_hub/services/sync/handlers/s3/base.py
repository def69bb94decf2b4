"""What all handlers of S3 share: who signed, which space and key are meant, errors as S3 words them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any, ClassVar

from tornado.httputil import HTTPHeaders

from ...model.conditions import parse_etags
from ...model.errors import CygnetError, InvalidName, Unauthorized, Unsupported
from ...model.names import CLASSES, SHARES, child_path, join_path, split_path
from ...model.objects import Expected
from ...model.principal import Principal
from ..authentication import by_certificate
from ..base import Access, BaseHandler
from ..bodies import ABORTS, Body
from ..dav.xml import text
from ..download import parse_date
from . import errors, xml
from .bodies import Announced, Memory, Receiver, Target
from .signature import ChunkSigner, Claim, Request, claim_of, now, parse_query, verify

log = logging.getLogger(__name__)

#: The spaces of a person, as buckets: the folder in their tree that each one shows.
BUCKETS = {"home": "/", "shares": f"/{SHARES}", "classes": f"/{CLASSES}"}
REGION = "us-east-1"
MAX_BODY = 1 << 50
#: What the web framework itself refuses with.
_FRAMEWORK = {400: "InvalidArgument", 404: "NoSuchKey", 405: "MethodNotAllowed"}


class _LowerCase(HTTPHeaders):
    """Headers that are sent as S3 sends them: clients make names of metadata of what follows x-amz-meta-."""

    def get_all(self) -> Iterable[tuple[str, str]]:
        """Every header, those that only S3 has in lower case."""
        for name, value in super().get_all():
            yield name.lower() if name.startswith("X-Amz-") else name, value


class S3Handler(BaseHandler):
    """An address of S3."""

    access: ClassVar[Access] = Access.USER
    SUPPORTED_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
    receiver: Receiver
    _signer: ChunkSigner | None = None
    _temporary = False
    #: Whether the connection ends after the answer, because a body was not waited for.
    _is_cut = False

    def initialize(self) -> None:
        """Before anything can go wrong: a body may come even so."""
        self.body = Body(self.request)

    async def prepare(self) -> None:
        """Find out who asks and for what; then let the method look at its headers before a body comes."""
        try:
            self.query = parse_query(self.request.query)
            await super().prepare()
            self.announced = Announced(self.said)
            self.receiver = Receiver(self.announced, self._signer, await self.begin())
            self.body.stream_to(self.receiver, MAX_BODY)
        except CygnetError as error:
            self._is_cut = True  # unless `refuse` keeps the error back until the body has been read
            self.body.refuse(error)
            self._is_cut = False

    @property
    def said(self) -> Mapping[str, str]:
        """The headers, names in lower case."""
        return {name.lower(): value for name, value in self.request.headers.items()}

    async def begin(self) -> Target:
        """What takes the body; a handler may raise here before it comes."""
        return Memory()

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Called by tornado with each part of a body."""
        return self.body.receive(chunk)

    def on_connection_close(self) -> None:
        """The client went away: what it sent so far is nothing."""
        super().on_connection_close()
        ABORTS.add(self.body)

    def small_body(self) -> bytes:
        """The body, whole and checked.

        Raises:
            CygnetError: it, or the request, was refused.
        """
        self.body.check()
        return self.receiver.small()

    async def identify(self) -> Principal:
        """Whoever holds the secret of the access key that the request was signed with, or a certificate.

        Such a secret has 256 random bits, so guesses are not counted here.
        """
        request = Request(self.request.method or "", self.request.path, self.query, self.said)
        claim = claim_of(request, now())
        if claim is None:
            return await by_certificate(self)
        principal, secret = await self._owner(claim)
        verify(claim, request, secret)
        self._check_token(claim)
        if not claim.is_v2 and not claim.in_query:
            self._check_form()
            self._signer = ChunkSigner(claim, request, secret)
        return principal

    async def _owner(self, claim: Claim) -> tuple[Principal, str]:
        keys = self.services.access_keys
        known = keys.lately(claim.key_id) if self._is_plain() else None
        key = known or await keys.find(claim.key_id)
        principal = await keys.principal(key, recheck=known is not None) if key else None
        if key is None or principal is None:
            raise errors.UnknownKey("There is no such access key, or it was revoked or has ended.")
        self._temporary = key.temporary
        return principal, keys.secret(key.id)

    def _is_plain(self) -> bool:
        """Whether all that will be done happens in a `View`, which looks up a key known from a moment ago."""
        return False

    def _check_token(self, claim: Claim) -> None:
        expected = self.services.access_keys.token(claim.key_id) if self._temporary else ""
        if claim.token != expected:
            raise errors.WrongToken("The session token is not the one that belongs to the key.")

    def _check_form(self) -> None:
        if "x-amz-content-sha256" not in self.request.headers:
            raise errors.InvalidArgument("The header x-amz-content-sha256 is missing.")

    def bucket_path(self, bucket: str) -> str:
        """The folder that a bucket shows.

        Raises:
            NoSuchBucket: there is none of this name.
        """
        try:
            return BUCKETS[bucket]
        except KeyError:
            raise errors.NoSuchBucket(
                f'There is no space "{bucket[:100]}". Yours are: {", ".join(BUCKETS)}.'
            ) from None

    @property
    def expected(self) -> Expected:
        """What If-Match and the like demand of the object."""
        return expected_of(self.request.headers)

    def argument(self, name: str, default: str = "") -> str:
        """An argument of the address."""
        return self.query.get(name, default)

    def number(self, name: str, default: int, largest: int) -> int:
        """A whole number from 0 to `largest` in the address; larger ones are cut.

        Raises:
            InvalidArgument: it is none.
        """
        value = self.argument(name)
        if not value:
            return default
        if not (value.isascii() and value.isdecimal() and len(value) < 20):
            raise errors.InvalidArgument(f"{name} must be a whole number.")
        return min(int(value), largest)

    def send_xml(self, text: str, status: int = 200) -> None:
        """Answer with XML."""
        self.set_status(status)
        self.set_header("Content-Type", "application/xml")
        self.write(text)

    def clear(self) -> None:
        """Begin an answer."""
        super().clear()
        self._headers = _LowerCase(self._headers)

    def set_default_headers(self) -> None:
        """What S3's clients look for in an answer."""
        super().set_default_headers()
        self.set_header("x-amz-request-id", self.request_id)
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Content-Type")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """S3 has no 401: who has not signed is refused as whoever may not."""
        found = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(found, Unauthorized):
            kwargs["exc_info"] = (errors.Refused, errors.Refused(found.message), None)
        if self._is_cut:
            self.set_header("Connection", "close")
        super().write_error(status_code, **kwargs)

    def finish_error(self, status: int, code: str, message: str) -> None:
        """An error in XML."""
        if code == "error" and status in _FRAMEWORK:
            code = _FRAMEWORK[status]
        self.set_header("Content-Type", "application/xml")
        told = [("Code", errors.code_of(code)), ("Message", message), ("Resource", self.request.path)]
        inner = "".join(f"<{name}>{text(value)}</{name}>" for name, value in told)
        self.finish(f"{xml.HEAD}<Error>{inner}<RequestId>{self.request_id}</RequestId></Error>")


def expected_of(headers: Mapping[str, str], prefix: str = "") -> Expected:
    """What the conditional headers demand.

    Args:
        prefix: "x-amz-copy-source-" for those about the source of a copy.
    """
    return Expected(
        parse_etags(headers.get(f"{prefix}If-Match")),
        parse_etags(headers.get(f"{prefix}If-None-Match")),
        parse_date(headers.get(f"{prefix}If-Modified-Since")),
        parse_date(headers.get(f"{prefix}If-Unmodified-Since")),
    )


def key_path(base: str, key: str) -> tuple[str, bool]:
    """The path in the person's tree that a key names, and whether it is that of a folder: it ends in a slash.

    Raises:
        InvalidName: no file can have this key: `a//b`, `a/../b`, a name of over 255 bytes.
    """
    inner = key.removesuffix("/")
    if not inner or inner.startswith("/") or "//" in inner or inner.endswith("/"):
        raise InvalidName("A key is a path such as a/b.txt: it has no empty names in it.")
    names = split_path(inner)
    path = join_path(*names) if base == "/" else child_path(base, "/".join(names))
    return path, key.endswith("/")


def no_acl(headers: Mapping[str, str]) -> None:
    """Refuse what would make an object public: shares are made by Cygnet.

    Raises:
        NoAccessLists, Unsupported: see there.
    """
    wanted = headers.get("x-amz-acl", "private")
    if wanted not in ("private", "bucket-owner-full-control") or any(
        n.startswith("x-amz-grant-") for n in headers
    ):
        raise errors.NoAccessLists("Access lists are not supported. Share the file or folder instead.")
    if any(name.startswith("x-amz-server-side-encryption") for name in headers):
        raise Unsupported("Encryption by S3's headers is not available here.")


def only_current(version: str) -> None:
    """Refuse a version that is named: S3 shows the current ones, whose name is "null".

    Raises:
        NotFound: see there.
    """
    if version not in ("", "null"):
        raise errors.NoSuchVersion("Earlier versions are not shown by S3. The Files site has them.")


class MissingHandler(S3Handler):
    """An address without a bucket."""

    async def begin(self) -> Target:
        """Nothing is here."""
        raise errors.NoSuchBucket("The address names no bucket.")
