"""Unmodified WebDAV clients of Debian: rclone in three dialects, and cadaver."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer, sync_server

Run = Callable[..., str]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    with sync_server(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(params=["other", "owncloud", "nextcloud"])
def rclone(request: pytest.FixtureRequest, server: SyncServer) -> Run:
    """Runs rclone; the remote is called `r:`."""
    if shutil.which("rclone") is None:
        pytest.skip("rclone is not installed: apt install rclone")
    password = subprocess.check_output(["rclone", "obscure", server.app_password("ada")], text=True).strip()
    remote = {
        "TYPE": "webdav",
        "URL": server.url + "/remote.php/dav/files/ada",
        "VENDOR": request.param,
        "USER": "ada",
        "PASS": password,
    }
    settings = {f"RCLONE_CONFIG_R_{name}": value for name, value in remote.items()}

    def run(*arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["rclone", *arguments],
            env={**os.environ, "RCLONE_CONFIG": "/dev/null", **settings},
            input=stdin,
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return run


def test_rclone_copies_checks_moves_and_streams(rclone: Run, server: SyncServer, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "ü ñ#%&+.txt").write_text("name")
    (tmp_path / "big").write_bytes(random.Random(3).randbytes(12_000_000))
    (tmp_path / "empty").touch()
    rclone("copy", str(tmp_path), "r:copy")
    rclone("check", str(tmp_path), "r:copy", "--download")
    rclone("check", str(tmp_path), "r:copy")
    rclone("moveto", "r:copy/big", "r:copy/sub/moved")
    rclone("rcat", "r:copy/stream", stdin=b"of unknown length" * 100_000)
    dav = Dav(server, "ada")
    assert dav.get("/copy/sub/moved") == (tmp_path / "big").read_bytes()
    assert dav.get("/copy/stream") == b"of unknown length" * 100_000
    assert "Used:" in rclone("about", "r:")
    rclone("purge", "r:copy")
    assert "/copy" not in dav.list("/")


@pytest.mark.skipif(shutil.which("cadaver") is None, reason="cadaver is not installed: apt install cadaver")
def test_cadaver_talks_to_the_service(server: SyncServer, tmp_path: Path) -> None:
    password = server.app_password("bob")
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1\nlogin bob\npassword {password}\n")
    (tmp_path / ".netrc").chmod(0o600)
    (tmp_path / "local.txt").write_text("by cadaver")
    commands = [
        "mkcol d",
        "put local.txt d/h.txt",
        "copy d/h.txt d/h2.txt",
        "move d/h2.txt d/h3.txt",
        "lock d/h.txt",
        "unlock d/h.txt",
        "propset d/h.txt colour green",
        "propget d/h.txt colour",
        "get d/h3.txt back.txt",
        "ls d",
        "quit",
    ]
    done = subprocess.run(
        ["cadaver", server.url + "/remote.php/dav/files/bob/"],
        env={**os.environ, "HOME": str(tmp_path)},
        cwd=tmp_path,
        input="\n".join(commands) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "failed" not in done.stdout.lower(), done.stdout
    assert "green" in done.stdout
    assert (tmp_path / "back.txt").read_text() == "by cadaver"
    assert set(Dav(server, "bob").list("/d")) == {"/d", "/d/h.txt", "/d/h3.txt"}
