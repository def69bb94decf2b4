"""Logging in by a browser: a real Chromium agrees on the page that the command names."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from playwright.sync_api import sync_playwright

from tests.crash import eventually


@pytest.fixture
def home(tmp_path):
    return tmp_path / "config"


@pytest.fixture
def command(home):
    """Starts a command that is not logged in, as a process of its own; the output goes to a file."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CYGNET_")}
    running = []

    def start(*arguments):
        output = home.with_name("output")
        with output.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "cygnet_fs_bridge.cli", *arguments],
                env=environment | {"XDG_CONFIG_HOME": str(home), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
        return process, output

    yield start
    for process in running:
        process.kill()
        process.wait(10)


def shown(output):
    """The address and the code that the command printed, once it has."""
    assert eventually(lambda: "Waiting" in output.read_text(), 60), output.read_text()
    text = output.read_text()
    return re.search(r"http\S+", text)[0], re.search(r"\d{4}-\d{4}", text)[0]


@pytest.mark.browser
@pytest.mark.needs("chromium")
def test_agreeing_in_the_browser(command, server, home):
    process, output = command("login", server.url)
    address, code = shown(output)
    # Its own sandbox needs a user other than root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        context = browser.new_context()
        cookie = {"name": server.login.cookie_name, "url": server.url + "/"}
        context.add_cookies([cookie | {"value": server.login.cookie(server, "hub-token-of-ada")}])
        page = context.new_page()
        page.goto(address)
        assert code in page.locator("main").inner_text()
        assert "cygnet on" in page.locator("main").inner_text()
        page.get_by_role("button", name="Grant access").click()
        page.get_by_text("The program has access now").wait_for()
        browser.close()
    assert process.wait(60) == 0, output.read_text()
    saved = json.loads((home / "cygnet" / "login.json").read_text())
    assert saved["user"] == "ada"
    listed, output = command("ls")
    assert listed.wait(60) == 0, output.read_text()


def test_nobody_agrees(command, server, home):
    process, output = command("login", server.url, "--timeout", "1")
    assert process.wait(60) == 3
    assert "Nobody has agreed" in output.read_text()
    assert not home.exists()


def test_the_address_of_the_platform_is_enough(cygnet, server, tmp_path):
    # What lies at the service's own origin is 404 for the test server, as a hub's pages are for `status.php`.
    base = server.url.removesuffix("services/sync")
    cygnet("login", base, "-u", "ada", "--password-stdin", input=server.app_password("ada") + "\n")
    saved = json.loads((tmp_path / "config" / "cygnet" / "login.json").read_text())
    assert saved["url"] == server.url + "/"


def test_there_is_no_cygnet_everywhere(cygnet, server):
    password = server.app_password("ada") + "\n"
    output = cygnet(
        "login", server.origin + "/other", "-u", "ada", "--password-stdin", input=password, code=1
    )
    assert "There is no Cygnet at" in output


def test_in_a_notebook_nothing_is_needed(cygnet, server, tmp_path, monkeypatch, fs, folder):
    fs.pipe_file(f"{folder}/a", b"1")
    (tmp_path / "config" / "cygnet" / "login.json").unlink()
    (tmp_path / "token").write_text(server.app_password("ada"))
    monkeypatch.setenv("CYGNET_URL", server.url + "/")
    monkeypatch.setenv("CYGNET_TOKEN_FILE", str(tmp_path / "token"))
    assert cygnet("ls", folder) == "a\n"


def test_a_password_from_stdin_needs_a_name(cygnet, server):
    assert "needs --user" in cygnet("login", server.url, "--password-stdin", code=2)
