"""Listings that are not of one folder: what changed since, what is a favourite, what fits a search."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from ..model.errors import Forbidden
from ..model.names import is_inside, parent_path
from ..model.principal import Principal
from ..store import favorites
from .access import Action, authorize
from .changes import Change, Changes
from .properties import Described, Wanted, describe
from .tree import Tree
from .view import Location, View

#: More than this is not listed; a client must look folder by folder.
MAX_FOUND = 10_000


class StaleToken(Forbidden):
    """A listing of changes cannot go on from where the client is: it must begin anew."""

    code = "stale-token"


@dataclass(frozen=True)
class Delta:
    """What changed in a folder.

    Args:
        cursor: where the next one goes on.
        found: what is new or different.
        gone: paths where nothing is any more.
    """

    cursor: str
    found: list[Described]
    gone: list[str]


class Reports:
    """Listings of a principal's tree.

    Args:
        tree: whose.
        changes: says what changed.
    """

    def __init__(self, tree: Tree, changes: Changes) -> None:
        self._tree = tree
        self._changes = changes

    async def delta(
        self, principal: Principal, path: str, cursor: str | None, wanted: Wanted, *, deep: bool
    ) -> Delta:
        """What changed in the folder at `path` since `cursor`; without one only where to go on from.

        Args:
            deep: whether what lies deeper counts by itself, and not as a change of the folder that it is in.

        Raises:
            StaleToken: the cursor is too old, or too much has changed.
        """
        # One's own changes count here: another program may have made them with the same password.
        batch = await self._changes.since(replace(principal, credential_id=""), cursor)
        if batch.reset:
            raise StaleToken("This token is too old; list the folder anew.")

        def run(connection: Connection) -> tuple[list[Described], list[str]]:
            view = self._tree.view(connection, principal)
            here = view.find(path)
            authorize(principal, Action.LOOK, here)
            if cursor is None:
                return [], []
            places, gone = _affected(view, path, batch.changes, deep=deep)
            return describe(view, places, wanted), gone

        found, gone = await self._tree.database.read(run)
        return Delta(batch.cursor, found, gone)

    async def favorites(self, principal: Principal, path: str, wanted: Wanted) -> list[Described]:
        """What the principal marked at `path` or below."""

        def run(view: View) -> list[Location]:
            if principal.kind != "user":
                return []  # a link shows nothing of its owner
            marked = sorted(favorites.of_user(view.connection, principal.user))
            places = [place for place in map(view.by_id, marked) if place is not None]
            return [place for place in places if place.path == path or is_inside(place.path, path)]

        return await self._list(principal, path, wanted, run)

    async def search(
        self,
        principal: Principal,
        path: str,
        words: Sequence[str],
        wanted: Wanted,
        limit: int = MAX_FOUND,
    ) -> list[Described]:
        """What lies below `path` and has every one of `words` in its name; `limit` at most, by name."""
        return await self._list(
            principal, path, wanted, lambda view: view.search_in(view.find(path), words, limit)
        )

    async def by_id(self, principal: Principal, node_id: int, wanted: Wanted) -> list[Described]:
        """The node of this id, if the principal sees it."""

        def run(view: View) -> list[Location]:
            place = view.by_id(node_id)
            return [place] if place else []

        return await self._list(principal, "/", wanted, run)

    async def _list(
        self, principal: Principal, path: str, wanted: Wanted, run: Callable[[View], list[Location]]
    ) -> list[Described]:
        def read(connection: Connection) -> list[Described]:
            view = self._tree.view(connection, principal)
            authorize(principal, Action.LOOK, view.find(path))
            return describe(view, run(view), wanted)

        return await self._tree.database.read(read)


def _affected(
    view: View, path: str, changes: Sequence[Change], *, deep: bool
) -> tuple[list[Location], list[str]]:
    """What is now at the places that changes touched, and where nothing is any more."""
    places: dict[str, Location] = {}
    gone = []
    for touched, whole in _touched(path, changes, deep=deep):
        here = view.lookup(touched)
        if here is None:
            gone.append(touched)
            continue
        for place in _below(view, here) if whole and deep else [here]:
            places[place.path] = place
        if len(places) > MAX_FOUND:
            raise StaleToken("Too much has changed; list the folder anew.")
    return list(places.values()), gone


def _touched(path: str, changes: Sequence[Change], *, deep: bool) -> list[tuple[str, bool]]:
    """The paths below `path` that changes are about, and whether what is below them came along."""
    touched: dict[str, bool] = {}
    for change in changes:
        came = change.kind == "folder" and change.op in ("move", "mkdir", "share")
        for one in filter(None, (change.old_path, change.path)):
            if not is_inside(one, path):
                continue
            shown = one if deep else _child(one, path)
            touched[shown] = touched.get(shown, False) or came
    return list(touched.items())


def _child(path: str, folder: str) -> str:
    """The one directly in `folder` that `path` is, or lies below."""
    while parent_path(path) != folder:
        path = parent_path(path)
    return path


def _below(view: View, here: Location) -> Iterator[Location]:
    yield here
    for child in view.children(here):
        yield from _below(view, child)
