"""What differs between two copies of a notebook, and the two made one."""

from __future__ import annotations

import json
from typing import Any

from cygnet_extensions.notebooks.compare import compare
from cygnet_extensions.notebooks.light import MAX_BYTES, Book, Light, lighten, read
from cygnet_extensions.notebooks.merge import merge
from cygnet_extensions.serverextension.documents import Document, resolve


def book(**sources: str) -> Book:
    """A notebook; each cell has its id, its source and, after a bar, its output."""
    cells: list[dict[str, Any]] = []
    for key, text in sources.items():
        source, _, printed = text.partition("|")
        outputs = [{"output_type": "stream", "name": "stdout", "text": printed}] if printed else []
        cell = {"cell_type": "code", "id": key, "metadata": {}, "source": source, "outputs": outputs}
        cells.append(cell | {"execution_count": None})
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def light(**sources: str) -> Light:
    made = lighten(book(**sources))
    assert made is not None
    return made


def test_cells_that_are_the_same_are_counted() -> None:
    found = compare(light(a="1", b="2", c="3"), light(a="1", b="2", c="4"))
    assert [(cell.kind, cell.count) for cell in found] == [("same", 2), ("changed", 1)]


def test_who_changed_what_is_known_by_what_both_began_with() -> None:
    base = light(a="1", b="2", c="3", d="4|x", gone="5", lost="6")
    theirs = light(a="one", b="2", c="3a", d="4|y", gone="5", new="7")
    mine = light(a="1", b="two", c="3b", d="4|x", lost="6", mine="8")
    found = compare(theirs, mine, base)
    told = {(cell.kind, cell.lines[0].text if cell.lines else ""): cell.who for cell in found}
    assert told["changed", "one"] == "left"
    assert told["changed", "2"] == "right"
    assert told["changed", "3a"] == "both"
    assert told["left", "5"] == "right"  # deleted here
    assert told["right", "6"] == "left"  # deleted elsewhere
    assert told["left", "7"] == "left"  # added elsewhere
    assert told["right", "8"] == "right"
    assert [cell.who for cell in found if cell.outputs] == ["left"]


def test_lines_far_from_a_change_are_left_out() -> None:
    lines = [str(number) for number in range(40)]
    changed = [*lines[:20], "twenty", *lines[21:]]
    (cell,) = compare(light(a="\n".join(lines)), light(a="\n".join(changed)))
    assert [part.skipped for part in cell.lines if part.skipped] == [17, 16]
    assert sum(1 for part in cell.lines if part.side == "right") == 1


def test_a_merge_has_the_changes_of_both_and_mine_of_the_outputs() -> None:
    base = light(a="1", b="2|old", c="3")
    found = merge(base, light(a="one", b="2|mine", c="3"), light(a="1", b="2|theirs", c="three", d="4|new"))
    assert [cell["source"] for cell in found.book["cells"]] == ["one", "2", "three", "4"]
    assert [out["text"] for cell in found.book["cells"] for out in cell["outputs"]] == ["mine", "new"]
    assert found.conflicts == 0


def test_what_both_changed_is_kept_and_marked() -> None:
    found = merge(light(a="x = 1\ny = 2"), light(a="x = 2\ny = 2"), light(a="x = 3\ny = 2"))
    assert found.conflicts == 1
    assert found.book["cells"][0]["source"] == (
        "<<<<<<< here\nx = 2\n=======\nx = 3\n>>>>>>> elsewhere\ny = 2"
    )


def test_a_cell_that_one_deleted_and_the_other_changed_stays() -> None:
    found = merge(light(a="1", b="2"), light(a="1", b="two"), light(a="1"))
    assert [cell["source"] for cell in found.book["cells"]] == ["1", "two"]


def test_another_formatting_and_trust_are_no_difference() -> None:
    mine, theirs = book(a="1"), book(a="1")
    mine["cells"][0]["metadata"]["trusted"] = True
    theirs["cells"][0]["source"] = ["1"]
    theirs["cells"][0]["execution_count"] = 7
    assert resolve(None, Document("notebook", mine), Document("notebook", theirs)).same


def test_what_was_not_changed_elsewhere_is_no_conflict() -> None:
    base = Document.of("notebook", json.dumps(book(a="1"), indent=3).encode())
    assert resolve(base, Document("notebook", book(a="2")), Document("notebook", book(a="1"))).same


def test_what_is_no_notebook_or_too_large_is_not_compared() -> None:
    assert read(b"{}") is None
    assert read(b"[]") is None
    assert read(b"\xff") is None
    assert lighten(book(a="x" * (MAX_BYTES + 1))) is None
    assert lighten(book(a="1|" + "x" * (MAX_BYTES + 1))) is not None  # outputs do not count
