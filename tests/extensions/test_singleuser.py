"""What is done before a notebook server starts, so that it starts quickly and shares its memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cygnet_extensions import singleuser
from cygnet_extensions.nbgrader import CONFIG_FOLDER

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


def test_nbgrader_uses_our_exchange_in_all_that_a_server_starts() -> None:
    fresh: dict[str, str] = {}
    singleuser.use_exchange(fresh)
    assert fresh == {"JUPYTER_CONFIG_PATH": str(CONFIG_FOLDER)}
    known = {"JUPYTER_CONFIG_PATH": "/srv/jupyter"}
    singleuser.use_exchange(known)
    assert known == {"JUPYTER_CONFIG_PATH": f"/srv/jupyter{os.pathsep}{CONFIG_FOLDER}"}
    assert (CONFIG_FOLDER / "nbgrader_config.json").is_file()


HOMES = """
import os
from cygnet_extensions import singleuser
singleuser.preload()
os.environ["HOME"] = "/home/ada"
from jupyterlab.labapp import LabApp
from traitlets.config import Config
lab = LabApp(config=Config(singleuser.configuration(dict(os.environ))))
print(lab.user_settings_dir, lab.workspaces_dir)
"""


def test_jupyterlab_keeps_its_things_in_the_home_of_the_person_it_is_forked_for() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOMES],
        capture_output=True, text=True, timeout=100, check=False, env={"PATH": os.defpath, "HOME": "/"},
    )  # fmt: skip
    assert done.stdout.split() == [
        "/home/ada/.jupyter/lab/user-settings",
        "/home/ada/.jupyter/lab/workspaces",
    ], done.stderr
