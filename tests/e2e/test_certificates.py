"""A certificate of the grid, from the Files site to a job and back to nothing."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.grid import Authority, Identity
from tests.platform import Platform

from .files_site import Open

pytestmark = pytest.mark.needs("openssl")


def shell(line: str, authority: Authority, home: Path, *, fails: bool = False) -> str:
    """What a command line that the Files site shows prints, where the certificate is."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "X509_CERT_DIR": str(authority.accepted),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
    }
    done = subprocess.run(
        ["bash", "-c", line], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode != 0) is fails, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def mine(authority: Authority, tmp_path: Path) -> Identity:
    """A certificate where programs of the grid look for it."""
    made = authority.person("A student")
    (tmp_path / ".globus").mkdir(exist_ok=True)
    for path, name in ((made.certificate, "usercert.pem"), (made.key, "userkey.pem")):
        (tmp_path / ".globus" / name).write_text(path.read_text())
    return made


def remove(page: Page, who: str) -> None:
    """Take a certificate away."""
    card = page.get_by_role("listitem").filter(has_text=who)
    page.get_by_role("button", name=f"Remove {who}").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(card).to_have_count(0)


def test_a_certificate_is_added_by_its_holder_used_and_removed(
    site: Open, running: Platform, authority: Authority, mine: Identity, tmp_path: Path
) -> None:
    page = site("student", "settings/devices")
    page.get_by_role("button", name="Add a certificate").click()
    line = page.get_by_role("dialog").get_by_label("Command with the code").input_value()
    assert "opens the files of student" in shell(line, authority, tmp_path)
    page.keyboard.press("Escape")
    card = page.get_by_role("listitem").filter(has_text="CN=A student")
    expect(card).to_contain_text("by CN=Test CA")
    tls = json.loads((running.data / "endpoints.json").read_text())["tls"]
    job = f"X509_USER_PROXY={shlex.quote(str(mine.proxy().bundle))} CYGNET_URL={tls}/services/sync/"
    assert "Account:   student" in shell(f"{job} cygnet certificates show", authority, tmp_path)
    shell(f"{job} cygnet mkdir /from-the-grid", authority, tmp_path)
    remove(page, "CN=A student,DC=cygnet,DC=org")
    assert "belongs to no account" in shell(f"{job} cygnet ls", authority, tmp_path, fails=True)


def test_a_certificate_is_pasted_with_a_signature(
    site: Open, authority: Authority, mine: Identity, tmp_path: Path
) -> None:
    page = site("student", "settings/devices")
    page.get_by_role("button", name="Add a certificate").click()
    dialog = page.get_by_role("dialog")
    signature = shell(dialog.get_by_label("Command that signs").input_value(), authority, tmp_path)
    dialog.get_by_label("Certificate", exact=True).fill(mine.pem)
    dialog.get_by_label("Signature").fill("AAAA")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("was not made with the key")
    dialog.get_by_label("Signature").fill(signature)
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_have_count(0)
    remove(page, "CN=A student,DC=cygnet,DC=org")
