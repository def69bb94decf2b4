"""Reads the documentation: pages, links, anchors, and the code spans in the reference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"

_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$", re.MULTILINE)


def pages() -> list[Path]:
    """Every page that a reader may come to."""
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def links(page: Path) -> list[str]:
    """Targets of the links and images of a page, code left out."""
    return _LINK.findall(_SPAN.sub("", _FENCE.sub("", page.read_text(encoding="utf-8"))))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, made as forges make them."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in words}


def reference() -> str:
    """All text of the reference."""
    return "\n".join(page.read_text(encoding="utf-8") for page in sorted(REFERENCE.glob("*.md")))


def reference_spans() -> Iterator[str]:
    """What the reference sets in code: inline, and each line of a block."""
    text = reference()
    yield from _SPAN.findall(_FENCE.sub("", text))
    for block in _FENCE.finditer(text):
        yield from block.group().splitlines()[1:-1]
