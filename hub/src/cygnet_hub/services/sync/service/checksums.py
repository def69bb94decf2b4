"""The checksums of S3: computed as the bytes pass, and combined from those of parts.

CRC-32, CRC-32C and CRC-64/NVME of a whole can be computed from those of its parts; for SHA-1 and SHA-256 S3
has a digest of digests instead.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from awscrt import checksums as crt

from ..model.errors import BadRequest

#: The names that S3 has for them; with what a client sends none, it keeps the last.
ALGORITHMS = ("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME")
USUAL = "CRC64NVME"
FULL, COMPOSITE = "FULL_OBJECT", "COMPOSITE"


class Checker(Protocol):
    """A checksum of bytes that pass."""

    def update(self, data: bytes, /) -> None:
        """Go on with `data`."""
        ...

    def digest(self) -> bytes:
        """The checksum so far."""
        ...


class _Crc(NamedTuple):
    width: int
    go_on: Callable[[bytes, int], int]
    combine: Callable[[int, int, int], int]


_CRCS = {
    "CRC32": _Crc(4, crt.crc32, crt.combine_crc32),
    "CRC32C": _Crc(4, crt.crc32c, crt.combine_crc32c),
    "CRC64NVME": _Crc(8, crt.crc64nvme, crt.combine_crc64nvme),
}


class _CrcChecker:
    def __init__(self, kind: _Crc) -> None:
        self._kind, self._value = kind, 0

    def update(self, data: bytes, /) -> None:
        self._value = self._kind.go_on(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._kind.width, "big")


def checker(algorithm: str) -> Checker:
    """A new checksum of one of ALGORITHMS."""
    if algorithm == "SHA1":
        return hashlib.sha1(usedforsecurity=False)
    return hashlib.sha256() if algorithm == "SHA256" else _CrcChecker(_CRCS[algorithm])


def encode(digest: bytes) -> str:
    """A checksum as S3 writes it: Base64."""
    return base64.b64encode(digest).decode()


def decode(text: str) -> bytes:
    """The bytes of a checksum or MD5 that S3's way of writing has.

    Raises:
        BadRequest: it is not Base64.
    """
    try:
        return base64.b64decode(text.encode("ascii", "replace"), validate=True)
    except binascii.Error:
        raise BadRequest("A checksum in the request is not Base64.") from None


def kind_of(algorithm: str, wanted: str = "") -> str:
    """FULL or COMPOSITE: what the checksum of a multipart upload is, `wanted` or usual.

    Raises:
        BadRequest: the algorithm cannot have what is wanted.
    """
    usual = FULL if algorithm == "CRC64NVME" else COMPOSITE
    kind = wanted or usual
    possible = {"CRC64NVME": {FULL}, "SHA1": {COMPOSITE}, "SHA256": {COMPOSITE}}.get(
        algorithm, {FULL, COMPOSITE}
    )
    if kind not in possible:
        raise BadRequest(
            "A checksum of the kind {algorithm} cannot be {kind}.", algorithm=algorithm, kind=kind
        )
    return kind


def joined(algorithm: str, kind: str, parts: Sequence[tuple[str, int]]) -> str:
    """The checksum of a whole of parts.

    Args:
        parts: checksum (as S3 writes it) and size in bytes of each.
    """
    digests = [decode(checksum) for checksum, _ in parts]
    if kind == COMPOSITE:
        whole = checker(algorithm)
        whole.update(b"".join(digests))
        return f"{encode(whole.digest())}-{len(parts)}"
    crc, value = _CRCS[algorithm], 0
    for digest, (_, size) in zip(digests, parts, strict=True):
        value = crc.combine(value, int.from_bytes(digest, "big"), size)
    return encode(value.to_bytes(crc.width, "big"))
