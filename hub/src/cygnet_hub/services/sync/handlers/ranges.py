"""Byte ranges of a request (RFC 9110 section 14). `download.send_file` answers with them."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..model.errors import RangeNotSatisfiable
from .dates import http_date as http_date  # doors name it beside the ranges

#: First byte and the byte after the last.
Range = tuple[int, int]

#: More ranges than a client has reason to send; the whole file is sent instead.
MAX_RANGES = 1000

_RANGE = re.compile(r"\s*(\d*)\s*-\s*(\d*)\s*")


def parse_ranges(header: str | None, size: int) -> list[Range] | None:
    """The ranges that a `Range` header asks for; None when the whole file is to be sent.

    A header that cannot be read, asks for other units, or for far more than the file has, is ignored.

    Args:
        header: its value, or None.
        size: of the file in bytes.

    Raises:
        RangeNotSatisfiable: no range lies inside of the file.
    """
    unit, separator, listed = (header or "").partition("=")
    parts = listed.split(",")
    if not separator or unit.strip().lower() != "bytes" or len(parts) > MAX_RANGES:
        return None
    ranges: list[Range] = []
    for part in parts:
        match = _RANGE.fullmatch(part)
        if match is None or not any(match.groups()):
            return None
        span = _span(match.group(1), match.group(2), size)
        if span is None:
            return None
        if span[0] < span[1]:
            ranges.append(span)
    if not ranges:
        raise RangeNotSatisfiable(size)
    asked = sum(end - start for start, end in ranges)
    return ranges if asked <= 2 * size else None


def _span(first: str, last: str, size: int) -> Range | None:
    """The range in the file; empty when it lies outside, None when it makes no sense."""
    if len(first) > 18 or len(last) > 18:
        return (size, size) if first else (0, size)
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1 if last else size, size)


def stretch_of(header: str | None) -> Callable[[int], Range]:
    """Which stretch of a file of some size a `Range` header asks for, if it is one; else all of it."""

    def wanted(size: int) -> Range:
        try:
            ranges = parse_ranges(header, size)
        except RangeNotSatisfiable:
            return 0, 0
        return ranges[0] if ranges and len(ranges) == 1 else (0, size)

    return wanted
