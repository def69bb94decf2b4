"""Notebooks as they are compared: texts in one piece, and a short name in place of each cell's outputs.

Outputs are compared as a whole, by their name: comparing long ones line by line takes minutes and tells
nobody anything.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import nbformat

Book = dict[str, Any]
Cell = dict[str, Any]

#: What a damaged file makes nbformat say.
_UNREADABLE = (
    *(ValueError, RecursionError, KeyError, AttributeError, TypeError),
    *(nbformat.ValidationError, nbformat.reader.NotJSONError),
)

#: Larger ones, outputs aside, are neither compared nor merged.
MAX_BYTES = 4 << 20


@dataclass(frozen=True)
class Light:
    """A notebook without its outputs.

    Args:
        book: the notebook; the outputs of a cell are one line of text, their name, or none.
        outputs: what the names stand for: the outputs of a cell and when it ran.
    """

    book: Book
    outputs: dict[str, Cell] = field(default_factory=dict)

    @property
    def cells(self) -> list[Cell]:
        """The cells, in their order."""
        return list(self.book["cells"])


def read(data: bytes) -> Book | None:
    """The notebook in a file, in the present format; None if it is none, or one of another age."""
    try:
        found: Book = nbformat.reads(data.decode(), as_version=4)
    except _UNREADABLE:
        return None
    return found


def lighten(book: Book) -> Light | None:
    """A notebook made ready to be compared; None if it is too large for that or not one of format 4."""
    if book.get("nbformat") != 4 or not isinstance(book.get("cells"), list):
        return None
    outputs: dict[str, Cell] = {}
    cells = [_light_cell(cell, outputs) for cell in book["cells"]]
    metadata = {key: value for key, value in book["metadata"].items() if key != "orig_nbformat"}
    light = {**book, "metadata": metadata, "cells": cells}
    return Light(light, outputs) if len(json.dumps(light)) <= MAX_BYTES else None


def _light_cell(cell: Cell, outputs: dict[str, Cell]) -> Cell:
    metadata = {key: value for key, value in cell["metadata"].items() if key != "trusted"}
    light = {**cell, "metadata": metadata, "source": _joined(cell["source"])}
    if "outputs" in cell:
        light["outputs"] = []
        light["execution_count"] = None
        if cell["outputs"]:
            light["outputs"] = [_named(cell, outputs)]
    return light


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _named(cell: Cell, outputs: dict[str, Cell]) -> dict[str, str]:
    timeless = [
        {key: value for key, value in one.items() if key != "execution_count"} for one in cell["outputs"]
    ]
    name = hashlib.sha256(json.dumps(timeless, sort_keys=True).encode()).hexdigest()
    outputs[name] = {key: cell[key] for key in ("outputs", "execution_count") if key in cell}
    return {"output_type": "stream", "name": "stdout", "text": name}


def outputs_name(cell: Cell) -> str:
    """The name of a light cell's outputs; empty if it has none."""
    found = cell.get("outputs") or []
    return str(found[0].get("text", "")) if found else ""


def of_text(text: str) -> Light:
    """A text as a notebook of one cell, so that texts are compared and merged by the same means."""
    cell = {"cell_type": "raw", "id": "text", "metadata": {}, "source": text}
    return Light({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})
