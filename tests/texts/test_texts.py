"""Texts in several languages: what a `Text` is, and who is spoken to in which language."""

from __future__ import annotations

import pickle

import pytest

from cygnet_fs_bridge.texts import Catalogue, Text, catalogue, chosen, languages

FRENCH = Catalogue(
    "fr",
    {
        "": {"forms": "0" * 2 + "1" * 198, "name": "Français"},
        "There is no {what} here.": ["Pas de {what} ici."],
        "file": ["fichier"],
        "{n} file": ["{n} fichier", "{n} fichiers"],
        "verb\x04Open": ["Ouvrir"],
    },
)


def test_a_text_is_english_wherever_nobody_translates_it() -> None:
    text = Text("There is no {what} here.", what="file")
    assert text == "There is no file here."
    assert f"{text}" == str(text) == "There is no file here."
    assert pickle.loads(pickle.dumps(text)).values == {"what": "file"}


def test_a_text_within_a_text_is_translated_too() -> None:
    assert FRENCH.say(Text("There is no {what} here.", what=Text("file"))) == "Pas de fichier ici."


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 fichier"), (1, "1 fichier"), (2, "2 fichiers"), (1_000, "1000 fichiers")]
)
def test_french_says_zero_in_the_singular(n: int, said: str) -> None:
    assert FRENCH.say(Text("{n} file", "{n} files", n=n)) == said


@pytest.mark.parametrize(("n", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_english_needs_no_catalogue(n: int, said: str) -> None:
    assert Text("{n} file", "{n} files", n=n) == said
    assert catalogue("en").say(Text("{n} file", "{n} files", n=n)) == said


def test_what_nobody_has_translated_is_said_in_english() -> None:
    assert FRENCH.say(Text("Nobody has {what}.", what="this")) == "Nobody has this."
    assert FRENCH.in_context("verb", "Open") == "Ouvrir"
    assert FRENCH.in_context("adjective", "Open") == "Open"


def test_a_value_is_never_taken_for_a_placeholder() -> None:
    assert FRENCH.say(Text("There is no {what} here.", what="{what}")) == "Pas de {what} ici."


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, None, "en"),
        (None, "fr-FR,fr;q=0.9,en-US;q=0.8", "fr"),
        (None, "de,fr;q=0.5,en;q=0.7", "en"),
        (None, "fr;q=0, en", "en"),
        (None, "de-CH, *;q=0.1", "en"),
        (None, "fr;q=many, ,;", "en"),
        ("en", "fr", "en"),
        ("fr", "en-US", "fr"),
        ("tlh", "fr", "fr"),
        ("../../etc", "FR-ca", "fr"),
    ],
)
def test_the_choice_of_the_person_goes_before_that_of_their_browser(
    cookie: str | None, accepted: str | None, language: str
) -> None:
    assert {"en", "fr"} <= set(languages())
    assert chosen(cookie, accepted) == language
