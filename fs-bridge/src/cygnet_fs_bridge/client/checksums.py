"""What came, compared with the checksums that the service tells of it; one that tells none is believed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from .. import errors

#: The kinds that are compared; of what has just been stored the service may know only one of them.
_KINDS = {"SHA1": "sha1", "SHA256": "sha256"}


def digest(kind: str, data: bytes = b"") -> Any:
    """Return the sum of `data` of one kind, to be gone on with."""
    return hashlib.new(_KINDS[kind], data, usedforsecurity=False)


class Sums:
    """Checksums of bytes as they come."""

    def __init__(self) -> None:
        self._sums = {kind: digest(kind) for kind in _KINDS}

    @property
    def sha1(self) -> str:
        """The SHA-1 of all that came, in hexadecimal."""
        return str(self._sums["SHA1"].hexdigest())

    def update(self, data: bytes) -> None:
        """Go on with the next bytes."""
        for one in self._sums.values():
            one.update(data)

    def compare(self, told: str, path: str) -> None:
        """Compare all that came with what is told.

        Args:
            told: as `OC-Checksum` has it: "SHA1:... MD5:...".
            path: of the file, for the error.

        Raises:
            ChecksumMismatch: the bytes are not what the service has.
        """
        _compare(told, path, lambda kind: self._sums[kind])


def compare(data: bytes, told: str, path: str) -> None:
    """Do the same for bytes that came at once."""
    _compare(told, path, lambda kind: digest(kind, data))


def _compare(told: str, path: str, sum_of: Callable[[str], Any]) -> None:
    for kind, _, wanted in (one.partition(":") for one in told.upper().split()):
        if kind in _KINDS and sum_of(kind).hexdigest().upper() != wanted:
            raise errors.ChecksumMismatch("What came is not what the service has", path)
