"""The difference between two notebooks, cell by cell and line by line, as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal

from .light import Cell, Light, outputs_name

Side = Literal["same", "left", "right"]
Who = Literal["left", "right", "both"]

_AROUND = 3  # unchanged lines that are shown before and after a change


@dataclass(frozen=True)
class Lines:
    """Lines that both sides have, or one; those in `skipped` are not shown."""

    side: Side
    text: str = ""
    skipped: int = 0


@dataclass(frozen=True)
class CellDifference:
    """One cell, or several in a row that do not differ.

    Args:
        kind: "same", "changed", or the only side that has it.
        cell_type: "code", "markdown" or "raw".
        count: of the cells that are the same.
        who: which side did it, as far as is known what both began with.
        lines: its source.
        outputs: its outputs differ.
    """

    kind: Literal["same", "changed", "left", "right"]
    cell_type: str = ""
    count: int = 1
    who: Who | None = None
    lines: list[Lines] = field(default_factory=list)
    outputs: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return what a page is sent."""
        return asdict(self)


def compare(left: Light, right: Light, base: Light | None = None) -> list[CellDifference]:
    """Return the cells of two notebooks, in their order, with what differs.

    Takes a while: not for the event loop.

    Args:
        left: one of them.
        right: the other.
        base: what both began with, if that is known.
    """
    origin = _Origin(base)
    found: list[CellDifference] = []
    for one, other in _pairs(left, right):
        difference = _difference(one, other, origin)
        if difference.kind == "same" and found and found[-1].kind == "same":
            found[-1] = CellDifference("same", count=found[-1].count + 1)
        else:
            found.append(difference)
    return found


def differ(cells: list[CellDifference]) -> bool:
    """Whether there is any difference among `cells`."""
    return any(cell.kind != "same" for cell in cells)


def _pairs(left: Light, right: Light) -> Iterator[tuple[Cell | None, Cell | None]]:
    """Which cell of one side belongs to which of the other, as nbdime finds it."""
    # Half a second to import, and most sessions never compare.
    from nbdime.diffing.notebooks import diff_notebooks

    ops: Any = next((op.diff for op in diff_notebooks(_node(left), _node(right)) if op.key == "cells"), [])
    ours, theirs = iter(left.cells), iter(right.cells)
    at = 0
    for op in ops:
        for _ in range(op.key - at):
            yield next(ours), next(theirs)
        at = op.key
        if op.op == "addrange":
            yield from ((None, next(theirs)) for _ in op.valuelist)
        elif op.op == "removerange":
            yield from ((next(ours), None) for _ in range(op.length))
            at += op.length
        else:
            yield from _patched(next(ours), next(theirs))
            at += 1
    yield from zip(ours, theirs, strict=True)


def _patched(one: Cell, other: Cell) -> Iterator[tuple[Cell | None, Cell | None]]:
    """Two cells that nbdime finds alike; if their ids say otherwise, they are two."""
    if one.get("id") == other.get("id"):
        yield one, other
    else:
        yield one, None
        yield None, other


def _node(light: Light) -> Any:
    from nbformat import from_dict

    return from_dict({**light.book, "metadata": {}})


class _Origin:
    """What both sides began with, to tell who changed a cell."""

    def __init__(self, base: Light | None) -> None:
        self._known = base is not None
        cells = base.cells if base is not None else []
        self._keys = {_key(cell) for cell in cells}
        self._ids = {cell["id"] for cell in cells if "id" in cell}

    def changed_by(self, left: Cell, right: Cell) -> Who | None:
        before_left, before_right = _key(left) in self._keys, _key(right) in self._keys
        if not self._known or (before_left and before_right):
            return None
        return "right" if before_left else "left" if before_right else "both"

    def only(self, side: Literal["left", "right"], cell: Cell) -> Who | None:
        """Who added a cell that one side has, or removed it from the other."""
        if not self._known:
            return None
        was_there = _key(cell) in self._keys or cell.get("id") in self._ids
        other: Who = "left" if side == "right" else "right"
        return other if was_there else side


def _key(cell: Cell) -> tuple[str, str, str]:
    return cell["cell_type"], cell["source"], outputs_name(cell)


def _difference(left: Cell | None, right: Cell | None, origin: _Origin) -> CellDifference:
    if left is None or right is None:
        side: Literal["left", "right"] = "right" if left is None else "left"
        cell: Cell = right or left or {}
        who = origin.only(side, cell)
        return CellDifference(side, cell["cell_type"], 1, who, [Lines(side, cell["source"])])
    if _key(left) == _key(right):
        return CellDifference("same")
    who = origin.changed_by(left, right)
    lines = list(_lines(left["source"], right["source"]))
    outputs = outputs_name(left) != outputs_name(right)
    return CellDifference("changed", right["cell_type"], 1, who, lines, outputs)


def _lines(left: str, right: str) -> Iterator[Lines]:
    one, other = left.split("\n"), right.split("\n")
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for op, start, end, other_start, other_end in matcher.get_opcodes():
        if op == "equal":
            yield from _shortened(one[start:end], first=start == 0, last=end == len(one))
            continue
        if start < end:
            yield Lines("left", "\n".join(one[start:end]))
        if other_start < other_end:
            yield Lines("right", "\n".join(other[other_start:other_end]))


def _shortened(lines: list[str], first: bool, last: bool) -> Iterator[Lines]:
    """Unchanged lines, without those far from any change."""
    head, tail = (0 if first else _AROUND), (0 if last else _AROUND)
    skipped = len(lines) - head - tail
    if skipped < 2:
        yield Lines("same", "\n".join(lines))
        return
    if head:
        yield Lines("same", "\n".join(lines[:head]))
    yield Lines("same", skipped=skipped)
    if tail:
        yield Lines("same", "\n".join(lines[-tail:]))
