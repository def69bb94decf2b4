"""Shrinks the screenshots of the end-to-end tests into docs/images: `python -m tests.e2e.docs_images`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.docs.pages import DOCS, links, pages

from .conftest import ARTIFACTS

WIDTH = 960  # pixels: letters can be read, and a picture has some 30 kB


def wanted() -> set[str]:
    """Names of the pictures that pages show."""
    images = DOCS / "images"
    goals = {(page.parent / target).resolve() for page in pages() for target in links(page)}
    return {goal.name for goal in goals if goal.parent == images}


def shrink(source: Path, goal: Path) -> None:
    """Scale to the documentation's width and store with colours of its own."""
    with Image.open(source) as picture:
        small = picture.convert("RGB").resize(
            (WIDTH, picture.height * WIDTH // picture.width), Image.Resampling.LANCZOS
        )
    goal.parent.mkdir(exist_ok=True)
    small.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(goal, optimize=True)


if __name__ == "__main__":
    for name in sorted(wanted()):
        shrink(ARTIFACTS / name, DOCS / "images" / name)
