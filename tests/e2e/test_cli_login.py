"""`cygnet login` with the address that people know, on the whole platform."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.crash import eventually
from tests.platform import Platform

from .files_site import SITE, Open


def test_a_person_who_is_logged_in_agrees(running: Platform, site: Open, tmp_path: Path) -> None:
    page = site("student")
    output = tmp_path / "output"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CYGNET_")}
    environment = kept | {"XDG_CONFIG_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    cygnet = [sys.executable, "-m", "cygnet_fs_bridge.cli"]
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [*cygnet, "login", running.hub],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )
    try:
        assert eventually(lambda: "Waiting" in output.read_text(), 60), output.read_text()
        address, code = re.findall(r"http\S+|\d{4}-\d{4}", output.read_text())
        page.goto(address)
        expect(page.locator("main")).to_contain_text(code)
        page.get_by_role("button", name="Grant access").click()
        expect(page.locator("main")).to_contain_text("The program has access now")
        assert process.wait(60) == 0, output.read_text()
    finally:
        process.kill()
        process.wait(10)
    subprocess.run([*cygnet, "mkdir", "from-a-laptop"], env=environment, timeout=60, check=True)
    page.goto(SITE)
    expect(page.get_by_text("from-a-laptop")).to_be_visible()
