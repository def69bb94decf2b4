"""Where a file lies: computed from its path and a table of epochs, after XRootD's "Fixed" plug-in.

The month and year in the path choose the epoch, and with it the cluster; rendezvous hashing (Thaler and
Ravishankar, 1998) chooses the nodes in it. A path without a date belongs to the first epoch.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ..errors import NotConfigured

DATE = r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/_](?P<month>0[1-9]|1[0-2])(?!\d)"
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Place:
    """A node: its name, which decides what it holds, and the store where it is now."""

    name: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Epoch:
    """A cluster and the months of paths that belong to it.

    Args:
        start: first month, `YYYY-MM`; empty for the first epoch.
        places: the nodes.
        replicas: copies of each file.
        quorum: copies that must be written for a new file to be accepted.
        seed: makes the placement differ from that of other epochs.
    """

    start: str
    places: tuple[Place, ...]
    replicas: int
    quorum: int
    seed: str = ""

    def ranked(self, path: str) -> list[Place]:
        """Return all nodes, the owners of the path first, in the order in which they are asked."""
        return sorted(self.places, key=lambda place: _score(self.seed, place.name, path), reverse=True)

    def owners(self, path: str) -> list[Place]:
        """Return the nodes that have to hold the file."""
        return self.ranked(path)[: self.replicas]


def _score(seed: str, name: str, path: str) -> bytes:
    text = "\0".join((seed, name, path)).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=16).digest()


@dataclass(frozen=True)
class Table:
    """The epochs, in the order of their months, and how a date is found in a path."""

    epochs: tuple[Epoch, ...]
    date: re.Pattern[str] = re.compile(DATE)

    def month(self, path: str) -> str | None:
        """Return the month that the path names first, as `YYYY-MM`."""
        found = self.date.search(path)
        return f"{found['year']}-{found['month']}" if found else None

    def epoch(self, path: str) -> Epoch:
        """Return the epoch that a file belongs to."""
        month = self.month(path) or ""
        return next((one for one in reversed(self.epochs) if one.start <= month), self.epochs[0])

    def epochs_below(self, folder: str) -> tuple[Epoch, ...]:
        """Return the epochs that may have something in a folder."""
        inside = folder.rstrip("/") + "/"
        return self.epochs if self.month(inside) is None else (self.epoch(inside),)

    def grown(self, epoch: Epoch) -> Table:
        """Return the table with one more epoch, which has to begin later than all others.

        Raises:
            NotConfigured: it does not.
        """
        return _checked(Table((*self.epochs, epoch), self.date))


def _checked(table: Table) -> Table:
    """Return the table, or say what is wrong with it."""
    if not table.epochs:
        raise NotConfigured("The table has no epoch")
    for before, after in zip(table.epochs, table.epochs[1:], strict=False):
        if not _MONTH.fullmatch(after.start):
            raise NotConfigured(f"`from` has to be a month such as 2026-11, not {after.start!r}")
        if after.start <= before.start:
            raise NotConfigured(f"The epoch from {after.start} has to begin later than the one before it")
    if not {"year", "month"} <= set(table.date.groupindex):
        raise NotConfigured("`date` needs the groups (?P<year>...) and (?P<month>...)")
    return table


def _place(name: str, given: Any) -> Place:
    if isinstance(given, str):
        return Place(name, given)
    if not isinstance(given, Mapping) or not isinstance(given.get("url"), str):
        raise NotConfigured(f"The node {name!r} needs the address of a store")
    return Place(name, given["url"], {key: value for key, value in given.items() if key != "url"})


def _epoch(given: Mapping[str, Any]) -> Epoch:
    nodes = given.get("nodes")
    if not isinstance(nodes, Mapping) or not nodes:
        raise NotConfigured("An epoch needs nodes: [epoch.nodes] with a name and an address each")
    replicas = given.get("replicas", min(2, len(nodes)))
    if not isinstance(replicas, int) or not 1 <= replicas <= len(nodes):
        raise NotConfigured(f"`replicas` has to be a number from 1 to {len(nodes)}, that of the nodes")
    quorum = given.get("quorum", replicas // 2 + 1)
    if not isinstance(quorum, int) or not 1 <= quorum <= replicas:
        raise NotConfigured(f"`quorum` has to be a number from 1 to {replicas}, that of the replicas")
    places = tuple(_place(name, node) for name, node in nodes.items())
    return Epoch(str(given.get("from", "")), places, replicas, quorum, str(given.get("seed", "")))


def parse(data: Mapping[str, Any]) -> Table:
    """Return the table that a TOML or JSON document describes.

    Raises:
        NotConfigured: something in it does not fit; says what.
    """
    epochs = data.get("epoch", ())
    if not isinstance(epochs, Sequence) or not all(isinstance(one, Mapping) for one in epochs):
        raise NotConfigured("The table needs a list [[epoch]]")
    try:
        date = re.compile(str(data.get("date", DATE)))
    except re.error as error:
        raise NotConfigured(f"`date` is not a regular expression: {error}") from error
    return _checked(Table(tuple(_epoch(one) for one in epochs), date))


def load(file: Path) -> Table:
    """Read a table from a `.toml` or `.json` file.

    Raises:
        NotConfigured: it cannot be read, or something in it does not fit.
    """
    try:
        text = file.read_text()
        return parse(json.loads(text) if file.suffix == ".json" else tomllib.loads(text))
    except OSError as error:
        raise NotConfigured(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise NotConfigured(f"{file} is neither TOML nor JSON: {error}") from error
    except NotConfigured as error:
        raise NotConfigured(f"{file}: {error}") from error


def find(name: str) -> Path:
    """Return the file of the table called `name`.

    It is looked for in `CYGNET_FIXED_TABLES`, the person's configuration, and `/etc/cygnet/fixed`.

    Raises:
        NotConfigured: there is none.
    """
    own = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    folders = [Path(own) / "cygnet" / "fixed", Path("/etc/cygnet/fixed")]
    if given := os.environ.get("CYGNET_FIXED_TABLES"):
        folders.insert(0, Path(given))
    for folder in folders:
        for file in (folder / f"{name}.toml", folder / f"{name}.json"):
            if name and "/" not in name and file.is_file():
                return file
    places = ", ".join(map(str, folders))
    raise NotConfigured(f"There is no table {name}.toml for fixed://{name} in {places}")
