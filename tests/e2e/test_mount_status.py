"""The status bar of JupyterLab says whether files are saved: a mount, a notebook server, a browser, a cut."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.sync_api import Browser, expect

from tests.extensions.notebook_server import session
from tests.fs_bridge.gate import gate
from tests.sync_server import SyncServer, sync_server

pytestmark = [pytest.mark.needs("fuse", "root"), pytest.mark.timeout(240)]

PICTURES = Path(__file__).parents[2] / "artifacts" / "extension"
_LIMIT = 60_000


def test_the_status_bar_says_what_waits_while_the_service_is_away(chromium: Browser, tmp_path: Path) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_server() as sync, gate(sync.url) as network:
        through = cast(SyncServer, SimpleNamespace(url=network.url, app_password=sync.app_password))
        with session(through, "ada", tmp_path) as server:
            page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
            page.goto(server.page("lab"))
            status = page.locator(".cygnet-mount-status")
            expect(status).to_contain_text("Files saved", timeout=_LIMIT)
            network.shut()
            (tmp_path / "files" / "a.txt").write_text("kept")
            expect(status).to_contain_text("Offline, 1 change kept", timeout=_LIMIT)
            expect(status.get_by_role("status")).to_have_attribute("title", re.compile("Go on working"))
            page.screenshot(path=PICTURES / "offline.png")
            network.open()
            expect(status).to_contain_text("Files saved", timeout=_LIMIT)
            page.screenshot(path=PICTURES / "saved.png")
            page.context.close()
