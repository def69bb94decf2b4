"""The JSON objects that are about certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from .operations import RequestModel


class SignedCertificate(RequestModel):
    """A certificate of the caller's (PEM), and the Base64 of what its key makes of `challenge` (SHA-256)."""

    certificate: Annotated[str, Field(max_length=100_000)]
    signature: Annotated[str, Field(max_length=10_000)]


class Claim(RequestModel):
    """A code that the owner of an account was given."""

    code: Annotated[str, Field(max_length=2_000)]


class Lifetime(RequestModel):
    """How many seconds a temporary key lives: 900 to 43200."""

    ttl: Annotated[float, Field(gt=0, lt=1 << 40)] = 3600.0


@dataclass(frozen=True)
class OneCertificate:
    """A certificate that opens the caller's files; `issuer` is empty for any accepted authority."""

    id: str
    subject: str
    issuer: str
    by_administrator: bool
    created: float
    last_used: float | None


@dataclass(frozen=True)
class Certificates:
    """All of the caller's; and what it takes to add one: where to connect to, a code, a text to sign."""

    certificates: list[OneCertificate]
    address: str
    code: str
    challenge: str


@dataclass(frozen=True)
class Claimed(OneCertificate):
    """A certificate that was added, and to whose account."""

    user: str


@dataclass(frozen=True)
class Membership:
    """What an organisation says of the owner of a proxy."""

    organisation: str
    names: list[str]


@dataclass(frozen=True)
class Presented:
    """What the certificate of a connection says, and whose it is here; `problem` is empty when it counts.

    `proxies` is how many proxies are in its chain, `expires` when the first of them is over.
    """

    subject: str
    issuer: str
    proxies: int
    limited: bool
    expires: float
    attributes: list[Membership]
    user: str | None
    problem: str


@dataclass(frozen=True)
class TemporaryKey:
    """An access key of S3 that ends by itself; `endpoint` is the address that S3 clients need."""

    id: str
    secret: str
    token: str
    expires: float
    endpoint: str
