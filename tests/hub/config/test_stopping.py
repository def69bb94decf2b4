"""What the page of a stopping server says."""

from __future__ import annotations

import pytest
from jinja2 import Environment, FileSystemLoader

from cygnet_hub.config.pages import TEMPLATES


@pytest.mark.parametrize(
    ("unsent", "words"),
    [
        (0, "Your server is stopping."),
        (12, "Your server is stopping. Changes that are still being saved: 12"),
    ],
)
def test_it_says_what_is_still_being_saved(unsent: int, words: str) -> None:
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    said = pages.get_template("stopping.html").render(
        unsent=unsent, t=lambda text, **more: text.format(**more)
    )
    assert said.strip() == words
