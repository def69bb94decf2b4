"""A server that nobody uses: counted down in JupyterLab, kept when asked to, explained afterwards."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.platform import Platform, platform

from .desk import until
from .people import SERVER_MS, Person

pytestmark = [pytest.mark.timeout(300)]

PICTURES = Path(__file__).parents[2] / "artifacts" / "extension"

#: As with `idle_minutes`, in seconds.
_CONFIG = """
c.JupyterHub.last_activity_interval = 2
c.JupyterHub.tornado_settings["cygnet_idle_seconds"] = 24
c.LocalSpawner.idle_seconds = 24
for service in c.JupyterHub.services:
    if service["name"] == "idle-culler":
        service["command"] = [
            {"--timeout": "--timeout=24", "--cull-every": "--cull-every=2"}.get(word.split("=")[0], word)
            for word in service["command"]
        ]
"""
#: What a browser says of a page behind others.
_HIDDEN = """
Object.defineProperty(document, 'hidden', {get: () => true});
Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'});
"""


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Platform]:
    """The platform, where a server may go unused for 24 s."""
    data = tmp_path / "data"
    data.mkdir(mode=0o711)
    (data / "jupyterhub_config.py").write_text(_CONFIG)
    with platform(tmp_path) as running:
        yield running


def _page(chromium: Browser, running: Platform) -> Page:
    context = chromium.new_context(
        base_url=running.hub, viewport={"width": 1280, "height": 800}, locale="en-GB"
    )
    context.set_default_timeout(SERVER_MS)
    return context.new_page()


def _sync_service(running: Platform) -> int:
    """The number of the sync service's process."""
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            environment = (folder / "environ").read_bytes()
            data = f"CYGNET_DATA={running.data / 'sync'}".encode()
            # The shell that starts it again has the whole command among its own words.
            if words[1:3] == [b"-m", b"cygnet_hub.services.sync"] and data in environment:
                return int(folder.name)
    raise AssertionError("there is no sync service")


def test_the_page_follows_a_stop_that_takes_long(quick: Platform, chromium: Browser) -> None:
    page = _page(chromium, quick)
    person = Person(page, "student", quick.passwords["student"])
    person.log_in()
    page.goto("hub/spawn")
    person.start_server()
    page.goto("hub/home")
    service = _sync_service(quick)
    os.kill(service, signal.SIGSTOP)  # the credential cannot be revoked, nor anything saved
    try:
        page.get_by_role("button", name="Stop").click()
        said = page.get_by_role("status").filter(has_text="Your server is stopping.")
        expect(said).to_be_visible(timeout=SERVER_MS)
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / "stopping.png")
    finally:
        os.kill(service, signal.SIGCONT)
    expect(page.get_by_role("button", name="Start")).to_be_visible(timeout=SERVER_MS)
    page.context.close()


def test_an_unused_server_is_counted_down_kept_and_explained(quick: Platform, chromium: Browser) -> None:
    page = _page(chromium, quick)
    person = Person(page, "student", quick.passwords["student"])
    person.log_in()
    page.goto("hub/spawn")
    person.start_server()
    page.add_init_script(_HIDDEN)
    page.goto("user/student/lab?reset")
    notice = page.get_by_role("dialog", name="This server is about to stop")
    expect(notice).to_be_visible(timeout=SERVER_MS)
    expect(notice.get_by_role("timer")).to_contain_text("0:0")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "idle.png")
    expect(page).to_have_title(re.compile("^0:0"))
    notice.get_by_role("button", name="Keep it running").click()
    expect(notice).to_have_count(0)
    expect(page.get_by_text("This server keeps running.")).to_be_visible()

    # Nobody comes back: it is stopped, and whoever comes later is told why.
    expect(notice).to_be_visible(timeout=SERVER_MS)
    notice.get_by_role("button", name="Let it stop").click()
    later = page.context.new_page()
    deadline = "nobody had used it for"
    # Asked without the page: while the server stops, the page loads itself anew.
    until(lambda: deadline in later.request.get("hub/home").text(), "the server was not stopped")
    later.goto("hub/home")
    expect(later.get_by_text(deadline)).to_be_visible()
    later.screenshot(path=PICTURES / "idle-home.png")
    later.goto("hub/spawn")
    expect(later.get_by_text(deadline)).to_be_visible()
    page.context.close()
