"""Files as they are compared and merged: notebooks by their cells, texts by their lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..notebooks import light
from ..notebooks.compare import CellDifference, compare
from ..notebooks.light import Light
from ..notebooks.merge import merge


@dataclass(frozen=True)
class Document:
    """Contents that can be compared.

    Args:
        type: "notebook" or "file".
        content: what a contents model has: a notebook or a text; None if there is nothing to compare.
    """

    type: str
    content: Any

    @classmethod
    def of(cls, kind: str, data: bytes) -> Document:
        """The contents of a file, as a notebook or a text."""
        if kind == "notebook":
            return cls("notebook", light.read(data))
        try:
            return cls("file", data.decode())
        except UnicodeDecodeError:
            return cls("file", None)

    @classmethod
    def of_model(cls, model: dict[str, Any]) -> Document:
        """What a model of the contents API holds."""
        comparable = model.get("format") in ("json", "text") and model.get("content") is not None
        return cls(model["type"], model["content"] if comparable else None)

    def light(self) -> Light | None:
        """It made ready to be compared; None if that cannot be."""
        if self.content is None:
            return None
        return light.lighten(self.content) if self.type == "notebook" else _text(self.content)


def _text(content: str) -> Light | None:
    text = content.replace("\r\n", "\n")
    return light.of_text(text) if len(text) <= light.MAX_BYTES else None


def differences(left: Document, right: Document) -> list[CellDifference] | None:
    """Return how two documents differ; None if they cannot be compared. Takes a while."""
    one, other = left.light(), right.light()
    return None if one is None or other is None else compare(one, other)


@dataclass(frozen=True)
class Resolution:
    """What two changed copies of a document have in common.

    Args:
        same: nobody's work is at stake: both are alike, or one of them is what both began with.
        cells: how they differ, theirs on the left; None if they cannot be compared.
        merged: content with the changes of both; None if it is not known what both began with.
        conflicts: cells of it with the texts of both.
    """

    same: bool
    cells: list[CellDifference] | None = None
    merged: Any = None
    conflicts: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return what a page is sent."""
        cells = None if self.cells is None else [cell.to_json() for cell in self.cells]
        return {"same": self.same, "cells": cells, "merged": self.merged, "conflicts": self.conflicts}


def resolve(base: Document | None, mine: Document, theirs: Document) -> Resolution:
    """Compare and merge two changed copies. Takes a while: not for the event loop."""
    one, other = mine.light(), theirs.light()
    origin = base.light() if base is not None else None
    if one is None or other is None:
        return Resolution(same=False)
    if other.book == one.book or (origin is not None and other.book == origin.book):
        return Resolution(same=True)
    cells = compare(other, one, origin)
    if origin is None:
        return Resolution(False, cells)
    merged = merge(origin, one, other)
    content = merged.book if mine.type == "notebook" else merged.book["cells"][0]["source"]
    return Resolution(False, cells, content, merged.conflicts)
