"""Files that were opened a moment ago: while nothing at all is committed, they are opened without a look.

Who reads a file in parts opens it for each of them. What was found then, that the person may read it and
where its bytes lie, is still true while the database has not changed. Where time or the hub has a say as
well, as with shares that end or are for a group, it is looked up each time.
"""

from __future__ import annotations

from typing import NamedTuple

from ..model.node import Content, Node
from ..model.principal import Principal
from ..store.stillness import Stillness
from .rechecks import KEY
from .view import Location

MAX_FILES = 500
#: Bytes of checksums of blocks: 64 KiB for each GiB of a file.
MAX_SUMS = 8 << 20


class Found(NamedTuple):
    """A file, where somebody sees it, and where its bytes lie."""

    place: Location
    node: Node
    content: Content


class Recent:
    """What was opened since the last commit. One thread uses it.

    Args:
        stillness: of the database.
    """

    def __init__(self, stillness: Stillness) -> None:
        self._stillness = stillness
        self._moment: int | None = None
        self._found: dict[tuple[Principal, str], Found] = {}
        self._sums = 0

    def moment(self) -> int | None:
        """To be asked for before something is looked up that may be kept; what is older is forgotten."""
        moment = self._stillness.moment()
        if moment != self._moment:
            self._forget()
            self._moment = moment
        return moment

    def get(self, principal: Principal, path: str) -> Found | None:
        """What was found at the moment that was asked for last."""
        return self._found.get((principal, path))

    def keep(self, principal: Principal, path: str, found: Found, moment: int | None) -> None:
        """Remember what was looked up after `moment`, where only the database has a say in it."""
        mount = found.place.mount
        depends = principal.kind != "user" or (mount is not None and not mount.fixed)
        if depends or moment is None or moment != self._moment or principal.recheck.startswith(KEY):
            return
        self._sums += sum(len(piece.sums) for piece in found.content.pieces)
        if len(self._found) >= MAX_FILES or self._sums > MAX_SUMS:
            self._forget()
            return
        self._found[principal, path] = found

    def _forget(self) -> None:
        self._found.clear()
        self._sums = 0
