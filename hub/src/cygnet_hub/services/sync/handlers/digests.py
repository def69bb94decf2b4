"""Digests of whole files for clients of the grid: Want-Digest and Digest (RFC 3230)."""

from __future__ import annotations

import base64

from ..model.node import Checksums

_NAMES = {"adler32": "ADLER32", "md5": "MD5", "sha": "SHA1", "sha-256": "SHA256"}
#: Most kinds that one request can ask for; the header is as long as anybody likes.
_MOST = 10


def digest(wanted: str, known: Checksums) -> str:
    """The value of the Digest header that a Want-Digest header asks for, empty where nothing of it is known.

    Args:
        wanted: kinds with their weights, such as "adler32;q=1, sha-256;q=0.5"; zero means "not this one".
        known: of the file.
    """
    values = {
        "adler32": known.adler32,
        "md5": _base64(known.md5),
        "sha": _base64(known.sha1),
        "sha-256": _base64(known.sha256),
    }
    weighed = sorted(map(_weighed, wanted.split(",")[:_MOST]), key=lambda pair: -pair[1])
    kinds = dict.fromkeys(kind for kind, weight in weighed if weight > 0 and values.get(kind))
    return ",".join(f"{kind}={values[kind]}" for kind in kinds)


def kinds_of(wanted: str) -> frozenset[str]:
    """The kinds of checksums, as `OC-Checksum` names them, that a Want-Digest header asks for."""
    weighed = map(_weighed, wanted.split(",")[:_MOST])
    return frozenset(_NAMES[kind] for kind, weight in weighed if weight > 0 and kind in _NAMES)


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def _weighed(part: str) -> tuple[str, float]:
    kind, _, parameter = part.partition(";")
    _, _, weight = parameter.partition("q=")
    try:
        return kind.strip().lower(), float(weight or "1")
    except ValueError:
        return "", 0.0
