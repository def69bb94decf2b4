"""Files and folders as the doors see them."""

from __future__ import annotations

import enum
import mimetypes
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

Kind = Literal["file", "folder"]


class Permission(enum.IntFlag):
    """What may be done with a node; the numbers are those of the OCS Share API."""

    READ = 1
    UPDATE = 2
    CREATE = 4
    DELETE = 8
    SHARE = 16


ALL = Permission.READ | Permission.UPDATE | Permission.CREATE | Permission.DELETE | Permission.SHARE
EDITOR = Permission.READ | Permission.UPDATE | Permission.CREATE | Permission.DELETE
VIEWER = Permission.READ


@dataclass(frozen=True)
class Checksums:
    """Digests of a file's contents in lower-case hex; empty where unknown."""

    sha256: str = ""
    sha1: str = ""
    md5: str = ""
    adler32: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        """Those that are known, as `OC-Checksum` names them."""
        return frozenset(kind.upper() for kind, value in vars(self).items() if value)

    def or_else(self, other: Checksums) -> Checksums:
        """These; where they are unknown, those of `other`."""
        return Checksums(**{kind: value or getattr(other, kind) for kind, value in vars(self).items()})

    def header(self) -> str:
        """As `OC-Checksum` and `oc:checksums` have them: "SHA1:... MD5:... ADLER32:...".

        Until one of these is known it is SHA-256, which sync clients understand as well.
        """
        pairs = (("SHA1", self.sha1), ("MD5", self.md5), ("ADLER32", self.adler32))
        listed = " ".join(f"{name}:{value}" for name, value in pairs if value)
        return listed or (f"SHA256:{self.sha256}" if self.sha256 else "")


@dataclass(frozen=True)
class Piece:
    """A stretch of an extent: `length` bytes from `offset` in the stored object `key`.

    Args:
        sums: checksums of the extent's blocks (see `store/sums.py`), with which every read is verified.
    """

    key: str
    offset: int
    length: int
    sums: bytes = b""


@dataclass(frozen=True)
class Content:
    """Durable bytes that are ready to become a file version."""

    size: int
    pieces: tuple[Piece, ...]
    checksums: Checksums = Checksums()


@dataclass(frozen=True)
class Node:
    """A file or folder, seen by one principal.

    Args:
        id: never used again for another node; survives rename and move.
        path: canonical path in the principal's own tree.
        size: bytes; for a folder the sum of what is below it.
        mtime: seconds since 1970.
        etag: without quotes; a folder's changes with everything below it.
        permissions: what this principal may do.
        letters: the same as `oc:permissions` has it, e.g. "RGDNVW".
        owner: account name of who owns the space.
        shared: it came from somebody else (letter S); `mounted`: it is the root of such a share (letter M).
        share_types: kinds of the shares that the owner made of it: 0 user, 1 group, 3 link.
    """

    id: int
    name: str
    path: str
    kind: Kind
    size: int
    mtime: float
    etag: str
    permissions: Permission
    owner: str
    space_id: int
    version_id: int | None = None
    created: float = 0.0
    checksums: Checksums = Checksums()
    shared: bool = False
    mounted: bool = False
    share_types: tuple[int, ...] = ()
    children_count: int | None = None
    letters: str = field(default="")

    @property
    def is_folder(self) -> bool:
        """Whether it holds other nodes."""
        return self.kind == "folder"

    @property
    def mime(self) -> str:
        """The media type after the file's name; "httpd/unix-directory" for a folder."""
        return "httpd/unix-directory" if self.is_folder else guess_mime(self.name)


def guess_mime(name: str) -> str:
    """The media type that a file's name suggests."""
    if name.endswith(".ipynb"):
        return "application/x-ipynb+json"
    if name.endswith(".root"):
        return "application/x-root"
    stem, *suffixes = name.rsplit(".", 2)
    return _mime_of(".".join([stem and "x", *suffixes]))


@lru_cache(1024)
def _mime_of(name: str) -> str:
    """`guess_mime` of a name whose stem does not matter: what comes before its last two suffixes."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


@lru_cache(256)
def permission_letters(kind: Kind, permissions: Permission, *, shared: bool, mounted: bool) -> str:
    """The letters of `oc:permissions`.

    S shared, R reshare, M mounted, G readable, D delete, N rename, V move, W write, C create file, K create
    folder.

    A mount can always be renamed, moved and deleted: that changes the receiver's tree only.
    """
    letters = "S" if shared else ""
    letters += "R" if Permission.SHARE in permissions else ""
    letters += "M" if mounted else ""
    letters += "G" if Permission.READ in permissions else ""
    letters += "D" if mounted or Permission.DELETE in permissions else ""
    letters += "NV" if mounted or Permission.UPDATE in permissions else ""
    if kind == "file":
        return letters + ("W" if Permission.UPDATE in permissions else "")
    return letters + ("CK" if Permission.CREATE in permissions else "")
