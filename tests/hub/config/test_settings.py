"""`cygnet.toml`: what is understood, and what is said about what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from cygnet_hub.config.settings import Settings, load_settings
from cygnet_hub.errors import PlatformError


def test_no_file_means_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "cygnet.toml", {"port": None}) == Settings()


def test_command_line_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cygnet.toml"
    path.write_text('port = 9000\nbind = "::1"\n')
    settings = load_settings(path, {"port": 0, "bind": None})
    assert (settings.port, settings.bind) == (0, "::1")


def test_public_address_ends_with_one_slash() -> None:
    assert Settings(url="https://cygnet.example.org").url == "https://cygnet.example.org/"


def test_where_copies_may_go(tmp_path: Path) -> None:
    path = tmp_path / "cygnet.toml"
    path.write_text(
        '[copies]\nhosts = ["*.example.org", "dav.example.com:8443"]\ninside = ["[::1]:1094", "10.0.0.5"]'
    )
    assert load_settings(path, {}).copies.environment() == {
        "CYGNET_COPY_HOSTS": "*.example.org dav.example.com:8443",
        "CYGNET_COPY_INSIDE": "[::1]:1094 10.0.0.5",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prot = 1", "no setting `prot`"),
        ("port = 70000", "`port`: Input should be less than"),
        ('url = "cygnet.example.org"', "`url`: must begin with http"),
        ("minimum_password_length = 1", "`minimum_password_length`"),
        ("[copies]\nhosts = ['https://eos.example.org']", "`copies.hosts.0`"),
        ("[copies]\ninside = ['a b']", "`copies.inside.0`"),
        ("[copies]\nauthorities = '/not/there'", "`copies.authorities`: there is no such file"),
        ("port =", "is not a TOML file"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "cygnet.toml"
    path.write_text(text)
    with pytest.raises(PlatformError) as problem:
        load_settings(path, {})
    assert words in str(problem.value)
    assert "\n" not in str(problem.value) or "TOML" in str(problem.value)
