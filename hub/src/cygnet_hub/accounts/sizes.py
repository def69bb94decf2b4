"""Sizes as people write them."""

from __future__ import annotations

import re

_UNITS = {"": 1} | {
    unit + tail: base**power
    for power, unit in enumerate("kmgtp", start=1)
    for tail, base in (("", 1000), ("b", 1000), ("i", 1024), ("ib", 1024))
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")


def parse_size(text: str) -> int:
    """Return the bytes that `text` means: "10GB" is 10^10, "10GiB" is 10 * 2^30 (IEC 80000-13).

    Raises ValueError, in words for the person, when it means nothing.
    """
    match = _SIZE.fullmatch(text.strip().lower().removesuffix("bytes"))
    if match is None or (unit := match[2].removeprefix("b") if match[2] == "b" else match[2]) not in _UNITS:
        raise ValueError(f"{text!r} is not a size; write it like 500MB, 10GB or 1TiB.")
    return int(float(match[1]) * _UNITS[unit])


def show_size(size: int) -> str:
    """Return `size` bytes in the largest decimal unit that leaves a number of at least 1."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{size} B"
