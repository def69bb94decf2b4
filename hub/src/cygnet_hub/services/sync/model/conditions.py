"""What a caller expects before a change: If-Match, If-None-Match and WebDAV's If (RFC 4918 10.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .errors import BadRequest

ANY = "*"


@dataclass(frozen=True)
class Clause:
    """One condition in a list: a lock token or an etag that must, or must not, hold."""

    value: str
    is_etag: bool
    negated: bool = False


@dataclass(frozen=True)
class IfList:
    """Clauses that must all hold for one resource.

    Args:
        path: in the caller's tree; None for the target of the request.
        foreign: the resource is not one of ours, so nothing holds for it.
    """

    clauses: tuple[Clause, ...]
    path: str | None = None
    foreign: bool = False


@dataclass(frozen=True)
class Conditions:
    """Everything a request expects.

    Args:
        if_match: etags without quotes, or ("*",); None when nothing is expected.
        if_none_match: likewise.
        lists: of the If header; one of them must hold.
    """

    if_match: tuple[str, ...] | None = None
    if_none_match: tuple[str, ...] | None = None
    lists: tuple[IfList, ...] = ()

    @property
    def tokens(self) -> frozenset[str]:
        """Every lock token that the caller submitted, in whatever list it stands."""
        return frozenset(c.value for item in self.lists for c in item.clauses if not c.is_etag)


NO_CONDITIONS = Conditions()

_ETAG = re.compile(r'\s*(?:(W/)?"([^"]*)"|(\*)|([^\s,"]+))\s*(?:,|$)')


def parse_etags(header: str | None) -> tuple[str, ...] | None:
    """The etags in an If-Match or If-None-Match header, without quotes; None when there is no header.

    Unquoted ones are accepted: clients send them. Weak ones never match, but are no error (RFC 9110 13.1.1).

    Raises:
        BadRequest: not a list of etags.
    """
    if header is None:
        return None
    found, position = [], 0
    while position < len(header):
        match = _ETAG.match(header, position)
        if match is None:
            raise BadRequest("The If-Match or If-None-Match header cannot be read.")
        weak, quoted, star, bare = match.groups()
        if star:
            found.append(ANY)
        elif bare:
            found.append(bare)
        else:
            found.append(f"W/{quoted}" if weak else quoted)
        position = match.end()
    return tuple(found)


_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<not>[Nn][Oo][Tt](?=[\s<\[]))|<(?P<uri>[^<>]*)>|\[(?P<etag>[^\]]*)\]|(?P<end>$))"
)


def parse_if(header: str | None, locate: Callable[[str], str | None]) -> tuple[IfList, ...]:
    """The lists in an If header.

    Args:
        header: its value, or None.
        locate: the path in the caller's tree of a resource tag's URL; None for one that is not ours.

    Raises:
        BadRequest: it does not follow the grammar of RFC 4918 10.4.2.
    """
    return _IfParser(header, locate).parse() if header is not None else ()


class _IfParser:
    def __init__(self, header: str, locate: Callable[[str], str | None]) -> None:
        self._header, self._locate = header, locate
        self._position = 0
        self._path: str | None = None
        self._foreign = False

    def parse(self) -> tuple[IfList, ...]:
        lists: list[IfList] = []
        tagged: bool | None = None
        fresh_tag = False
        while True:
            kind, value = self._next()
            if kind == "end":
                break
            if kind == "uri" and tagged is not False and not fresh_tag:
                tagged, fresh_tag = True, True
                self._path = self._locate(value)
                self._foreign = self._path is None
            elif kind == "open":
                tagged, fresh_tag = bool(tagged), False
                lists.append(IfList(self._clauses(), self._path, self._foreign))
            else:
                raise _malformed()
        if not lists or fresh_tag:
            raise _malformed()
        return tuple(lists)

    def _clauses(self) -> tuple[Clause, ...]:
        clauses: list[Clause] = []
        negated = False
        while True:
            kind, value = self._next()
            if kind == "not" and not negated:
                negated = True
            elif kind in ("uri", "etag"):
                clauses.append(_clause(kind, value, negated))
                negated = False
            elif kind == "close" and clauses and not negated:
                return tuple(clauses)
            else:
                raise _malformed()

    def _next(self) -> tuple[str, str]:
        match = _TOKEN.match(self._header, self._position)
        if match is None or match.lastgroup is None:
            raise _malformed()
        self._position = match.end()
        return match.lastgroup, match.group(match.lastgroup)


def _clause(kind: str, value: str, negated: bool) -> Clause:
    if kind == "uri":
        return Clause(value, False, negated)
    etags = parse_etags(value.strip())
    if etags is None or len(etags) != 1:
        raise _malformed()
    return Clause(etags[0], True, negated)


def _malformed() -> BadRequest:
    return BadRequest("The If header cannot be read.")
