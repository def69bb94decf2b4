"""Properties of files and folders: those asked for together, in one look at the tree, and changes to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection

from ..model.conditions import Conditions
from ..model.errors import Forbidden
from ..model.node import Node
from ..model.principal import Principal
from ..store import favorites, nodes, props, spaces
from ..store import locks as lock_store
from ..store.locks import LockRow
from ..store.props import Name
from .access import Action, authorize, require_scope
from .commit import touch
from .guard import check_conditions, check_locks, locks_over
from .tree import Quota, Tree
from .view import Location, View

MTIME: Name = ("DAV:", "getlastmodified")


@dataclass(frozen=True)
class Wanted:
    """What a look at the tree has to bring besides the nodes."""

    dead: bool = False
    locks: bool = False
    quota: bool = False
    favorite: bool = False
    shares: bool = False
    checksums: bool = False


@dataclass(frozen=True)
class Described:
    """A node with its properties."""

    node: Node
    dead: Mapping[Name, str] = field(default_factory=dict)
    locks: Sequence[LockRow] = ()
    quota: Quota | None = None
    favorite: bool = False


@dataclass(frozen=True)
class PropertyChange:
    """One instruction of a PROPPATCH: set a property (to an element, a time, or a favourite) or remove it."""

    name: Name
    action: Literal["set", "remove"]
    xml: str = ""
    mtime: float | None = None
    favorite: bool | None = None


class Properties:
    """Reads and changes properties.

    Args:
        tree: whose.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    async def find(self, principal: Principal, path: str, wanted: Wanted) -> Described:
        """The node at `path`."""

        def run(connection: Connection) -> Described:
            view = self._tree.view(connection, principal)
            here = view.find(path)
            authorize(principal, Action.STAT, here)
            return describe(view, [here], wanted)[0]

        return await self._tree.database.look(run)

    async def change(
        self, principal: Principal, path: str, changes: Sequence[PropertyChange], conditions: Conditions
    ) -> Node:
        """Make all `changes`, in their order."""

        def run(connection: Connection) -> Node:
            view = self._tree.view(connection, principal)
            _change(view, path, changes, conditions)
            after = self._tree.view(connection, principal)
            return after.node(after.find(path))

        return await self._tree.database.write(run)


def _change(view: View, path: str, changes: Sequence[PropertyChange], conditions: Conditions) -> None:
    check_conditions(view, conditions, path)
    here = view.find(path)
    marks = [change.favorite for change in changes if change.favorite is not None]
    if marks:
        _mark(view, here, marked=marks[-1])
    if len(marks) == len(changes):
        return
    authorize(view.principal, Action.PROPERTIES, here)
    check_locks(view, locks_over(view, here), conditions)
    for change in changes:
        _apply(view, here.row.id, change)
    seq = spaces.next_seq(view.connection, here.row.space)
    if here.folder:
        nodes.propagate(view.connection, [here.row.id], seq, 0)
    touch(view, "props", here, seq)


def _mark(view: View, here: Location, *, marked: bool) -> None:
    """Make something a favourite or not: only one's own list changes, so being able to read it is enough."""
    authorize(view.principal, Action.READ, here)
    require_scope(view.principal, "files:write")
    if view.principal.kind != "user":
        raise Forbidden("Sign in to have favourites.")
    favorites.mark(view.connection, view.principal.user, here.row.id, marked=marked)


def _apply(view: View, node_id: int, change: PropertyChange) -> None:
    if change.favorite is not None:
        return
    if change.mtime is not None:
        nodes.set_mtime(view.connection, node_id, change.mtime)
    elif change.action == "set":
        props.put(view.connection, node_id, change.name, change.xml)
    else:
        props.drop(view.connection, node_id, change.name)


def describe(view: View, locations: Sequence[Location], wanted: Wanted) -> list[Described]:
    """Nodes with what is wanted besides."""
    ids = [item.row.id for item in locations if item.chain]
    dead = props.of_nodes(view.connection, ids) if wanted.dead else {}
    held = _locks(view, locations) if wanted.locks else [()] * len(locations)
    quotas = quotas_of(view, locations) if wanted.quota else {}
    personal = wanted.favorite and view.principal.kind == "user"
    marked = favorites.of_user(view.connection, view.principal.user) if personal else frozenset()
    return [
        Described(
            node,
            dead.get(node.id, {}),
            locks,
            quotas.get(node.space_id) if node.is_folder else None,
            node.id in marked,
        )
        for node, locks in zip(view.nodes(locations), held, strict=True)
    ]


def _locks(view: View, locations: Sequence[Location]) -> list[Sequence[LockRow]]:
    """The locks over each: one question for each space, since few are held."""
    by_space: dict[int, list[LockRow]] = {}
    for space in {item.row.space for item in locations if item.chain}:
        by_space[space] = lock_store.in_space(view.connection, space)
    return [_over(item, by_space[item.row.space]) if item.chain else () for item in locations]


def locks_on(view: View, location: Location) -> list[LockRow]:
    """The locks in the space of a location."""
    return lock_store.in_space(view.connection, location.row.space)


def _over(location: Location, held: Sequence[LockRow]) -> list[LockRow]:
    above = {row.id for row in location.chain}
    own = location.row.id
    return [lock for lock in held if lock.node == own or (lock.deep and lock.node in above)]


def quotas_of(view: View, locations: Sequence[Location]) -> dict[int, Quota]:
    """The quotas of the spaces that folders among these are in."""
    quotas = {}
    for space_id in {item.row.space for item in locations if item.folder and item.chain}:
        space = spaces.get(view.connection, space_id)
        root = nodes.get(view.connection, space.root)
        quotas[space_id] = Quota(root.size if root else 0, space.quota)
    return quotas
