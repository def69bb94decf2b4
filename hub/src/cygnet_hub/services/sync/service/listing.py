"""What is in a folder, for listings: columns of all that is plain, and by themselves the few that are not.

Of most nodes nothing is known but their rows. Those that are shared, locked, favourites or have properties of
their own, where any of that is asked for, are described like every node that is asked for by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from ..model.names import name_key
from ..model.node import permission_letters
from ..model.principal import Principal
from ..store import listing, nodes
from ..store.listing import Columns
from .access import Action, authorize
from .properties import Described, Wanted, describe, locks_on, quotas_of
from .tree import Quota, Tree
from .view import PAGE, EtagForms, Location, View


@dataclass(frozen=True)
class Common:
    """What the nodes in one folder have in common.

    Args:
        path: of the folder.
        owner: of its space.
        letters: `oc:permissions` of a file in it, and of a folder.
        shared: whether it came from somebody else.
        etags: how those of a file and of a folder are made.
        quota: of the space, if it is asked for.
    """

    path: str
    owner: str
    letters: tuple[str, str]
    shared: bool
    etags: EtagForms
    quota: Quota | None


@dataclass(frozen=True)
class Page:
    """Some of the nodes in a folder.

    Args:
        columns: of all of them.
        special: by their place those of which more is to be said than the columns do.
    """

    common: Common
    columns: Columns
    special: Mapping[int, Described] = field(default_factory=dict)


class Listing:
    """Lists folders.

    Args:
        tree: whose.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    async def tell(
        self,
        principal: Principal,
        path: str,
        wanted: Wanted,
        take: Callable[[Sequence[Described]], None],
        take_page: Callable[[Page], None],
        *,
        itself: bool = True,
    ) -> None:
        """Hand on the node at `path` (with `itself`) and those directly in it, as they were at one moment.

        Args:
            take: for the node itself, and for what is in the folder in this view only; called, like
                `take_page`, in a reader's thread with some at a time, so that memory stays flat.
            take_page: for the other nodes in it.
        """

        def run(connection: Connection) -> None:
            view = self._tree.view(connection, principal)
            here = view.find(path)
            authorize(principal, Action.LOOK, here)
            if itself:
                take(describe(view, [here], wanted))
            if here.virtual:
                take(describe(view, view.children(here), wanted))
            elif here.folder:
                _Folder(view, here, wanted).tell(take_page)
                take(describe(view, view.added(here), wanted))

        await self._tree.database.read(run)


class _Folder:
    """A folder that is being listed in one transaction."""

    def __init__(self, view: View, here: Location, wanted: Wanted) -> None:
        self._view, self._here, self._wanted = view, here, wanted
        self._special = self._specials()

    def _specials(self) -> set[int] | None:
        """What in it has to be described by itself; None: everything."""
        view, here, wanted = self._view, self._here, self._wanted
        held = locks_on(view, here) if wanted.locks else []
        above = {row.id for row in here.chain}
        if any(lock.deep and lock.node in above for lock in held):
            return None
        found = {lock.node for lock in held}
        place = view.connection, here.row.id
        if wanted.dead:
            found |= listing.with_dead_properties(*place)
        if wanted.favorite and view.principal.kind == "user":
            found |= listing.marked(*place, view.principal.user)
        if wanted.shares and here.mount is None:
            found |= listing.shared(*place, view.principal.user)
        return found

    def tell(self, take: Callable[[Page], None]) -> None:
        """Hand on everything in it, in pages that fit into memory."""
        common, after = self._common(), ""
        while True:
            columns = listing.page(
                self._view.connection, self._here.row.id, after, PAGE, sums=self._wanted.checksums
            )
            if columns.id:
                take(Page(common, columns, self._described(columns)))
            if len(columns.id) < PAGE:
                return
            after = name_key(columns.name[-1])

    def _common(self) -> Common:
        view, here = self._view, self._here
        shared = here.mount is not None and view.principal.kind == "user"
        letters = (
            permission_letters("file", here.inside, shared=shared, mounted=False),
            permission_letters("folder", here.inside, shared=shared, mounted=False),
        )
        quotas = quotas_of(view, [here]) if self._wanted.quota else {}
        return Common(
            here.path,
            here.owner,
            letters,
            shared,
            view.etag_forms(here.row.space),
            quotas.get(here.row.space),
        )

    def _described(self, columns: Columns) -> dict[int, Described]:
        special = self._special
        if special is not None and not special:
            return {}
        places = [at for at, node in enumerate(columns.id) if special is None or node in special]
        rows = nodes.many(self._view.connection, [columns.id[at] for at in places])
        found = self._view.below(self._here, [rows[columns.id[at]] for at in places])
        return dict(zip(places, describe(self._view, found, self._wanted), strict=True))
