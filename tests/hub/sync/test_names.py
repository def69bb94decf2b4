"""What a name may be, and the way from a URL to a path."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygnet_hub.services.sync.model.errors import InvalidName
from cygnet_hub.services.sync.model.names import (
    check_name,
    clean_path,
    decode_url_path,
    encode_url_path,
    is_inside,
    join_path,
    name_key,
    split_path,
)

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1).filter(
    lambda name: name not in (".", "..") and len(name.encode()) <= 255
)
PATHS = st.lists(NAMES, max_size=6).map(lambda names: join_path(*names))


@given(PATHS)
def test_every_legal_path_survives_a_url(path: str) -> None:
    assert decode_url_path(encode_url_path(path)) == path
    assert decode_url_path(quote(path, safe="/")) == path


@given(PATHS)
def test_a_path_is_its_names(path: str) -> None:
    assert join_path(*split_path(path)) == path == clean_path(path + "/")


@given(st.text())
def test_whatever_comes_is_a_clean_path_or_refused(raw: str) -> None:
    try:
        path = decode_url_path(raw)
    except InvalidName:
        return
    names = path.split("/")[1:]
    assert path == "/" or all(name not in ("", ".", "..") and "\0" not in name for name in names)


@given(st.binary(min_size=1))
def test_bytes_that_are_not_utf8_are_refused(raw: bytes) -> None:
    encoded = "/" + "".join(f"%{byte:02x}" for byte in raw)
    try:
        name = raw.decode()
        check_name(name)
    except (UnicodeDecodeError, InvalidName):
        with pytest.raises(InvalidName):
            decode_url_path(encoded)
    else:
        assert decode_url_path(encoded) == f"/{name}"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0", "x" * 256, "é" * 128, "\ud800"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(InvalidName):
        check_name(name)


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "...", " ", "\n", "\u200b", "🦢" * 63])
def test_names_that_can(name: str) -> None:
    assert check_name(name) == name


def test_a_path_has_an_end() -> None:
    assert len(split_path("/a" * 128)) == 128
    with pytest.raises(InvalidName):
        split_path("/a" * 129)


@given(NAMES)
def test_spellings_of_the_same_letters_have_one_key(name: str) -> None:
    assert name_key(name) == name_key(unicodedata.normalize("NFD", name))


@given(PATHS, PATHS)
def test_inside_is_by_names_not_by_letters(path: str, folder: str) -> None:
    names, outer = split_path(path), split_path(folder)
    assert is_inside(path, folder) == (len(names) > len(outer) and names[: len(outer)] == outer)
