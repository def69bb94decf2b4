"""`cygnet sync`: one folder made like another, across the network."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from .. import errors
from ..client.api import ApiClient
from ..client.uploads import Conditions
from ..client.walk import joined, walk
from ..models import Node
from .addresses import SCHEME, AnyPath
from .common import Session, connected, run, tree_path
from .jobs import Outcome, each, jobs_option, patience_option
from .local import LocalFile, files_below
from .moves import Download, Moves, Upload

#: Seconds by which time stamps may differ and still be the same: not every disk keeps fractions.
_SAME_TIME = 1.0

Item = LocalFile | Node


@dataclass
class Plan:
    """What makes DESTINATION like SOURCE, by paths below both."""

    copies: list[str] = field(default_factory=list)
    deletions: list[str] = field(default_factory=list)

    def lines(self, verb: str) -> list[str]:
        """Return the plan for a person."""
        return [f"{verb} {name}" for name in self.copies] + [f"delete {name}" for name in self.deletions]


def plan(
    source: dict[str, Item], destination: dict[str, Item], delete: bool, kept: frozenset[str] = frozenset()
) -> Plan:
    """Return what is missing or differs at the destination and, with `delete`, what is too much there.

    Files differ when their sizes do, or their time stamps by more than a second. Folders in `kept` hold
    something that is to be left alone, so they are not deleted as a whole.
    """
    made = Plan([name for name, item in source.items() if _differs(item, destination.get(name))])
    if delete:
        extra = {name for name, item in destination.items() if _is_extra(item, source.get(name))} - kept
        made.deletions = sorted(name for name in extra if not _folders_of([name]) & extra)
    return made


def _differs(wanted: Item, there: Item | None) -> bool:
    if there is None or wanted.is_folder != there.is_folder:
        return True
    if wanted.is_folder:
        return False
    return wanted.size != there.size or abs(wanted.mtime - there.mtime) > _SAME_TIME


def _is_extra(there: Item, wanted: Item | None) -> bool:
    return wanted is None or wanted.is_folder != there.is_folder


@click.command()
@click.argument("source", type=AnyPath())
@click.argument("destination", type=AnyPath())
@click.option("--delete", is_flag=True, help="Delete what is at DESTINATION and not at SOURCE.")
@click.option("--dry-run", "-n", is_flag=True, help="Only show what would be done.")
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Leave these names or paths alone on both sides, for example '*.tmp'; may be given several times.",
)
@jobs_option
@patience_option
@connected
def sync(
    session: Session,
    source: str,
    destination: str,
    delete: bool,
    dry_run: bool,
    exclude: tuple[str, ...],
    jobs: int,
    patience: float,
) -> None:
    """Make the folder DESTINATION like the folder SOURCE; one of them begins with cygnet://.

    What is missing at DESTINATION, or differs in size or time stamp, is copied. SOURCE is never changed. With
    --delete, what SOURCE has not is deleted at the end, if everything else went well.
    """
    if source.startswith(SCHEME) == destination.startswith(SCHEME):
        raise click.UsageError("One of SOURCE and DESTINATION has to begin with cygnet://, and only one")
    side = _Up if destination.startswith(SCHEME) else _Down

    async def work() -> tuple[Plan, Outcome]:
        async with session.service(patience) as api:
            direction = side(api, Moves(api, session.endpoint().url, jobs), source, destination)
            here, there = await direction.source(), await direction.destination()
            alone = frozenset(name for name in there if _excluded(name, exclude))
            here, there = _without(here, exclude), _without(there, exclude)
            wanted = plan(here, there, delete, _folders_of(alone))
            return wanted, Outcome() if dry_run else await _carry_out(direction, wanted, here, there)

    wanted, outcome = run(work)
    told = {"copy": wanted.copies, "delete": wanted.deletions}
    session.tell(told if dry_run else outcome.to_json(), wanted.lines("copy") if dry_run else ())
    outcome.end()


def _excluded(name: str, patterns: Sequence[str]) -> bool:
    """Whether a pattern matches the path, the name, or a folder that it is in."""
    return any(
        fnmatchcase(one, pattern)
        for pattern in patterns
        for one in (*name.split("/"), name, *_folders_of([name]))
    )


def _folders_of(names: Iterable[str]) -> frozenset[str]:
    """Return all folders that these paths are in."""
    cut = [name.split("/") for name in names]
    return frozenset("/".join(parts[:count]) for parts in cut for count in range(1, len(parts)))


def _without(items: dict[str, Item], patterns: Sequence[str]) -> dict[str, Item]:
    return {name: item for name, item in items.items() if not _excluded(name, patterns)}


class _Direction:
    """Up or down.

    Args:
        api: client of the tree.
        moves: carries the files.
        source, destination: the folders.
    """

    def __init__(self, api: ApiClient, moves: Moves, source: str, destination: str) -> None:
        self._api, self._moves = api, moves
        self._source, self._destination = source, destination

    async def source(self) -> dict[str, Item]:
        """Return what is below SOURCE, by path; raises what says that it is no folder."""
        raise NotImplementedError

    async def destination(self) -> dict[str, Item]:
        """Return what is below DESTINATION; nothing if it does not exist yet."""
        raise NotImplementedError

    async def copy(self, names: Sequence[str], here: dict[str, Item], there: dict[str, Item]) -> Outcome:
        """Copy these."""
        raise NotImplementedError

    async def delete(self, name: str) -> dict[str, Any]:
        """Delete one at DESTINATION."""
        raise NotImplementedError

    async def _remote(self, address: str) -> dict[str, Item]:
        root = await self._api.stat(tree_path(address))
        if not root.is_folder:
            raise errors.FolderExpected("This is a file; sync takes folders", root.path)
        prefix = root.path.rstrip("/") + "/"
        return {node.path.removeprefix(prefix): node async for node in walk(self._api, root.path)}


class _Up(_Direction):
    async def source(self) -> dict[str, Item]:
        return _local(Path(self._source))

    async def destination(self) -> dict[str, Item]:
        try:
            return await self._remote(self._destination)
        except errors.NotFound:
            return {}

    async def copy(self, names: Sequence[str], here: dict[str, Item], there: dict[str, Item]) -> Outcome:
        root = tree_path(self._destination)
        files = [(one, name) for name in names if isinstance(one := here[name], LocalFile)]
        top = Upload(LocalFile.of(Path(self._source), ""), root)
        return await self._moves.upload(
            [top, *(Upload(one, joined(root, name), _unchanged(there.get(name))) for one, name in files)]
        )

    async def delete(self, name: str) -> dict[str, Any]:
        path = joined(tree_path(self._destination), name)
        await self._api.delete([path])
        return {"deleted": path}


def _unchanged(there: Item | None) -> Conditions:
    """What an upload expects, so that nothing is overwritten that came after the look at both sides."""
    if there is None:
        return {"create": True}
    return {"if_match": there.etag} if isinstance(there, Node) and not there.is_folder else {}


class _Down(_Direction):
    async def source(self) -> dict[str, Item]:
        return await self._remote(self._source)

    async def destination(self) -> dict[str, Item]:
        return _local(Path(self._destination)) if Path(self._destination).exists() else {}

    async def copy(self, names: Sequence[str], here: dict[str, Item], there: dict[str, Item]) -> Outcome:
        root = Path(self._destination)
        root.mkdir(parents=True, exist_ok=True)
        nodes = [(one, name) for name in names if isinstance(one := here[name], Node)]
        return await self._moves.download([Download(node, root / name) for node, name in nodes])

    async def delete(self, name: str) -> dict[str, Any]:
        path = Path(self._destination) / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
        return {"deleted": str(path)}


def _local(root: Path) -> dict[str, Item]:
    if not root.is_dir():
        raise NotADirectoryError(20, "This is no folder; sync takes folders", str(root))
    return {file.name: file for file in files_below(root)}


async def _carry_out(
    direction: _Direction, wanted: Plan, here: dict[str, Item], there: dict[str, Item]
) -> Outcome:
    """Do what a plan says: what is of the other kind goes first, what is too much at the end."""
    in_the_way = [name for name in wanted.deletions if name in here]
    rest = [name for name in wanted.deletions if name not in here]
    cleared = await each(in_the_way, direction.delete, str, jobs=1)
    if cleared.failed:
        return cleared
    outcome = await direction.copy(
        wanted.copies, here, {n: i for n, i in there.items() if n not in in_the_way}
    )
    outcome.done[:0] = cleared.done
    if not outcome.failed:
        outcome += await each(rest, direction.delete, str, jobs=1)
    return outcome
