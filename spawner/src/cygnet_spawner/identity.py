"""Who a session runs as: its numbers, its folder names, and the account files that it sees."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from urllib.parse import quote

_PLAIN = re.compile(r"[a-z0-9_][a-z0-9._-]{0,63}")
_LONGEST = 100  # bytes of a folder name; leaves room for what programs append to a home's name


@dataclass(frozen=True)
class Identity:
    """A person as the operating system sees them.

    Args:
        name: the hub's name of the person, any text.
        folder: the same as one safe component of a path; different names have different folders.
        uid: user number of the session.
        gid: group number of the session.
        own: whether the number is the session's alone (the hub is root), or the hub's own.
    """

    name: str
    folder: str
    uid: int
    gid: int
    own: bool

    @property
    def home(self) -> str:
        """The home directory as the session sees it."""
        return f"/home/{self.folder}"

    def passwd(self) -> str:
        """Text of the session's /etc/passwd: root, the person, and nobody."""
        return (
            "root:x:0:0:root:/root:/usr/sbin/nologin\n"
            f"{self.folder}:x:{self.uid}:{self.gid}::{self.home}:/bin/bash\n"
            "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
        )

    def group(self) -> str:
        """Text of the session's /etc/group."""
        return f"root:x:0:\n{self.folder}:x:{self.gid}:\nnogroup:x:65534:\n"


def folder_of(name: str) -> str:
    """Return `name` as one safe path component: as it is when plain, percent-encoded otherwise.

    A colon cannot appear, so the result is safe in /etc/passwd too. Very long names end in a digest.
    """
    if _PLAIN.fullmatch(name):
        return name
    encoded = quote(name, safe="").replace(".", "%2E").replace("~", "%7E")
    if len(encoded) <= _LONGEST and encoded:
        return "%" + encoded if _PLAIN.fullmatch(encoded) else encoded
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"%{encoded[:60]}%{digest}"


def identity_of(name: str, uid: int | None) -> Identity:
    """Return who `name` runs as.

    Args:
        name: the hub's name of the person.
        uid: the number that is theirs alone; None where the hub cannot choose numbers.
    """
    folder = folder_of(name)
    if uid is None:
        return Identity(name, folder, os.getuid(), os.getgid(), own=False)
    return Identity(name, folder, uid, uid, own=True)
