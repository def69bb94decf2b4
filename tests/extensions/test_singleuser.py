"""What is done before a notebook server starts, so that it starts quickly and shares its memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from cygnet_extensions import singleuser
singleuser.without_slow_imports()
singleuser.preload()
before = set(sys.modules)
from jupyter_lsp.manager import LanguageServerManager
from jupyterlab.labhubapp import SingleUserLabApp
from traitlets.config import Config
LanguageServerManager(config=Config(singleuser.configuration({}))).node_roots
print(sorted(set(singleuser._USED) - before), sorted(set(sys.modules) - before))
"""


def test_all_is_imported_beforehand_and_no_program_is_run(tmp_path: Path) -> None:
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\n")
    npm.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True, text=True, timeout=100, check=False,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[] []\n"
    assert not (tmp_path / "was-run").exists()
