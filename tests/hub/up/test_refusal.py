"""Where notebook servers cannot be kept apart: an ordinary account of a machine without bubblewrap."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.accounts import as_account
from tests.platform import command

pytestmark = [pytest.mark.needs("root", "setpriv", "unshare"), pytest.mark.platform]

UID = 54322
REFUSED = (
    "Notebook servers of several people cannot be kept apart on this machine: bubblewrap is not installed "
    "(on Debian: apt-get install bubblewrap). With --unconfined (or `unconfined = true` in cygnet.toml) "
    "everybody can read everybody's files."
)
#: An empty data directory, as `cygnet up` makes it.
PREPARE = """
import pathlib, sys
from cygnet_hub.config.layout import Layout
from cygnet_hub.up.data import prepare
prepare(Layout(pathlib.Path(sys.argv[1])))
"""


@dataclass(frozen=True)
class Machine:
    """`programs` has all programs of this machine but bubblewrap; `home` is the account's."""

    programs: Path
    home: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    def run(self, arguments: list[str], words: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as the account; `words` is what is typed into it."""
        return subprocess.run(
            [*as_account(UID), "env", f"PATH={self.programs}", f"HOME={self.home}", *arguments],
            input=words, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def add(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run `cygnet user add`."""
        cygnet = [sys.executable, "-m", "cygnet_fs_bridge.cli", "user", "add", name, "--password-stdin"]
        return self.run([*cygnet, "--data", str(self.data)], "a password of some length\n")


@pytest.fixture
def machine() -> Iterator[Machine]:
    """In a folder that the account may enter, as the temporary folders of tests are not."""
    with tempfile.TemporaryDirectory(prefix="cygnet-refusal-", ignore_cleanup_errors=True) as folder:
        found = Machine(Path(folder, "bin"), Path(folder, "home"))
        found.programs.mkdir()
        for place in ("/usr/sbin", "/usr/bin"):
            for program in Path(place).iterdir():
                link = found.programs / program.name
                if program.name != "bwrap" and not link.is_symlink():
                    link.symlink_to(program)
        found.home.mkdir()
        for owned in (folder, found.programs, found.home):
            os.chown(owned, UID, UID)
        yield found


def test_the_two_people_of_the_demo_are_refused_and_nothing_is_made(machine: Machine) -> None:
    done = machine.run(command(machine.data, "--demo"))
    assert (done.returncode, done.stderr) == (1, f"cygnet up: {REFUSED}\n")
    assert list(machine.home.iterdir()) == []


def test_a_second_account_is_refused_unless_people_are_told_that_it_is_open(machine: Machine) -> None:
    assert machine.run([sys.executable, "-c", PREPARE, str(machine.data)]).returncode == 0
    first = machine.add("ada")
    assert first.returncode == 0, first.stderr
    second = machine.add("bob")
    assert (second.returncode, REFUSED in second.stderr) == (1, True)

    (machine.data / "cygnet.toml").write_text("unconfined = true\n")
    second = machine.add("bob")
    assert second.returncode == 0, second.stderr
    (machine.data / "cygnet.toml").unlink()
    started = machine.run(command(machine.data))
    assert (started.returncode, started.stderr) == (1, f"cygnet up: {REFUSED}\n")
