"""PROPPATCH: what it asks to change, and the answer (RFC 4918 9.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz
from xml.etree.ElementTree import Element

from ...model.errors import BadRequest
from ...service.properties import MTIME, PropertyChange
from . import xml
from .render import HEAD_MULTISTATUS, LIVE, MULTISTATUS_END, propstat
from .xml import DAV, OC

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
FAVORITE = (OC, "favorite")
#: By these names clients set the modification time.
_MTIME_NAMES = {(DAV, "lastmodified"), (DAV, "getlastmodified")}


@dataclass(frozen=True)
class Asked:
    """One property in a PROPPATCH; `refused`: it is computed here and cannot be set."""

    change: PropertyChange
    refused: bool


def parse_changes(body: bytes) -> list[Asked]:
    """The changes that a body asks for, in its order.

    Raises:
        BadRequest: it is not a propertyupdate element, or names no property.
    """
    root = xml.parse(body)
    if xml.name_of(root) != (DAV, "propertyupdate"):
        raise BadRequest("The body is not a propertyupdate element.")
    changes = [_asked(action, element) for action, element in _instructions(root)]
    if not changes:
        raise BadRequest("The propertyupdate element names no property.")
    return changes


def _instructions(root: Element) -> Iterator[tuple[str, Element]]:
    for instruction in root:
        namespace, action = xml.name_of(instruction)
        if namespace != DAV or action not in ("set", "remove"):
            continue
        for prop in xml.children(instruction, (DAV, "prop")):
            lang = prop.get(_XML_LANG) or instruction.get(_XML_LANG)
            for element in prop:
                if lang and _XML_LANG not in element.attrib:
                    element.set(_XML_LANG, lang)  # the language is part of the value (RFC 4918 4.3)
                yield action, element


def _asked(action: str, element: Element) -> Asked:
    name = xml.name_of(element)
    if name == FAVORITE:
        marked = action == "set" and xml.text_of(element).strip().lower() in ("1", "true", "yes")
        return Asked(PropertyChange(name, "set", favorite=marked), False)
    if action == "remove":
        return Asked(PropertyChange(name, "remove"), name in LIVE)
    if name in _MTIME_NAMES:
        mtime = _time(xml.text_of(element))
        return Asked(PropertyChange(name if mtime is None else MTIME, "set", mtime=mtime), mtime is None)
    return Asked(PropertyChange(name, "set", xml.serialize(element)), name in LIVE)


def _time(value: str) -> float | None:
    """Seconds since 1970, written so or as an HTTP date; None when it is neither."""
    try:
        seconds = float(value)
    except ValueError:
        parsed = parsedate_tz(value)
        seconds = -1.0 if parsed is None else float(mktime_tz(parsed))
    return seconds if 0 <= seconds < 1 << 40 else None


def patch_response(href: str, asked: Sequence[Asked]) -> str:
    """The answer: all 200, or those that are refused 403 and the others 424, since then none was changed."""
    refused = [xml.tag(item.change.name) for item in asked if item.refused]
    others = [xml.tag(item.change.name) for item in asked if not item.refused]
    parts = [propstat(403, refused)] if refused else []
    if others:
        parts.append(propstat(424 if refused else 200, others))
    inner = "".join([f"<d:href>{xml.text(href)}</d:href>", *parts])
    return f"{HEAD_MULTISTATUS}<d:response>{inner}</d:response>{MULTISTATUS_END}"
