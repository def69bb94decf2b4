"""Which account number (uid) belongs to whom; none is ever given to a second person.

The hub's own numbers would not do: SQLite gives the highest one out again after its person was removed, and
the next person would own what the first one left behind.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cygnet_spawner.places import Places, set_aside, write_durably

FILE = "numbers.json"


@dataclass(frozen=True)
class _Entry:
    uid: int
    since: str


@dataclass(frozen=True)
class _Book:
    """What the file holds: the next number, and who has which."""

    next: int
    people: dict[str, _Entry]


@dataclass(frozen=True)
class Numbers:
    """The numbers given out on one data directory.

    Args:
        data: the data directory.
        base: the first number is this plus 1.
    """

    data: Path
    base: int

    def of(self, name: str, since: str, folder: str) -> int:
        """Return the number of an account; a new account gets one that nobody had.

        An account of the same name that was made at another time is another person: what lies in the home of
        the first one is set aside.

        Args:
            name: the hub's name.
            since: when the hub made the account, in any unchanging form.
            folder: name of the person's folder.

        Raises:
            OSError: the data directory cannot be written.
            ValueError: the file of numbers is damaged.
        """
        book = self._read()
        entry = book.people.get(name)
        if entry is not None and entry.since == since:
            return entry.uid
        places = Places(self.data, folder)
        uid = self._adopted(places) if entry is None else None
        if uid is None:
            uid = book.next
            set_aside(places)
        people = {**book.people, name: _Entry(uid, since)}
        fresh = _Book(max(book.next, uid + 1), people)
        write_durably(self.data / FILE, json.dumps(asdict(fresh), indent=1))
        return uid

    def _adopted(self, places: Places) -> int | None:
        """The owner of a home that was made before there was an entry, or whose entry was lost."""
        owner = places.home.stat().st_uid if places.home.exists() else 0
        return owner if owner > self.base else None

    def _read(self) -> _Book:
        try:
            text = (self.data / FILE).read_text()
        except FileNotFoundError:
            return _Book(max([self.base, *self._owners()]) + 1, {})
        try:
            raw = json.loads(text)
            return _Book(int(raw["next"]), {name: _Entry(**entry) for name, entry in raw["people"].items()})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{self.data / FILE} is damaged: {error!r}") from error

    def _owners(self) -> list[int]:
        """Numbers that own something, should the file have been lost."""
        folders = [self.data / "homes", self.data / "removed", self.data / "mount-cache"]
        return [one.stat().st_uid for above in folders if above.exists() for one in above.iterdir()]
