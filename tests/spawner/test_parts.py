"""Pure parts: names, sandbox options, software paths, cores, mount table."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygnet_spawner.confine import Bind, Sandbox, sandbox_argv, sandbox_options
from cygnet_spawner.fuse import is_mounted
from cygnet_spawner.identity import folder_of, identity_of
from cygnet_spawner.launch import options_file
from cygnet_spawner.limits import Limits, choose_cores, limiter, make_cgroup
from cygnet_spawner.plan import mount_plan
from cygnet_spawner.software import outermost

NAMES = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=255)


@given(NAMES, NAMES)
def test_folders_are_safe_and_different(one: str, other: str) -> None:
    folder = folder_of(one)
    assert re.fullmatch(r"[A-Za-z0-9_%.-]{1,100}", folder)
    assert folder not in (".", "..")
    assert (folder == folder_of(other)) == (one == other)


def test_a_plain_name_stays_as_it_is() -> None:
    assert folder_of("ada.lovelace-2") == "ada.lovelace-2"
    assert identity_of("ada", 700_007).uid == 700_007


def test_the_sandbox_shows_what_it_is_told_and_no_more() -> None:
    identity = identity_of("ada", 700_001)
    binds = (Bind("/d/homes/ada", "/home/ada", writable=True), Bind("/d/run/ada/token", "/run/cygnet"))
    sandbox = Sandbox(identity, ("/opt/env", "/d/env"), binds, hidden=("/d",), workdir="/home/ada")
    options = sandbox_options(sandbox)
    text = " ".join(options)
    assert "--bind /d/homes/ada /home/ada" in text
    assert "--ro-bind /d/run/ada/token /run/cygnet" in text
    assert text.count("--bind ") == 1
    assert "--unshare-pid" in options
    assert "/etc/shadow" not in options
    assert text.endswith("--remount-ro / --chdir /home/ada")
    argv = sandbox_argv(sandbox, ["python"], 9)
    assert argv[:4] == ["bwrap", "--args", "9", "--"]
    assert f"--reuid={identity.uid}" in argv
    assert "/d/homes/ada" not in argv


def test_a_data_directory_inside_the_software_is_hidden() -> None:
    identity = identity_of("ada", None)
    text = " ".join(sandbox_options(Sandbox(identity, ("/opt/env",), (), hidden=("/opt/env/data",))))
    assert "--tmpfs /opt/env/data" in text
    assert "--unshare-user" in text


@pytest.mark.needs("bwrap")
def test_software_below_the_temporary_folder_is_seen_and_nothing_else_there() -> None:
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as software,
        tempfile.TemporaryDirectory(dir="/tmp") as other,
    ):
        (Path(software) / "program").write_text("here")
        sandbox = Sandbox(identity_of("ada", None), (software,), ())
        with options_file(sandbox) as options:
            listed = subprocess.run(
                sandbox_argv(sandbox, ["/bin/ls", "/tmp", software], options),
                capture_output=True, text=True, timeout=30, check=True, pass_fds=[options],
            )  # fmt: skip
    assert "program" in listed.stdout
    assert Path(other).name not in listed.stdout


def test_software_paths_are_told_once() -> None:
    paths = ["/opt/env", "/opt/env/lib/python", "/usr/lib/python3", "", "/", "/opt/environment"]
    assert outermost(paths) == ("/opt/env", "/opt/environment")


def test_a_plan_says_where_everything_is() -> None:
    plan = mount_plan(user="ada", home="/home/ada", sync_url="http://s/", public_sync_url="", fuse=True)
    assert plan.root == "/home/ada/files"
    assert dict(plan.environment)["CYGNET_PUBLIC_URL"] == "http://s/"
    without = mount_plan(user="ada", home="/home/ada", sync_url="http://s/", public_sync_url="", fuse=False)
    assert without.root == "/home/ada"
    assert "files" not in [place.role for place in without.places]


@given(st.integers(1, 64), st.integers(0, 320).map(lambda quarters: quarters / 4), st.integers(0, 1000))
def test_cores_are_as_many_as_asked(count: int, wanted: float, number: int) -> None:
    cores = choose_cores(list(range(count)), wanted, number)
    assert len(cores) == len(set(cores))
    assert not cores or wanted <= len(cores) < wanted + 1


def test_limits_without_a_cgroup_are_a_prefix() -> None:
    assert limiter(Limits(), 1) == []
    assert limiter(Limits(memory=5), 1)[:2] == ["prlimit", "--data=5:5"]


def test_a_cgroup_is_made_only_where_it_is_handed_down(tmp_path: Path) -> None:
    assert make_cgroup(tmp_path, "ada", Limits(memory=5)) is None
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory pids\n")
    group = make_cgroup(tmp_path, "ada", Limits(memory=5, cores=1.5))
    assert group is not None
    assert (group / "memory.max").read_text() == "5"
    assert (group / "cpu.max").read_text() == "150000 100000"


def test_mounts_are_found_by_their_escaped_names(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text("36 35 0:40 / /d/a\\040b/files rw - fuse.cygnet cygnet rw\n")
    assert is_mounted(Path("/d/a b/files"), str(table))
    assert not is_mounted(Path("/d/a"), str(table))
