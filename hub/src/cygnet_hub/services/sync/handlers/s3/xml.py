"""XML of S3, in and out. It comes in without DTD and within limits, and goes out as text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Union
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ..dav.xml import text
from .errors import MalformedXml

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
MAX_DEPTH = 8

#: What an element holds: text, other elements, or nothing.
Inner = Union[str, int, bool, "Iterable[Item]", None]
Item = tuple[str, Inner]


def document(name: str, inner: Iterable[Item], namespace: str = NAMESPACE) -> str:
    """A whole answer."""
    return f'{HEAD}<{name} xmlns="{namespace}">{_inside(inner)}</{name}>'


def _inside(items: Iterable[Item]) -> str:
    return "".join(_element(name, inner) for name, inner in items if inner is not None)


def _element(name: str, inner: Inner) -> str:
    return f"<{name}>{_text(inner)}</{name}>"


def _text(inner: Inner) -> str:
    if isinstance(inner, bool):
        return "true" if inner else "false"
    if isinstance(inner, str | int):
        return text(str(inner))
    return _inside(inner or ())


def stamp(seconds: float) -> str:
    """A time as S3 writes it."""
    moment = datetime.fromtimestamp(int(seconds), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def parse(body: bytes, root: str) -> Element:
    """The root element of a request's body.

    Raises:
        MalformedXml: not well-formed, with a DTD, too deep, or another element.
    """
    try:
        found: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise MalformedXml("The XML in the request cannot be read.") from None
    level = [found]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
    if level or _local(found) != root:
        raise MalformedXml(f"The XML in the request must be one element {root}.")
    return found


def _local(element: Element) -> str:
    """The name of an element; clients put it in S3's namespace, or in none."""
    return element.tag.rpartition("}")[2]


def below(element: Element, name: str) -> list[Element]:
    """The direct children of this name."""
    return [child for child in element if _local(child) == name]


def value(element: Element, name: str, default: str | None = None) -> str:
    """The text in the one child of this name.

    Raises:
        MalformedXml: it is missing and there is no default.
    """
    found = below(element, name)
    if not found:
        if default is None:
            raise MalformedXml(f"The XML in the request lacks {name}.")
        return default
    return found[0].text or ""
