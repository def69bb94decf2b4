"""Password rules and hashes, account names, sizes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cygnet_hub.accounts import names, passwords
from cygnet_hub.accounts.sizes import parse_size, show_size


def test_new_passwords_differ_and_follow_the_rules() -> None:
    made = {passwords.new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(passwords.complaint(password, 16) is None for password in made)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "too short"),
        ("123456789", "too short"),
        ("x" * 73, "too long"),
        ("é" * 40, "too long"),
        ("tab\tin the middle", "cannot be typed"),
        ("qwertyuiop", "most common"),
    ],
)
def test_what_will_not_do_is_said(password: str, words: str) -> None:
    assert words in (passwords.complaint(password, 10) or "")


@pytest.mark.parametrize("password", ["correct horse battery", "пароль-пароль", "a" * 72])
def test_what_will_do(password: str) -> None:
    assert passwords.complaint(password, 10) is None
    hashed = passwords.hash_password(password)
    assert passwords.is_password(password, hashed)
    assert not passwords.is_password(password + "x", hashed)


_HASHED = passwords.hash_password("right password")


@settings(max_examples=10, deadline=None)
@given(st.text(st.characters(codec=None), max_size=100))
def test_any_guess_is_just_wrong(guess: str) -> None:
    assert not passwords.is_password(guess, _HASHED)


@pytest.mark.parametrize("name", ["ada", "a", "0x", "ada.lovelace@example.org", "x" * 64])
def test_names_that_will_do(name: str) -> None:
    assert names.complaint(name) is None


@pytest.mark.parametrize("name", ["", "Ada", ".ada", "../x", "a/b", "a b", "ada\n", "x" * 65, "ada~1", "ä"])
def test_names_that_will_not_do(name: str) -> None:
    assert "cannot be an account name" in (names.complaint(name) or "")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("10GB", 10**10),
        ("10 gb", 10**10),
        ("1.5k", 1500),
        ("1GiB", 2**30),
        ("2T", 2 * 10**12),
        ("7B", 7),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "ten", "-1GB", "1XB", "GB", "1e9"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)


@given(st.integers(0, 10**15))
def test_shown_sizes_are_short(size: int) -> None:
    assert len(show_size(size)) <= 10
