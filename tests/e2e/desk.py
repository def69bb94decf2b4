"""One person with a browser on their session and a laptop, for tests of documents."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Locator, Page, expect

from tests.extensions.notebook_server import NotebookServer, session
from tests.sync_server import SyncServer, sync_server

PICTURES = Path(__file__).parents[2] / "artifacts" / "extension"
_LIMIT = 60  # seconds until what was saved is seen elsewhere
#: So often documents are saved by themselves, in this test.
_AUTOSAVE = {"autosaveInterval": 2}
CONTENT = ["# Decay times", "tau = 2.2", "print(tau)"]
ADDRESSES = ["lab/tree/{}?reset", "notebooks/{}"]


def notebook(*sources: str) -> dict[str, Any]:
    """A notebook; each source has an id of its own."""
    cells = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source, "outputs": []}
        | {"execution_count": None}
        for number, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


@dataclass
class Desk:
    """One person: a browser on their session, and their laptop."""

    sync: SyncServer
    server: NotebookServer
    browser: Browser
    files: Path

    def laptop(self, name: str, content: dict[str, Any] | str) -> None:
        """Save a file by WebDAV, as a laptop's client does."""
        data = content if isinstance(content, str) else json.dumps(content)
        address = f"{self.sync.url}/remote.php/dav/files/ada/{name}"
        answer = httpx.put(address, content=data, auth=("ada", self.sync.app_password("ada")))
        assert answer.status_code in (201, 204), answer.text

    def stored(self, name: str) -> str:
        """What the service has."""
        address = f"{self.sync.url}/remote.php/dav/files/ada/{name}"
        return httpx.get(address, auth=("ada", self.sync.app_password("ada"))).text

    def open(self, address: str) -> Page:
        """Open a page in a browser context of its own."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(self.server.page(address))
        return page


@contextlib.contextmanager
def desk_of_ada(base: Path, browser: Browser) -> Iterator[Desk]:
    """Ada's session, in which documents are saved every other second."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    settings = base / "home" / "config" / "lab" / "user-settings" / "@jupyterlab" / "docmanager-extension"
    settings.mkdir(parents=True)
    (settings / "plugin.jupyterlab-settings").write_text(json.dumps(_AUTOSAVE))
    with sync_server() as sync, session(sync, "ada", base) as server:
        yield Desk(sync, server, browser, base / "files")


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + _LIMIT
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def cell(page: Page, number: int) -> Locator:
    """The source of one cell of the notebook in front."""
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell .cm-content").nth(number)


def edit(page: Page, number: int, text: str) -> None:
    """Replace a cell's source, as a person does."""
    cell(page, number).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def opened(desk: Desk, name: str, address: str) -> Page:
    """A notebook as it was made by the laptop, open in the browser."""
    desk.laptop(name, notebook(*CONTENT))
    until((desk.files / name).exists, "the notebook did not reach the mount")
    page = desk.open(address.format(name))
    expect(cell(page, 2)).to_have_text("print(tau)")
    return page


def seen(desk: Desk, name: str, text: str) -> None:
    """Wait until the mount shows what somebody saved elsewhere."""
    until(lambda: text in (desk.files / name).read_text(), f"{text} did not reach the mount")
