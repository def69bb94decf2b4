"""What the tests of the Files site do again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

SITE = "services/sync/"
Open = Callable[..., Page]

#: Shows "Harmless", and tries to reach the page that it is shown in.
NASTY_NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {
            "id": "a",
            "cell_type": "markdown",
            "metadata": {},
            "source": "# Harmless <script>top.hacked = 1</script><img src=x onerror='top.hacked = 1'>",
        },
        {
            "id": "b",
            "cell_type": "code",
            "metadata": {},
            "source": "1",
            "execution_count": 1,
            "outputs": [
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {"text/html": "<script>top.hacked=1</script>"},
                }
            ],
        },
    ],
}


def upload(page: Page, *files: Any) -> None:
    """Press U and pick files."""
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("u")
    chooser.value.set_files(list(files))


def text_file(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def row(page: Page, name: str) -> Any:
    """The entry of a list, by its whole name."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def new_folder(page: Page, name: str) -> None:
    """Make a folder with the keyboard, and go into it."""
    expect(page.get_by_role("button", name="New", exact=True)).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="New folder").get_by_label("Name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    row(page, name).get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name="This folder is empty")).to_be_visible()
