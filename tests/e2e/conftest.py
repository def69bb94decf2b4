"""One platform and one Chromium for the tests of this folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.grid import SERVER, Authority
from tests.platform import Platform, platform

from .files_site import SITE, Open

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts" / "e2e"
#: Generous for a machine that runs other tests beside this one; nothing waits longer.
PATIENCE_MS = 30_000
#: The first is one of the demo accounts.
STUDENTS = ("student", "noor", "omar")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("e2e"))
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.platform)
            item.add_marker(pytest.mark.needs("chromium"))


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of the grid that the platform accepts."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="package")
def running(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The whole platform with the demo accounts, and TLS for certificates."""
    host = authority.person("localhost", SERVER)
    tls = {"certificate": host.certificate, "key": host.key, "authorities": authority.accepted}
    lines = [f'{name} = "{path}"' for name, path in tls.items()]
    with platform(tmp_path_factory.mktemp("platform"), settings="\n".join(["[tls]", *lines])) as started:
        yield started


@pytest.fixture(scope="package")
def everybody(running: Platform) -> None:
    """Accounts for the students that the demo has not."""
    for name in STUDENTS[1:]:
        command = [sys.executable, "-m", "cygnet_fs_bridge.cli", "user", "add", name, "--password-stdin"]
        running.passwords[name] = "correct horse battery staple"
        subprocess.run(
            [*command, "--data", str(running.data)],
            input=running.passwords[name] + "\n",
            text=True,
            check=True,
            timeout=60,
            capture_output=True,
        )


# Not longer than these tests: Playwright keeps an event loop, and later tests want their own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    # Its own sandbox needs a user other than root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def new_page(
    chromium: Browser, running: Platform, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Page]]:
    """Makes pages, each in a browser context of its own; pictures of all are kept when the test fails."""
    pages: dict[str, Page] = {}

    def make(name: str) -> Page:
        context = chromium.new_context(
            base_url=running.hub,
            viewport={"width": 1280, "height": 800},
            locale="en-GB",
            color_scheme="light",
        )
        context.set_default_timeout(PATIENCE_MS)
        pages[name] = context.new_page()
        return pages[name]

    before = request.session.testsfailed
    yield make
    for name, page in pages.items():
        if request.session.testsfailed > before:
            picture(page, f"failed-{request.node.name}-{name}")
        page.context.close()


@pytest.fixture(scope="package")
def sessions(running: Platform) -> dict[str, list[Any]]:
    """Cookies of the people who have logged in to the running platform already."""
    return {}


@pytest.fixture
def site(new_page: Callable[[str], Page], running: Platform, sessions: dict[str, list[Any]]) -> Open:
    """Opens the Files site as somebody, at an address of it."""

    def open_site(name: str, address: str = "") -> Page:
        page = new_page(name)
        page.context.add_cookies(sessions.get(name, []))
        # Heard from now on: Chromium without a window cancels a chooser that comes before it is listened for.
        page.on("filechooser", lambda _: None)
        page.goto(SITE + address)
        if name not in sessions:
            page.locator("input[name=username]").fill(name)
            page.locator("input[name=password]").fill(running.passwords[name])
            page.locator("[type=submit]").click()
            expect(page.get_by_role("navigation", name="Places")).to_be_visible()
            sessions[name] = page.context.cookies()
        expect(page.get_by_role("navigation", name="Places")).to_be_visible()
        return page

    return open_site


def picture(page: Page, name: str) -> Path:
    """Keep what the page shows as artifacts/e2e/NAME.png."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    path = ARTIFACTS / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    return path
