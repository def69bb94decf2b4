"""Two changed copies of a notebook become one, cell by cell; what both changed stays visible."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from .light import Book, Cell, Light, outputs_name

#: Cells that both sides added stay, mine first; of outputs mine stay; where both changed, both texts stay.
_STRATEGIES = SimpleNamespace(
    merge_strategy="union",
    input_strategy="inline",
    output_strategy="use-local",
    ignore_transients=True,
    log_level="INFO",
)
#: How nbdime marks a cell that one side deleted and the other changed: the changed one stays.
_DELETED = ("<<<<<<< REMOTE CELL DELETED >>>>>>>\n", "<<<<<<< LOCAL CELL DELETED >>>>>>>\n")


@dataclass(frozen=True)
class Merged:
    """One notebook of two, and how many of its cells hold the texts of both."""

    book: Book
    conflicts: int


def merge(base: Light, mine: Light, theirs: Light) -> Merged:
    """Return the notebook with the changes of both; lines that both changed stand one below the other.

    Takes a while: not for the event loop.

    Args:
        base: what both began with.
        mine: its metadata and outputs win.
        theirs: the other changed copy.
    """
    # Half a second to import, and most sessions never merge.
    from nbdime.merging.notebooks import merge_notebooks

    metadata = mine.book["metadata"]
    books = [_node({**light.book, "metadata": metadata}) for light in (base, mine, theirs)]
    merged, decisions = merge_notebooks(*books, _STRATEGIES)
    outputs = {**base.outputs, **theirs.outputs, **mine.outputs}
    for cell in merged["cells"]:
        _finish(cell, outputs)
    return Merged(merged, sum(1 for decision in decisions if decision.conflict))


def _node(book: Book) -> Any:
    from nbformat import from_dict

    return from_dict(book)


def _finish(cell: Cell, outputs: dict[str, Cell]) -> None:
    for mark in _DELETED:
        cell["source"] = cell["source"].replace(mark, "")
    lines = cell["source"].split("\n")
    cell["source"] = "\n".join(_MARKS.get(line, line) for line in lines)
    if "outputs" in cell:
        cell.update(outputs.get(outputs_name(cell), {"outputs": []}))


_MARKS = {"<<<<<<< local": "<<<<<<< here", ">>>>>>> remote": ">>>>>>> elsewhere"}
