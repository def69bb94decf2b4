"""Texts for people in the language of their choice; English is both the key and what programs get.

A `Text` is an English string that remembers what it was made from, so that it can be said in another
language where it meets a person, and is plain English everywhere else: in logs, in protocols, in tests.
The catalogues are compiled from `locale/*.po` by `.ci/texts`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

ENGLISH = "en"
#: The cookie that holds a person's choice, for every part of the platform that they see in a browser.
COOKIE = "cygnet_language"

LOCALE = Path(__file__).parent / "locale"
_CONTEXT = "\x04"  # between context and text, as in compiled catalogues of gettext
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PERIOD = 100  # rules for plurals look at the last two digits of large numbers


class Text(str):
    """An English sentence with its values filled in.

    Args:
        english: the sentence, with placeholders such as `{name}`; always a literal, for the catalogues.
        several: the sentence for any number but one; then `n` is among the values.
        values: what the placeholders stand for; a `Text` among them is translated too.
    """

    __slots__ = ("english", "several", "values")
    english: str
    several: str
    values: Mapping[str, Any]

    def __new__(cls, english: str, several: str = "", /, **values: Any) -> Self:
        said = several if several and values["n"] != 1 else english
        made = super().__new__(cls, filled(said, values))
        made.english, made.several, made.values = english, several, values
        return made

    @classmethod
    def of(cls, english: str, values: Mapping[str, Any]) -> Text:
        """Return what was a text already, or the text of a sentence that is marked where it was written."""
        return english if isinstance(english, Text) else cls(english, **values)

    def given(self, **values: Any) -> Text:
        """Return this text with (more of) its values."""
        return Text(self.english, self.several, **{**self.values, **values})

    def __getnewargs_ex__(self) -> tuple[tuple[str, str], dict[str, Any]]:
        return (self.english, self.several), dict(self.values)


class WordedError(Exception):
    """An error that a person sees.

    Args:
        message: a sentence for them; English, a literal, with `{name}` where a value belongs.
        values: those values.
    """

    def __init__(self, message: str, **values: Any) -> None:
        self.text = Text.of(message, values)
        super().__init__(self.text)


def filled(sentence: str, values: Mapping[str, Any]) -> str:
    """Return a sentence with its placeholders filled; one without a value stays as it is."""
    return _PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), sentence)


def placeholders(sentence: str) -> set[str]:
    """Return the names of the placeholders in a sentence."""
    return set(_PLACEHOLDER.findall(sentence))


class Catalogue:
    """The texts of one language.

    Args:
        language: its code, for example `fr`.
        data: the compiled catalogue: `""` -> header, text -> its translations, one for each plural form.
    """

    def __init__(self, language: str, data: Mapping[str, Any]) -> None:
        self.language = language
        self._data = data
        head = data.get("", {})
        #: What the language calls itself.
        self.name: str = head.get("name", "English")
        self._forms: str = head.get("forms", "")

    def say(self, text: str, **values: Any) -> str:
        """Return a text in this language; in English when there is no translation of it.

        Args:
            text: a `Text`, or the English sentence of one without plural forms.
            values: for the placeholders of the latter.
        """
        if not isinstance(text, Text):
            return filled(self._form(text, 0) or text, values)
        found = self._form(text.english, self._which(text.values["n"]) if text.several else 0)
        inner = {name: self._said(value) for name, value in text.values.items()}
        return filled(found, inner) if found else str(text)

    def _said(self, value: Any) -> Any:
        return self.say(value) if isinstance(value, Text) else value

    def in_context(self, context: str, text: str) -> str:
        """Return a text that means different things in different places."""
        return self._form(f"{context}{_CONTEXT}{text}", 0) or text

    def _form(self, key: str, which: int) -> str:
        forms = self._data.get(key) if key else None
        return str(forms[which]) if forms else ""

    def _which(self, n: int) -> int:
        n = abs(n)
        return int(self._forms[n if n < 2 * _PERIOD else _PERIOD + n % _PERIOD]) if self._forms else 0


@cache
def catalogue(language: str) -> Catalogue:
    """Return the catalogue of a language; for one that there is not, that of English, which is empty."""
    if language == ENGLISH or language not in languages():
        return Catalogue(ENGLISH, {})
    return Catalogue(language, json.loads((LOCALE / f"{language}.json").read_text("utf-8")))


class _Person:
    """Whom a process serves that serves one person only, such as a notebook server."""

    language = ""


def serve(language: str) -> None:
    """From now on, `said` and what this process asks of the service are in the language of its person."""
    _Person.language = language


def served() -> str:
    """Return that language; empty in a process that serves nobody in particular."""
    return _Person.language


def said(english: str, **values: Any) -> str:
    """Return a text in the language of the one person whom this process serves."""
    return catalogue(_Person.language or ENGLISH).say(english, **values)


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of all languages that there are, English first."""
    return (ENGLISH, *sorted(path.stem for path in LOCALE.glob("*.json")))


def chosen(cookie: str | None, accepted: str | None) -> str:
    """Return the language to speak with somebody.

    Args:
        cookie: the language that they have chosen, if they have.
        accepted: the header `Accept-Language` (RFC 9110, section 12.5.4); who sends none gets English.
    """
    wanted = [cookie, *_ranges(accepted or "")]
    known = languages()
    return next((code for one in wanted if one and (code := one.lower().partition("-")[0]) in known), ENGLISH)


def _ranges(accepted: str) -> Iterable[str]:
    """The languages of the header, the most wanted first; what cannot be read is passed over."""
    weighed = []
    for one in accepted.split(",")[:20]:
        name, _, weight = one.strip().partition(";")
        quality = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", weight) if weight else None
        if name and (not weight or quality):
            weighed.append((float(quality[1]) if quality else 1.0, name.strip()))
    return [name for quality, name in sorted(weighed, key=lambda pair: -pair[0]) if quality > 0]
