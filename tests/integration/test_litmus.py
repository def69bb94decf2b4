"""litmus, the WebDAV test suite of Debian, against the running service."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.sync_server import sync_server

EXPECTED = 104


@pytest.mark.skipif(shutil.which("litmus") is None, reason="litmus is not installed: apt install litmus")
def test_litmus_passes_every_test(tmp_path: Path) -> None:
    with sync_server(tmp_path / "data") as server:
        run = subprocess.run(
            ["litmus", "-k", server.url + "/remote.php/dav/files/ada/", "ada", server.app_password("ada")],
            env={**os.environ, "TESTS": "basic copymove props locks http"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=100,
        )
    summaries = re.findall(r"of (\d+) tests run: (\d+) passed, (\d+) failed", run.stdout)
    passed = sum(int(count) for _, count, _ in summaries)
    bad = [line for line in run.stdout.splitlines() if "FAIL" in line or "WARNING" in line]
    assert (bad, passed) == ([], EXPECTED)
