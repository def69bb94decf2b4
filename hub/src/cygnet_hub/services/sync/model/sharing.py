"""Shares as requests and answers: roles, dates, free names."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from .errors import BadRequest
from .node import EDITOR, VIEWER, Kind, Permission

ShareKind = Literal["user", "group", "link"]
Role = Literal["viewer", "editor"]
State = Literal["pending", "accepted", "declined"]

MAX_NOTE = 2000
MAX_LABEL = 200
MAX_PASSWORD = 1000

ROLES: dict[str, Permission] = {"viewer": VIEWER, "editor": EDITOR}


@dataclass(frozen=True)
class ShareRequest:
    """What somebody wants to share; `expires` is "YYYY-MM-DD" or empty, `password` for links only."""

    path: str
    kind: ShareKind
    grantee: str = ""
    permissions: Permission = VIEWER
    password: str = ""
    expires: str = ""
    note: str = ""
    label: str = ""


@dataclass(frozen=True)
class ShareChange:
    """What is to change of a share; None leaves a thing as it is, an empty text takes it away."""

    permissions: Permission | None = None
    password: str | None = None
    expires: str | None = None
    note: str | None = None
    label: str | None = None


def role_of(permissions: Permission) -> Role:
    """The role that permissions amount to: whoever may change or add anything is an editor."""
    return "editor" if permissions & (Permission.UPDATE | Permission.CREATE) else "viewer"


def permissions_of(role: str) -> Permission:
    """The permissions of a role.

    Raises:
        BadRequest: there is no such role.
    """
    if role not in ROLES:
        raise BadRequest('"{role}" is not a role; a share is for a viewer or an editor.', role=role)
    return ROLES[role]


def fitting(permissions: Permission, kind: Kind) -> Permission:
    """The permissions that make sense: nothing can be created in a file, and who may write may also read.

    Raises:
        BadRequest: reading is not among them; upload-only shares are not offered.
    """
    if Permission.READ not in permissions:
        raise BadRequest("A share must at least allow to view.")
    return permissions & ~(Permission.CREATE | Permission.DELETE) if kind == "file" else permissions


def expiry(text: str, now: float) -> float | None:
    """The moment at which a share that expires on a date stops to count: the end of that day, UTC.

    Args:
        text: "YYYY-MM-DD", or with a time behind it, which is ignored; empty for never.
        now: seconds since 1970.

    Raises:
        BadRequest: it is no date, or lies in the past.
    """
    if not text:
        return None
    try:
        day = datetime.date.fromisoformat(text[:10])
        end = datetime.datetime.combine(day, datetime.time(), datetime.UTC) + datetime.timedelta(days=1)
    except (ValueError, OverflowError):
        raise BadRequest('"{text}" is not a date; write it as 2030-12-31.', text=text[:40]) from None
    if end.timestamp() <= now:
        raise BadRequest("The expiry date lies in the past.")
    return end.timestamp()


def expiry_date(moment: float | None) -> str | None:
    """The date, "YYYY-MM-DD", that `expiry` made this moment of."""
    if moment is None:
        return None
    return datetime.datetime.fromtimestamp(moment - 1, datetime.UTC).date().isoformat()


def numbered(name: str, number: int, *, folder: bool) -> str:
    """The `number`th name to try for a copy: "x.ipynb", then "x (2).ipynb"; cut to 255 bytes."""
    stem, dot, suffix = name.rpartition(".")
    if folder or not stem:
        stem, dot, suffix = name, "", ""
    tail = ("" if number < 2 else f" ({number})") + dot + suffix
    room = max(0, 255 - len(tail.encode()))
    return stem.encode()[:room].decode("utf-8", "ignore") + tail
