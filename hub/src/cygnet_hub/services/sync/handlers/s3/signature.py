"""Who signed a request: what its signature says, and whether it is right.

Signature V4 in the Authorization header or in the address, and V2 in the address, which boto3 still makes for
addresses that are not Amazon's. The signature itself is computed by botocore's own signers, over what came.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import SplitResult, quote, unquote, unquote_plus

from botocore.auth import HmacV1QueryAuth, S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ...service.tokens import same_secret
from . import errors

#: Seconds by which a sender's clock may be wrong.
SKEW = 900
#: A signed address is good for a week at most.
LONGEST = 604_800
_ALGORITHM = "AWS4-HMAC-SHA256"
_TIME = re.compile(r"\d{8}T\d{6}Z")
_NUMBER = re.compile(r"\d{1,12}")
_UNRESERVED = "-_.~"


@dataclass(frozen=True)
class Request:
    """What of a request is signed.

    Args:
        path: as it came, still percent-encoded.
        query: names and values, decoded.
        headers: names in lower case.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Claim:
    """What a request says about its signature.

    Args:
        scope: "date/region/service" of the key that was derived for it.
        timestamp: such as 20261121T134200Z; empty for V2.
        signed: names of the signed headers.
        expires: seconds since 1970 after which it is worth nothing.
        token: of a temporary key; empty if none came.
        in_query: whether it stands in the address.
    """

    key_id: str
    signature: str
    expires: float
    token: str = ""
    timestamp: str = ""
    scope: tuple[str, str, str] = ("", "", "")
    signed: tuple[str, ...] = ()
    in_query: bool = False
    is_v2: bool = field(default=False)


def parse_query(raw: str) -> dict[str, str]:
    """The arguments in an address; a plus stands for a space.

    Raises:
        InvalidArgument: one comes twice, or is not UTF-8.
    """
    found: dict[str, str] = {}
    for pair in raw.split("&") if raw else ():
        name, _, value = (unquote_plus(part, errors="surrogateescape") for part in pair.partition("="))
        if name in found:
            raise errors.InvalidArgument("An argument comes twice in the address.")
        found[name] = value
    try:
        "".join((*found, *found.values())).encode()
    except UnicodeEncodeError:
        raise errors.InvalidArgument("The address is not valid UTF-8.") from None
    return found


def claim_of(request: Request, now: float) -> Claim | None:
    """What a request says about its signature; None when it carries none.

    Raises:
        BadSignatureHeader, BadQuery: it cannot be read.
        WrongTime: it was made at another time than now, or is over.
    """
    if "authorization" in request.headers:
        return _of_header(request, now)
    if "X-Amz-Algorithm" in request.query:
        return _of_query(request, now)
    if "AWSAccessKeyId" in request.query:
        return _of_old_query(request, now)
    return None


_HEADER = re.compile(
    rf"{_ALGORITHM}\s+Credential=(?P<credential>[^,\s]+)\s*,\s*SignedHeaders=(?P<signed>[^,\s]+)\s*,\s*"
    r"Signature=(?P<signature>[0-9a-f]{64})\s*"
)


def _of_header(request: Request, now: float) -> Claim:
    match = _HEADER.fullmatch(request.headers["authorization"])
    if match is None:
        raise errors.BadSignatureHeader("Only Signature Version 4 (AWS4-HMAC-SHA256) is accepted here.")
    key_id, scope = _credential(match["credential"])
    timestamp = request.headers.get("x-amz-date", "")
    made = _seconds(timestamp)
    if abs(now - made) > SKEW:
        raise errors.WrongTime("The clock of your machine differs too much from the clock of the service.")
    _check_day(scope, timestamp)
    signed = _signed_headers(match["signed"], request)
    token = request.headers.get("x-amz-security-token", "")
    return Claim(key_id, match["signature"], made + SKEW, token, timestamp, scope, signed)


def _of_query(request: Request, now: float) -> Claim:
    query = request.query
    if query["X-Amz-Algorithm"] != _ALGORITHM:
        raise errors.BadQuery("Only AWS4-HMAC-SHA256 is accepted here.")
    key_id, scope = _credential(query.get("X-Amz-Credential", ""))
    timestamp, lasts = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
    if not _NUMBER.fullmatch(lasts) or not 0 < int(lasts) <= LONGEST:
        raise errors.BadQuery("A signed address is good for between a second and a week.")
    made = _seconds(timestamp)
    expires = made + int(lasts)
    if made > now + SKEW or expires < now:
        raise errors.WrongTime("This signed address is over.")
    _check_day(scope, timestamp)
    signed = _signed_headers(query.get("X-Amz-SignedHeaders", ""), request)
    token = query.get("X-Amz-Security-Token", "")
    return Claim(key_id, query.get("X-Amz-Signature", ""), expires, token, timestamp, scope, signed, True)


def _of_old_query(request: Request, now: float) -> Claim:
    query = request.query
    expires = query.get("Expires", "")
    if not _NUMBER.fullmatch(expires) or int(expires) > now + LONGEST:
        raise errors.BadQuery("A signed address needs a time of at most a week from now at which it ends.")
    if int(expires) < now:
        raise errors.WrongTime("This signed address is over.")
    return Claim(
        query["AWSAccessKeyId"],
        query.get("Signature", ""),
        float(expires),
        query.get("x-amz-security-token", ""),
        in_query=True,
        is_v2=True,
    )


def _credential(text: str) -> tuple[str, tuple[str, str, str]]:
    parts = text.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request" or parts[3] not in ("s3", "sts"):
        raise errors.BadSignatureHeader("The credential of the signature must end in /s3/aws4_request.")
    return parts[0], (parts[1], parts[2], parts[3])


def _check_day(scope: tuple[str, str, str], timestamp: str) -> None:
    if scope[0] != timestamp[:8]:
        raise errors.BadSignatureHeader("The day of the credential is not the day of the request.")


def _seconds(timestamp: str) -> float:
    try:
        if _TIME.fullmatch(timestamp):
            return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        pass
    raise errors.BadSignatureHeader("The time of the signature (X-Amz-Date) is missing or cannot be read.")


def _signed_headers(text: str, request: Request) -> tuple[str, ...]:
    """The names of the signed headers, of which the host must be one, and all that S3 acts on."""
    names = tuple(text.lower().split(";"))
    acted_on = {name for name in request.headers if name.startswith("x-amz-")}
    if "host" not in names or not acted_on <= {*names}:
        raise errors.BadSignatureHeader("The host and every header that begins with x-amz- must be signed.")
    return names


def canonical_path(raw: str) -> str:
    """A path percent-encoded in the one way that is signed, however the sender encoded it."""
    return quote(unquote(raw, errors="surrogateescape").encode("utf-8", "surrogateescape"), safe="/-_.~")


class _Verifier(S3SigV4Auth):
    """botocore's signer, over the headers that the sender signed and what came."""

    def __init__(self, claim: Claim, request: Request, secret: str) -> None:
        _, region, service = claim.scope
        super().__init__(Credentials(claim.key_id, secret), service, region)
        self._claim, self._came = claim, request
        self._aws = AWSRequest(request.method, "http://host/")
        self._aws.context["timestamp"] = claim.timestamp

    def canonical_request(self) -> str:
        """What is signed of a request."""
        came, signed = self._came, sorted({*self._claim.signed})
        lines = [f"{name}:{self._header_value(came.headers.get(name, ''))}" for name in signed]
        return "\n".join(
            (
                came.method,
                canonical_path(came.path),
                self._query(),
                *lines,
                "",
                ";".join(signed),
                self._payload(),
            )
        )

    def _query(self) -> str:
        left_out = "X-Amz-Signature" if self._claim.in_query else ""
        pairs = [
            (quote(n, safe=_UNRESERVED), quote(v, safe=_UNRESERVED))
            for n, v in self._came.query.items()
            if n != left_out
        ]
        return "&".join(f"{name}={value}" for name, value in sorted(pairs))

    def _payload(self) -> str:
        unsigned = "UNSIGNED-PAYLOAD" if self._claim.in_query else ""
        return self._came.headers.get("x-amz-content-sha256", unsigned)

    def expected(self) -> str:
        """The right signature of the request."""
        return str(self.signature(self.string_to_sign(self._aws, self.canonical_request()), self._aws))

    def chunk_signature(self, text: str) -> str:
        """The right signature of a chunk or trailer, whose string to sign ends in `text`."""
        kind, _, rest = text.partition("\n")
        lines = (kind, self._claim.timestamp, self.credential_scope(self._aws), rest)
        return str(self.signature("\n".join(lines), self._aws))


def verify(claim: Claim, request: Request, secret: str) -> None:
    """Refuse a request whose signature is not the one that `secret` makes.

    Raises:
        WrongSignature.
    """
    if claim.is_v2:
        right = [_expected_v2(claim, request, secret, path) for path in _old_paths(request.path)]
    else:
        right = [_Verifier(claim, request, secret).expected()]
    if True not in [same_secret(claim.signature, expected) for expected in right]:
        raise errors.WrongSignature("The signature is wrong: check the secret of the access key.")


class ChunkSigner:
    """Checks the signatures of the chunks of a body, each of which covers the one before.

    Args:
        claim: of the request, verified.
    """

    def __init__(self, claim: Claim, request: Request, secret: str) -> None:
        self._verifier = _Verifier(claim, request, secret)
        self._previous = claim.signature

    def check(self, kind: str, lines: tuple[str, ...], given: str) -> None:
        """Refuse a signature that is wrong.

        Args:
            kind: "PAYLOAD" or "TRAILER".
            lines: what is signed after the signature before.
        """
        text = "\n".join((f"{_ALGORITHM}-{kind}", self._previous, *lines))
        expected = self._verifier.chunk_signature(text)
        if not same_secret(given, expected):
            raise errors.WrongSignature("The signature of a part of the body is wrong.")
        self._previous = expected


class _OldVerifier(HmacV1QueryAuth):
    def __init__(self, key_id: str, secret: str, expires: float) -> None:
        super().__init__(Credentials(key_id, secret))
        self._ends = str(int(expires))

    def _get_date(self) -> str:
        return self._ends


def _old_paths(path: str) -> tuple[str, ...]:
    """What V2 signs of a path; that of a bucket is signed with a slash at its end, also when sent without."""
    return (path, path + "/") if path.count("/") == 1 else (path,)


def _expected_v2(claim: Claim, request: Request, secret: str, path: str) -> str:
    moved = {
        n: v
        for n, v in request.query.items()
        if n.startswith("x-amz-") or n in ("content-md5", "content-type")
    }
    names = ("content-md5", "content-type")
    sent = {n: v for n, v in request.headers.items() if n.startswith("x-amz-") or n in names}
    headers = AWSRequest(request.method, "http://host/", headers=sent | moved).headers
    arguments = "&".join(f"{quote(n)}={quote(v)}" if v else quote(n) for n, v in request.query.items())
    signer = _OldVerifier(claim.key_id, secret, claim.expires)
    target = SplitResult("http", "host", path, arguments, "")
    return str(signer.get_signature(request.method, target, headers))


def now() -> float:
    """Seconds since 1970."""
    return time.time()
