"""Accounts of a data directory that nobody serves, through the command line."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cygnet_hub.accounts import hub_database, passwords
from cygnet_hub.cli.user import command
from cygnet_hub.config.layout import Layout
from cygnet_hub.services.sync.service.certificates import add_certificate
from cygnet_hub.services.sync.store import access_keys
from cygnet_hub.services.sync.store.access_keys import AccessKey
from cygnet_hub.services.sync.store.database import Database
from cygnet_hub.up.data import locked, prepare

PASSWORD = "correct horse battery"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "data")
    with locked(made):
        prepare(made)
    return made


def user(layout: Layout, *arguments: str, password: str = PASSWORD) -> Result:
    return CliRunner().invoke(command, [*arguments, "--data", str(layout.data)], input=password + "\n")


def add(layout: Layout, *arguments: str, password: str = PASSWORD) -> Result:
    return user(layout, "add", *arguments, "--password-stdin", password=password)


def names(layout: Layout) -> list[str]:
    return [line.split()[0] for line in user(layout, "list").output.splitlines()]


def test_an_account_is_made_with_its_roles_and_quota(layout: Layout) -> None:
    assert add(layout, "ada", "--admin", "--quota", "10GB").stdout == "ada can log in now.\n"
    assert add(layout, "bob").exit_code == 0
    assert user(layout, "list").output.splitlines() == [
        "ada                            0 B of 10.0 GB   admin",
        "bob                            0 B no limit",
    ]
    hashed = hub_database.password_hash(layout.hub_database, "ada")
    assert hashed is not None
    assert passwords.is_password(PASSWORD, hashed)
    with sqlite3.connect(layout.hub_database) as database:
        rows = database.execute(
            "SELECT u.name, r.name FROM users u JOIN user_role_map m ON m.user_id = u.id"
            " JOIN roles r ON r.id = m.role_id ORDER BY 1, 2"
        ).fetchall()
        mode = database.execute("PRAGMA journal_mode").fetchone()[0]
    database.close()
    assert rows == [("ada", "admin"), ("ada", "user"), ("bob", "user")]
    assert mode == "wal"


@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (["Ada"], PASSWORD, "cannot be an account name"),
        (["../ada"], PASSWORD, "cannot be an account name"),
        (["ada"], "short", "too short"),
        (["ada"], "", "too short"),
        (["ada", "--quota", "much"], PASSWORD, "is not a size"),
        (["bob"], PASSWORD, "There is an account bob already"),
    ],
)
def test_what_will_not_do_changes_nothing(
    layout: Layout, arguments: list[str], password: str, words: str
) -> None:
    add(layout, "bob")
    result = add(layout, *arguments, password=password)
    assert result.exit_code == 1
    assert words in result.stderr
    assert names(layout) == ["bob"]


def test_without_a_terminal_the_password_must_come_from_standard_input(layout: Layout) -> None:
    assert "use --password-stdin" in user(layout, "add", "ada").stderr


def test_a_password_is_changed(layout: Layout) -> None:
    add(layout, "ada")
    assert user(layout, "password", "ada", "--password-stdin", password="another good one").exit_code == 0
    hashed = hub_database.password_hash(layout.hub_database, "ada")
    assert hashed is not None
    assert passwords.is_password("another good one", hashed)
    assert not passwords.is_password(PASSWORD, hashed)


def test_removing_takes_the_login_and_sets_the_files_aside(layout: Layout) -> None:
    add(layout, "ada", "--quota", "10GB")
    home = layout.homes / "ada"
    home.mkdir()
    (home / "notes.txt").write_text("mine")
    secret = user(layout, "app-password", "ada").output.strip()
    assert len(secret) >= 22
    add_access_keys(layout, "ada")
    add_certificate_of(layout, "ada")

    result = user(layout, "remove", "ada")
    assert "Nothing of the files is deleted" in result.output
    assert names(layout) == []
    assert hub_database.password_hash(layout.hub_database, "ada") is None
    (aside,) = layout.removed.iterdir()
    assert (aside / "notes.txt").read_text() == "mine"

    add(layout, "ada")
    assert user(layout, "list").output.split() == ["ada", "0", "B", "no", "limit"], (
        "not the quota of the first"
    )
    with sqlite3.connect(layout.sync / "sync.db") as database:
        assert database.execute("SELECT count(*) FROM credential").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM access_key").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM certificate").fetchone() == (0,)
        assert database.execute("SELECT name FROM account").fetchall() == [(aside.name,)]
    database.close()


def add_certificate_of(layout: Layout, name: str) -> None:
    """A certificate that opens somebody's files."""
    database = Database.open(f"sqlite:///{layout.sync}/sync.db")
    database.write_now(lambda connection: add_certificate(connection, name, "/DC=org/CN=Ada"))
    database.close()


def add_access_keys(layout: Layout, name: str) -> None:
    """Keys of S3: a person's own, and one that was got with an app password."""
    database = Database.open(f"sqlite:///{layout.sync}/sync.db")
    for key_id, source in (("CYGNA", ""), ("CYGTB", "app-password:x")):
        key = AccessKey(key_id, name, "", frozenset({"files:read"}), None, source, False, 0.0, None, None)
        database.write_now(lambda connection, key=key: access_keys.add(connection, key))
    database.close()


@pytest.mark.parametrize("arguments", [("remove",), ("app-password",), ("password", "--password-stdin")])
def test_who_does_not_exist_is_named(layout: Layout, arguments: tuple[str, ...]) -> None:
    result = user(layout, *arguments, "nobody")
    assert result.exit_code == 1
    assert "There is no account nobody" in result.stderr


def test_a_directory_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    result = add(Layout(tmp_path), "ada")
    assert "is not a data directory of Cygnet" in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_second_account_needs_confinement(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # no bubblewrap there
    assert add(layout, "ada").exit_code == 0
    refused = add(layout, "bob")
    assert refused.exit_code == 1
    assert "cannot be kept apart on this machine: bubblewrap is not installed" in refused.stderr
    layout.settings.write_text("unconfined = true\n")
    assert add(layout, "bob").exit_code == 0


def test_the_command_starts_fast() -> None:
    script = (
        "import sys, cygnet_hub.cli.up; sys.exit('jupyterhub' in sys.modules or 'sqlalchemy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
