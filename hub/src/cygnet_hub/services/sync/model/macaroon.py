"""Macaroons in the format of libmacaroons, version 1: what dCache, XRootD and their clients exchange.

A macaroon is an identifier with a signature that only its maker can compute, and caveats. Each caveat is
signed with the signature before it, so whoever holds a macaroon can add caveats and nobody can take one away
(Birgisson et al., NDSS 2014). Written by hand, since the one library for Python takes lengths with a minus
sign and can be made to read such a token for ever.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace

#: Bytes of a packet's length, which counts itself.
_PREFIX = 4
_SIGNATURE_BYTES = 32
#: The first characters of every macaroon: a packet of less than 4 KiB in Base64.
_BEGINNING = "MD"
#: A request has room for less; a longer one is none of ours.
LONGEST = 16 << 10
_MOST_CAVEATS = 100


class BadMacaroon(ValueError):
    """These bytes are no macaroon."""


def looks_like_macaroon(token: str) -> bool:
    """Whether a bearer token is to be read as a macaroon; no other credential looks so."""
    return len(token) > 64 and token.startswith(_BEGINNING)


@dataclass(frozen=True)
class Macaroon:
    """A macaroon.

    Args:
        location: a hint where it can be used; not signed, so nothing is decided by it.
        identifier: what its maker knows it by.
        caveats: what holders and the maker have limited it to.
        signature: of the identifier and all caveats.
    """

    location: str
    identifier: bytes
    signature: bytes
    caveats: tuple[bytes, ...] = ()

    @classmethod
    def make(cls, location: str, identifier: bytes, key: bytes) -> Macaroon:
        """A macaroon without caveats, signed with the maker's secret `key`."""
        root = hmac.digest(b"macaroons-key-generator", key, "sha256")
        return cls(location, identifier, hmac.digest(root, identifier, "sha256"))

    def limited(self, caveat: str) -> Macaroon:
        """This macaroon with one caveat more."""
        told = caveat.encode()
        signature = hmac.digest(self.signature, told, "sha256")
        return replace(self, caveats=(*self.caveats, told), signature=signature)

    def is_signed_with(self, key: bytes) -> bool:
        """Whether the maker was who has `key`; takes the same time for any wrong signature."""
        expected = Macaroon.make("", self.identifier, key).signature
        for caveat in self.caveats:
            expected = hmac.digest(expected, caveat, "sha256")
        return hmac.compare_digest(expected, self.signature)

    def serialize(self) -> str:
        """As it goes into `Authorization: Bearer`."""
        packets = [
            (b"location", self.location.encode()),
            (b"identifier", self.identifier),
            *((b"cid", caveat) for caveat in self.caveats),
            (b"signature", self.signature),
        ]
        return base64.urlsafe_b64encode(b"".join(map(_packet, packets))).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Macaroon:
        """Read what `serialize`, or another program, wrote.

        Raises:
            BadMacaroon: it cannot be read, or has a caveat that a third party would have to discharge.
        """
        if len(text) > LONGEST:
            raise BadMacaroon("it is too long")
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        try:
            packets = list(_packets(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)))
            location = packets[0][1].decode()
        except (binascii.Error, UnicodeError, IndexError) as error:
            raise BadMacaroon("it is not in the format of version 1") from error
        names = [name for name, _ in packets]
        if names != [b"location", b"identifier", *[b"cid"] * (len(packets) - 3), b"signature"]:
            raise BadMacaroon("its parts are not those of a macaroon of this service")
        (_, identifier), *caveats, (_, signature) = packets[1:]
        if len(signature) != _SIGNATURE_BYTES or len(caveats) > _MOST_CAVEATS:
            raise BadMacaroon("its signature is too short, or it has too many caveats")
        return cls(location, identifier, signature, tuple(caveat for _, caveat in caveats))


def _packet(part: tuple[bytes, bytes]) -> bytes:
    name, value = part
    return b"%04x%b %b\n" % (_PREFIX + len(name) + 1 + len(value) + 1, name, value)


def _packets(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    while data:
        length, rest = data[:_PREFIX], data[_PREFIX:]
        # int() takes signs and blanks, too.
        size = int(length, 16) - _PREFIX if _is_hexadecimal(length) else -1
        name, space, value = rest[: max(size, 0)].partition(b" ")
        if not space or size > len(rest) or not value.endswith(b"\n"):
            raise BadMacaroon("one of its parts has a wrong length")
        yield name, value[:-1]
        data = rest[size:]


def _is_hexadecimal(length: bytes) -> bool:
    return len(length) == _PREFIX and all(byte in b"0123456789abcdefABCDEF" for byte in length)
