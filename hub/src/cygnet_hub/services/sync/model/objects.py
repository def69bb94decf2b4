"""Objects of S3: a file, with what a client of S3 said of it besides its bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from .errors import BadRequest, NotFound
from .node import Checksums, Node

#: Of a folder, and of an empty file.
EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"


class NoSuchUpload(NotFound):
    """The multipart upload was finished, given up, or never begun."""

    code = "NoSuchUpload"


class InvalidPart(BadRequest):
    """A part that is named when an upload is finished has not come, or is another."""

    code = "InvalidPart"


class InvalidPartOrder(BadRequest):
    """The parts are not named in their order."""

    code = "InvalidPartOrder"


@dataclass(frozen=True)
class Facts:
    """What is kept of an object besides its bytes.

    Args:
        headers: of an answer, such as Content-Type; names in lower case.
        metadata: the client's own, without `x-amz-meta-`.
        checksums: by algorithm, as S3 writes them.
        checksum_type: FULL_OBJECT or COMPOSITE.
        parts: sizes in bytes of the parts that it was uploaded in.
        tags: by name.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)
    checksum_type: str = ""
    parts: tuple[int, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """As the database keeps it."""
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def of(cls, text: str) -> Facts:
        """What `to_json` wrote."""
        kept = json.loads(text)
        return cls(**{**kept, "parts": tuple(kept.get("parts", ()))})

    @property
    def mtime(self) -> float | None:
        """The time that rclone and s3fs-fuse keep of a file, in seconds since 1970."""
        try:
            seconds = float(self.metadata.get("mtime", ""))
        except ValueError:
            return None
        return seconds if 0 <= seconds < 1 << 40 else None


@dataclass(frozen=True)
class StoredObject:
    """An object, seen by one principal.

    Args:
        etag: without quotes: the MD5, or of a multipart upload the MD5 of those of its parts.
        modified: when it was stored, by this machine's clock, in seconds since 1970.
    """

    node: Node
    etag: str
    modified: float
    facts: Facts


def etag_of(stored: str | None, checksums: Checksums, version: int) -> str:
    """The etag that S3's clients see: one that holds a dash is no MD5, and they know it."""
    return stored or checksums.md5 or f"{version:032x}-1"


@dataclass(frozen=True)
class Expected:
    """What a request expects of the object that it changes or copies.

    Args:
        match, none_match: etags without quotes, or ("*",); None when nothing is expected.
        since, until: it must, or must not, have been stored after this time (seconds since 1970).
    """

    match: tuple[str, ...] | None = None
    none_match: tuple[str, ...] | None = None
    since: float | None = None
    until: float | None = None


NOTHING_EXPECTED = Expected()
