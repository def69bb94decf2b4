"""SEARCH (RFC 5323): the part of basicsearch that Nextcloud's clients use."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element

from ...model.errors import BadRequest
from ...service.properties import Described
from . import xml
from .render import PropertyList
from .xml import DAV, OC, Name

Value = str | float
Test = Callable[[Described], bool]

MAX_RESULTS = 1000

_VALUES: dict[Name, Callable[[Described], Value]] = {
    (DAV, "displayname"): lambda item: item.node.name.lower(),
    (DAV, "getcontenttype"): lambda item: item.node.mime.lower(),
    (DAV, "getlastmodified"): lambda item: item.node.mtime,
    (DAV, "getcontentlength"): lambda item: float(item.node.size),
    (OC, "size"): lambda item: float(item.node.size),
    (OC, "fileid"): lambda item: str(item.node.id),
    (OC, "favorite"): lambda item: "1" if item.favorite else "0",
}
_COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_YES = {"true": "1", "yes": "1", "false": "0", "no": "0"}


@dataclass(frozen=True)
class Query:
    """What is searched for.

    Args:
        asked: the properties to be shown.
        scope: the address to search below.
        test: what must hold.
        words: parts of every name that can fit.
        node: the one id that can fit, if one is named.
        order: what to sort by, each with whether the largest comes first.
        limit: how many at most, from the `first` on.
    """

    asked: PropertyList
    scope: str
    test: Test
    words: Sequence[str]
    node: int | None
    order: Sequence[tuple[Callable[[Described], Value], bool]]
    limit: int
    first: int

    def pick(self, found: Sequence[Described]) -> list[Described]:
        """Those of `found` that fit, in order."""
        fitting = [item for item in found if self.test(item)]
        for value, backwards in reversed(self.order):
            fitting.sort(key=value, reverse=backwards)
        return fitting[self.first : self.first + self.limit]


def parse_search(body: bytes) -> Query:
    """The query in the body of SEARCH.

    Raises:
        BadRequest: it is not one that can be answered here.
    """
    root = xml.parse(body)
    search = xml.first(root, (DAV, "basicsearch"))
    if xml.name_of(root) != (DAV, "searchrequest") or search is None:
        raise BadRequest("The body is not a searchrequest with a basicsearch.")
    select, scope = _inner(search, "select", "prop"), _inner(search, "from", "scope", "href")
    where = _inner(search, "where")
    conditions = list(where) if where is not None else []
    limit = _inner(search, "limit")
    return Query(
        asked=PropertyList(xml.names_in(select) if select is not None else None),
        scope=xml.text_of(scope).strip() if scope is not None else "",
        test=_all([_test(one) for one in conditions]),
        words=[word for one in conditions for word in _words(one)],
        node=next((node for one in conditions for node in _ids(one)), None),
        order=_order(search),
        limit=min(_count(limit, "nresults", MAX_RESULTS), MAX_RESULTS),
        first=_count(limit, "firstresult", 0),
    )


def _inner(element: Element, *names: str) -> Element | None:
    found: Element | None = element
    for name in names:
        found = next((c for c in found if xml.name_of(c)[1] == name), None) if found is not None else None
    return found


def _count(limit: Element | None, name: str, default: int) -> int:
    found = _inner(limit, name) if limit is not None else None
    text = xml.text_of(found).strip() if found is not None else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default


def _all(tests: Sequence[Test]) -> Test:
    return lambda item: all(test(item) for test in tests)


def _test(condition: Element) -> Test:
    name = xml.name_of(condition)[1]
    if name in ("and", "or"):
        tests, combine = [_test(one) for one in condition], all if name == "and" else any
        return lambda item: combine(test(item) for test in tests)
    if name == "not":
        inner = _all([_test(one) for one in condition])
        return lambda item: not inner(item)
    if name == "is-collection":
        return lambda item: item.node.is_folder
    value, literal = _operands(condition)
    if name == "like":
        pattern = _like(str(literal))
        return lambda item: pattern.fullmatch(str(value(item))) is not None
    compare = _COMPARE.get(name)
    if compare is None:
        raise BadRequest('The condition "{name}" is not known here.', name=name)
    return lambda item: compare(value(item), literal)


def _operands(condition: Element) -> tuple[Callable[[Described], Value], Value]:
    """How to get at the property that a condition is about, and what it is compared with."""
    prop, literal = _inner(condition, "prop"), _inner(condition, "literal")
    names = xml.names_in(prop) if prop is not None else []
    # Nextcloud's own documentation has fileid in the namespace of WebDAV.
    name = (OC, names[0][1]) if names and names[0][1] == "fileid" else names[0] if names else ("", "")
    if name not in _VALUES or literal is None:
        raise BadRequest("A condition of the search names no property that can be searched for.")
    text = xml.text_of(literal).strip()
    if name == (DAV, "getlastmodified"):
        return _VALUES[name], _time(text)
    if name in ((OC, "size"), (DAV, "getcontentlength")):
        return _VALUES[name], _number(text)
    return _VALUES[name], _YES.get(text.lower(), text.lower()) if name[1] == "favorite" else text.lower()


def _like(pattern: str) -> re.Pattern[str]:
    """% stands for anything, _ for one character."""
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(char) or re.escape(char) for char in pattern), re.DOTALL)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadRequest("A size in the search is not a number.") from None


def _time(text: str) -> float:
    for parse in (float, _iso, _http):
        try:
            return parse(text)
        except ValueError:
            continue
    raise BadRequest("A time in the search cannot be read.")


def _iso(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _http(text: str) -> float:
    return parsedate_to_datetime(text).timestamp()


def _words(condition: Element) -> list[str]:
    """Parts that the name of whatever fits must have."""
    name = xml.name_of(condition)[1]
    if name == "and":
        return [word for one in condition for word in _words(one)]
    prop = _inner(condition, "prop")
    if name not in ("like", "eq") or prop is None or xml.names_in(prop)[:1] != [(DAV, "displayname")]:
        return []
    literal = _inner(condition, "literal")
    text = xml.text_of(literal).strip() if literal is not None else ""
    return [word for word in re.split(r"[%_]" if name == "like" else r"(?!)", text) if word]


def _ids(condition: Element) -> list[int]:
    """The id that whatever fits must have, if it is named."""
    name = xml.name_of(condition)[1]
    if name == "and":
        return [node for one in condition for node in _ids(one)]
    prop, literal = _inner(condition, "prop"), _inner(condition, "literal")
    if name not in ("like", "eq") or prop is None or literal is None:
        return []
    text = xml.text_of(literal).strip()
    is_id = [one[1] for one in xml.names_in(prop)] == ["fileid"]
    return [int(text)] if is_id and text.isascii() and text.isdecimal() and len(text) < 19 else []


def _order(search: Element) -> list[tuple[Callable[[Described], Value], bool]]:
    found = []
    orderby = _inner(search, "orderby")
    for order in orderby if orderby is not None else ():
        prop = _inner(order, "prop")
        names = xml.names_in(prop) if prop is not None else []
        if names and names[0] in _VALUES:
            found.append((_VALUES[names[0]], _inner(order, "descending") is not None))
    return found
