"""The data directory: whose it is, and who holds it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cygnet_hub.config.layout import DATA_VERSION, Layout
from cygnet_hub.errors import PlatformError
from cygnet_hub.up.data import check, in_use, locked, prepare
from cygnet_hub.up.secrets import NAMES, ensure_secrets, write_private
from tests.accounts import as_account


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "data")


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_directory_is_prepared_once_and_recognised_after(layout: Layout) -> None:
    with locked(layout):
        prepare(layout)
    check(layout)
    assert layout.version.read_text() == f"{DATA_VERSION}\n"
    for folder in layout.private_folders:
        assert _mode(folder) == 0o700


def test_a_directory_with_settings_only_is_taken(layout: Layout) -> None:
    layout.data.mkdir()
    layout.settings.write_text("port = 9000\n")
    check(layout)


def test_a_directory_with_other_things_is_left_alone(layout: Layout) -> None:
    layout.data.mkdir()
    (layout.data / "thesis.tex").touch()
    with pytest.raises(PlatformError, match="not empty and not a data directory"), locked(layout):
        pass
    assert os.listdir(layout.data) == ["thesis.tex"]


def test_a_file_is_no_data_directory(layout: Layout) -> None:
    layout.data.touch()
    with pytest.raises(PlatformError, match="Not a directory"):
        check(layout)


@pytest.mark.parametrize("text", ["99\n", "two\n", ""])
def test_a_version_that_is_not_ours_is_left_alone(layout: Layout, text: str) -> None:
    layout.data.mkdir()
    layout.version.write_text(text)
    with pytest.raises(PlatformError, match=r"newer Cygnet|does not hold a version"), locked(layout):
        pass
    assert os.listdir(layout.data) == ["VERSION"]


@pytest.mark.needs("root", "setpriv")
def test_a_directory_of_somebody_else_is_refused_in_one_line() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        data.chmod(0o755)
        (data / "VERSION").write_text(f"{DATA_VERSION}\n")
        command = [sys.executable, "-m", "cygnet_hub.cli.up", "--data", folder, "--port", "0", "--unconfined"]
        result = subprocess.run(
            [*as_account(54321), *command], capture_output=True, text=True, timeout=60, check=False
        )
        assert result.returncode == 1
        assert result.stderr == f"cygnet up: This account may not use {data}: it belongs to somebody else.\n"
        assert os.listdir(data) == ["VERSION"]


def test_only_one_holds_it(layout: Layout) -> None:
    assert not in_use(layout)
    with locked(layout):
        assert in_use(layout)
        with pytest.raises(PlatformError, match="in use by another"), locked(layout):
            pass
    assert not in_use(layout)


def test_secrets_are_for_the_owner_alone_and_stay_the_same(layout: Layout) -> None:
    with locked(layout):
        prepare(layout)
    ensure_secrets(layout)
    first = {name: (layout.secrets / name).read_text() for name in NAMES}
    assert len(set(first.values())) == len(NAMES)
    (layout.secrets / "internal-key").chmod(0o644)
    ensure_secrets(layout)
    assert {name: (layout.secrets / name).read_text() for name in NAMES} == first
    assert {_mode(layout.secrets / name) for name in NAMES} == {0o600}


def test_an_empty_secret_is_refused(layout: Layout) -> None:
    with locked(layout):
        prepare(layout)
    (layout.secrets / "internal-key").touch()
    with pytest.raises(PlatformError, match="internal-key is empty"):
        ensure_secrets(layout)


def test_a_private_file_replaces_another_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_private(path, "one")
    write_private(path, "two")
    assert path.read_text() == "two"
    assert os.listdir(tmp_path) == ["x"]
