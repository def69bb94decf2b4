"""Account numbers: never given to a second person, whatever the hub's database does."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cygnet_spawner.numbers import FILE, Numbers

BASE = 700_000


def home(data: Path, name: str) -> Path:
    made = data / "homes" / name
    made.mkdir(parents=True)
    return made


def test_numbers_stay_with_their_accounts(tmp_path: Path) -> None:
    numbers = Numbers(tmp_path, BASE)
    assert numbers.of("ada", "1", "ada") == BASE + 1
    assert numbers.of("bob", "2", "bob") == BASE + 2
    assert Numbers(tmp_path, BASE).of("ada", "1", "ada") == BASE + 1
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_new_account_of_an_old_name_gets_neither_number_nor_home(tmp_path: Path) -> None:
    numbers = Numbers(tmp_path, BASE)
    first = numbers.of("ada", "monday", "ada")
    (home(tmp_path, "ada") / "secret").touch()
    (tmp_path / "mount-cache" / "ada").mkdir(parents=True)
    assert numbers.of("ada", "tuesday", "ada") != first
    assert not (tmp_path / "homes" / "ada").exists()
    assert not (tmp_path / "mount-cache" / "ada").exists()
    kept = list((tmp_path / "removed").iterdir())
    assert len(kept) == 2
    assert any((folder / "secret").exists() for folder in kept)
    assert (tmp_path / "removed").stat().st_mode & 0o777 == 0o700


@settings(deadline=None, max_examples=30)  # each number is written to disk durably
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=30))
def test_no_two_accounts_ever_share_a_number(
    tmp_path_factory: pytest.TempPathFactory, logins: list[tuple[str, int]]
) -> None:
    data = tmp_path_factory.mktemp("data")
    latest: dict[str, int] = {}
    given_out: dict[int, tuple[str, int]] = {}
    for name, moment in logins:
        latest[name] = max(moment, latest.get(name, 0))  # an account that was removed never comes back
        account = (name, latest[name])
        uid = Numbers(data, BASE).of(name, str(latest[name]), name)
        assert given_out.setdefault(uid, account) == account


@pytest.mark.needs("root")
def test_a_lost_file_gives_no_number_out_again(tmp_path: Path) -> None:
    numbers = Numbers(tmp_path, BASE)
    ada, bob = numbers.of("ada", "1", "ada"), numbers.of("bob", "2", "bob")
    os.chown(home(tmp_path, "ada"), ada, ada)
    os.chown(home(tmp_path, "bob"), bob, bob)
    (tmp_path / FILE).unlink()
    assert numbers.of("carol", "3", "carol") > max(ada, bob)
    assert numbers.of("ada", "1", "ada") == ada


@pytest.mark.parametrize("text", ["", "{}", '{"next": 1, "people": {"ada": 7}}', "[]"])
def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ValueError):
        Numbers(tmp_path, BASE).of("ada", "1", "ada")
    assert (tmp_path / FILE).read_text() == text


def test_the_file_can_be_read_by_people(tmp_path: Path) -> None:
    Numbers(tmp_path, BASE).of("ada", "1", "ada")
    book = json.loads((tmp_path / FILE).read_text())
    assert book == {"next": BASE + 2, "people": {"ada": {"uid": BASE + 1, "since": "1"}}}
