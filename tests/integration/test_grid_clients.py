"""Unmodified gfal2 of Debian with a token of the grid."""

from __future__ import annotations

import os
import subprocess
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from cygnet_hub.services.sync.handlers.digests import digest
from cygnet_hub.services.sync.model.node import Checksums
from tests.hub.sync.issuer import Issuer, issuer
from tests.sync_server import SyncServer, sync_server

POLICY = """
[[issuer]]
url = "{url}/"
account = "ada"
folder = "/grid"
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def iam() -> Iterator[Issuer]:
    """An issuer of tokens."""
    with issuer() as running:
        yield running


@pytest.fixture(scope="module")
def server(iam: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """A service that knows it."""
    data = tmp_path_factory.mktemp("grid")
    (data / "token-issuers.toml").write_text(POLICY.format(url=iam.url))
    with sync_server(data) as running:
        auth = ("ada", running.app_password("ada"))
        folder = f"{running.url}/remote.php/dav/files/ada/grid"
        assert httpx.request("MKCOL", folder, auth=auth, trust_env=False).status_code == 201
        yield running


@pytest.fixture
def gfal(server: SyncServer, iam: Issuer, tmp_path: Path) -> Run:
    """Runs a command of gfal2; `grid:` stands for the folder of the grid."""
    place = server.url.replace("http:", "dav:") + "/remote.php/dav/files/ada/grid"
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}

    def run(
        *arguments: str, scope: str = "storage.read:/ storage.modify:/"
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [argument.replace("grid:", place) for argument in arguments],
            # The commands are those of Debian's Python.
            env=environment
            | {"BEARER_TOKEN": iam.token(scope), "GFAL_PYTHONBIN": "/usr/bin/python3", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.needs("gfal-copy")
def test_the_ordinary_round(gfal: Run, tmp_path: Path) -> None:
    contents = os.urandom(3 << 20)
    (tmp_path / "a.root").write_bytes(contents)
    said(gfal("gfal-copy", "-p", "-K", "ADLER32", f"file://{tmp_path}/a.root", "grid:/run7/a.root"))
    assert "a.root" in said(gfal("gfal-ls", "-l", "grid:/run7"))
    assert "Size: 3145728" in said(gfal("gfal-stat", "grid:/run7/a.root"))
    assert (
        said(gfal("gfal-sum", "grid:/run7/a.root", "ADLER32")).split()[-1] == f"{zlib.adler32(contents):08x}"
    )
    said(gfal("gfal-copy", "-K", "MD5", "grid:/run7/a.root", f"file://{tmp_path}/back.root"))
    assert (tmp_path / "back.root").read_bytes() == contents
    said(gfal("gfal-mkdir", "grid:/run8"))
    said(gfal("gfal-rename", "grid:/run7/a.root", "grid:/run8/b.root"))
    said(gfal("gfal-rm", "-r", "grid:/run8"))
    assert said(gfal("gfal-ls", "grid:/")).split() == ["run7"]


@pytest.mark.needs("gfal-copy")
def test_a_token_for_another_place(gfal: Run, tmp_path: Path) -> None:
    (tmp_path / "a.root").write_bytes(b"1")
    done = gfal("gfal-copy", f"file://{tmp_path}/a.root", "grid:/a.root", scope="storage.modify:/elsewhere")
    assert done.returncode != 0
    assert "403" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("ADLER32", "adler32=0a0b0c0d"),
        ("md5;q=0.5, adler32;q=1", "adler32=0a0b0c0d,md5=q80="),
        ("sha, md5;q=0", "sha=EjQ="),
        ("SHA-256", ""),
        ("unixsum", ""),
        ("adler32;q=x", ""),
        ("", ""),
        (",;,=", ""),
    ],
)
def test_digests_that_are_asked_for(wanted: str, told: str) -> None:
    assert digest(wanted, Checksums(sha1="1234", md5="abcd", adler32="0a0b0c0d")) == told
