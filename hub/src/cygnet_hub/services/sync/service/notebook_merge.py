"""Two changed copies of a notebook become one, cell by cell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

#: Larger ones are not merged: comparing long outputs takes minutes.
MAX_BYTES = 4 << 20

#: Cells that both sides added stay, mine first; of outputs mine stay; a cell that both changed is a conflict.
_STRATEGIES = SimpleNamespace(
    merge_strategy="union",
    input_strategy="inline",
    output_strategy="use-local",
    ignore_transients=True,
    log_level="INFO",
)
#: How nbdime marks a cell that one side deleted and the other changed: the changed one stays.
_DELETED = ("<<<<<<< REMOTE CELL DELETED >>>>>>>\n", "<<<<<<< LOCAL CELL DELETED >>>>>>>\n")


def merge_notebooks(base: bytes, mine: bytes, theirs: bytes) -> bytes | None:
    """The notebook with the changes of both; None where a cell was changed by both, or one is no notebook.

    Takes a while: not for the event loop.

    Args:
        base: what both began with.
        mine: its metadata and outputs win.
        theirs: the other changed copy.
    """
    # Half a second to import, and most processes never merge.
    from nbdime.merging.notebooks import merge_notebooks as merge

    books = [_notebook(data) for data in (base, mine, theirs)]
    if not all(books):
        return None
    before, own, other = (dict(book or {}) for book in books)
    before["metadata"] = other["metadata"] = own["metadata"]
    merged, decisions = merge(_node(before), _node(own), _node(other), _STRATEGIES)
    if any(decision.conflict for decision in decisions):
        return None
    for cell in merged["cells"]:
        cell["source"] = _without_mark(cell["source"])
    return (json.dumps(merged, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def _notebook(data: bytes) -> dict[str, Any] | None:
    """The notebook in a file, its texts in one piece; None if it is none of format 4."""
    try:
        found = json.loads(data) if len(data) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("nbformat") != 4:
        return None
    if not isinstance(found.get("metadata"), dict) or not isinstance(found.get("cells"), list):
        return None
    return found if all(_joined(found["cells"])) else None


def _joined(cells: list[Any]) -> Iterator[bool]:
    """Whether each cell is one, after its lines were put together."""
    for cell in cells:
        good = isinstance(cell, dict) and isinstance(cell.get("source"), str | list) and "cell_type" in cell
        if good and isinstance(cell["source"], list):
            cell["source"] = "".join(str(line) for line in cell["source"])
        yield good


def _node(book: dict[str, Any]) -> Any:
    from nbformat import from_dict

    return from_dict(book)


def _without_mark(source: str) -> str:
    for mark in _DELETED:
        source = source.removeprefix(mark)
    return source
