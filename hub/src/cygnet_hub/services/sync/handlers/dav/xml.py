"""XML in and out. What comes in is parsed without DTD and within limits; what goes out is built as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, tostring
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ...model.errors import BadRequest

Name = tuple[str, str]

DAV = "DAV:"
OC = "http://owncloud.org/ns"
NC = "http://nextcloud.org/ns"
SABRE = "http://sabredav.org/ns"

PREFIXES = {DAV: "d", OC: "oc", NC: "nc", SABRE: "s"}
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
NAMESPACES = " ".join(f'xmlns:{prefix}="{uri}"' for uri, prefix in PREFIXES.items())

MAX_DEPTH = 20
MAX_ELEMENTS = 2000
MAX_PROPERTIES = 200


def parse(body: bytes) -> Element:
    """The root element of a request's body.

    Raises:
        BadRequest: not well-formed, with a DTD, or beyond the limits.
    """
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise BadRequest("The XML in the request cannot be read.") from None
    _check_limits(root)
    return root


def _check_limits(root: Element) -> None:
    count, level = 0, [root]
    for _ in range(MAX_DEPTH):
        count += len(level)
        level = [child for element in level for child in element]
        if not level:
            break
    if level or count > MAX_ELEMENTS:
        raise BadRequest("The XML in the request is too large.")


def name_of(element: Element) -> Name:
    """The (namespace, local name) of an element."""
    namespace, brace, local = element.tag.rpartition("}")
    return (namespace[1:], local) if brace else ("", element.tag)


def children(element: Element, name: Name) -> Iterator[Element]:
    """The direct children of this name."""
    return (child for child in element if name_of(child) == name)


def first(element: Element, name: Name) -> Element | None:
    """The first direct child of this name."""
    return next(children(element, name), None)


def names_in(prop: Element) -> list[Name]:
    """The names of the elements in a `prop` element; text between them is ignored.

    Raises:
        BadRequest: too many.
    """
    if len(prop) > MAX_PROPERTIES:
        raise BadRequest(
            "At most {properties} properties can be asked for at once.", properties=MAX_PROPERTIES
        )
    return [name_of(child) for child in prop]


def text_of(element: Element) -> str:
    """The text in an element, markup left out."""
    return "".join(element.itertext())


def serialize(element: Element) -> str:
    """An element as text that declares every namespace that it uses."""
    tail, element.tail = element.tail, None
    text = tostring(element, encoding="unicode")
    element.tail = tail
    return text


def tag(name: Name, inner: str = "") -> str:
    """An element with this content, which is XML already."""
    opening, closing, empty = tags(name)
    return f"{opening}{inner}{closing}" if inner else empty


def tags(name: Name) -> tuple[str, str, str]:
    """What stands before the content of an element, what behind it, and the element without content."""
    opened, closed = _names(name)
    return f"<{opened}>", f"</{closed}>", f"<{opened}/>"


def _names(name: Name) -> tuple[str, str]:
    namespace, local = name
    prefix = PREFIXES.get(namespace)
    if prefix is not None:
        return f"{prefix}:{local}", f"{prefix}:{local}"
    if not namespace:
        return local, local
    return f"x:{local} xmlns:x={quoteattr(namespace)}", f"x:{local}"


#: What text cannot show as it is.
_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b\x0c\x0e-\x1f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def text(value: str) -> str:
    """Text as XML has it; characters that XML cannot carry are replaced."""
    return escape(_CONTROL.sub("\ufffd", value)) if _SPECIAL.search(value) else value
