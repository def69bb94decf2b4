"""Two changed copies of a notebook become one, cell by cell, where nobody is asked."""

from __future__ import annotations

import json

from cygnet_extensions.notebooks.light import MAX_BYTES, Light, lighten, read
from cygnet_extensions.notebooks.merge import merge

__all__ = ["MAX_BYTES", "merge_notebooks"]


def merge_notebooks(base: bytes, mine: bytes, theirs: bytes) -> bytes | None:
    """The notebook with the changes of both; None where a cell was changed by both, or one is no notebook.

    Takes a while: not for the event loop.

    Args:
        base: what both began with.
        mine: its metadata and outputs win.
        theirs: the other changed copy.
    """
    before, own, other = (_light(data) for data in (base, mine, theirs))
    if before is None or own is None or other is None:
        return None
    merged = merge(before, own, other)
    if merged.conflicts:
        return None
    return (json.dumps(merged.book, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def _light(data: bytes) -> Light | None:
    book = read(data) if len(data) <= MAX_BYTES else None
    return None if book is None else lighten(book)
