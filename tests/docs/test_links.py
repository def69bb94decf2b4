"""A link between pages leads somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from .pages import DOCS, ROOT, anchors, links, pages


def problem(page: Path, target: str) -> str | None:
    """Why a link of `page` leads nowhere; None if it does not, or leaves the repository."""
    if "://" in target or target.startswith("mailto:"):
        return None
    name, _, anchor = target.partition("#")
    goal = (page.parent / name).resolve() if name else page
    if not goal.exists():
        return f"{target}: no such file"
    if anchor and goal.suffix == ".md" and anchor not in anchors(goal):
        return f"{target}: no such heading"
    return None


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    assert [trouble for target in links(page) if (trouble := problem(page, target))] == []


def test_every_page_can_be_reached_from_the_index() -> None:
    reached, todo = set(), [DOCS / "index.md"]
    while todo:
        page = todo.pop()
        reached.add(page)
        goals = {(page.parent / target.partition("#")[0]).resolve() for target in links(page)}
        todo += [goal for goal in goals - reached if goal.suffix == ".md" and goal.is_relative_to(DOCS)]
    fragments = DOCS / "changelog.d"
    lost = [page for page in sorted(DOCS.rglob("*.md")) if page not in reached and page.parent != fragments]
    assert [str(page.relative_to(ROOT)) for page in lost] == []


def test_images_are_small_and_used() -> None:
    used = {(page.parent / target).resolve() for page in pages() for target in links(page)}
    for image in (DOCS / "images").glob("*"):
        assert image.stat().st_size < 200_000, f"{image.name} makes every clone heavier"
        assert image in used, f"no page shows {image.name}"
