"""A class's roster: who is in it, read from a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import BadRequest

MAX_BYTES = 1 << 20
MAX_NAMES = 5000
#: What the column with the account names may be called, in any case.
COLUMNS = ("account", "account name", "username", "user name", "user", "login", "compte", "identifiant")


@dataclass(frozen=True)
class Roster:
    """Account names in the order of the file, each once; `repeated`: those that were there more than once."""

    names: tuple[str, ...]
    repeated: tuple[str, ...]


def read_roster(data: bytes) -> Roster:
    """The roster in a CSV file: account names in the column that is called so, or in the first one.

    UTF-8 with or without a mark, and UTF-16 with one (as spreadsheets save it), are understood; columns end
    with a comma, a semicolon or a tab.

    Raises:
        BadRequest: it is another encoding, no text, too long, or names nobody.
    """
    if len(data) > MAX_BYTES:
        raise BadRequest("A roster can have {bytes} MiB at most.", bytes=MAX_BYTES >> 20)
    rows = _rows(_decode(data))
    column, body = _column(rows)
    names = [row[column].strip() for row in body if len(row) > column and row[column].strip()]
    if not names:
        raise BadRequest("There is no account name in this roster.")
    once = tuple(dict.fromkeys(names))
    if len(once) > MAX_NAMES:
        raise BadRequest("A roster can have {names} names at most.", names=MAX_NAMES)
    return Roster(once, tuple(sorted({name for name in names if names.count(name) > 1})))


def _decode(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadRequest(
            "Line {line} of the roster is not UTF-8. Save it as CSV UTF-8 in your spreadsheet and try again.",
            line=line,
        ) from None
    if "\0" in text:
        raise BadRequest("This is not a CSV file. Save the table as CSV UTF-8 and try again.")
    return text


def _rows(text: str) -> list[list[str]]:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True) if any(row)]
    except csv.Error as error:
        raise BadRequest("The roster cannot be read as CSV: {error}.", error=str(error)) from None


def _column(rows: Sequence[list[str]]) -> tuple[int, Sequence[list[str]]]:
    """Where the account names are, and the rows that have some."""
    heads = [cell.strip().casefold() for cell in rows[0]] if rows else []
    for name in COLUMNS:
        if name in heads:
            return heads.index(name), rows[1:]
    return 0, rows
