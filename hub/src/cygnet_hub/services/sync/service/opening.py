"""Where a link of the kind "open in Cygnet" leads: to a file by its id, or to a copy of what others show."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection

from ..model.conditions import NO_CONDITIONS
from ..model.errors import BadRequest, Conflict, NotFound
from ..model.node import Node
from ..model.principal import Principal
from ..store import nodes, shares
from ..store.database import Database
from ..store.nodes import NodeRow
from . import class_tree
from .access import Action, authorize, require_scope
from .commit import check_room
from .guard import check_entry_locks
from .tree import Tree
from .view import Location, View


class Opening:
    """Finds what links name, and makes copies of it.

    Args:
        database: where it all lies.
        tree: the files.
        clock: seconds since 1970.
    """

    def __init__(self, database: Database, tree: Tree, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._tree = tree
        self._clock = clock

    async def find(self, principal: Principal, node_id: int) -> tuple[Node | None, int | None]:
        """What has this id in the principal's tree, or the share by which they could have it.

        Raises:
            NotFound: neither, or it is in the trash.
        """

        def run(connection: Connection) -> tuple[Node | None, int | None]:
            view = self._tree.view(connection, principal)
            place = view.by_id(node_id)
            if place is not None:
                authorize(principal, Action.READ, place)
                return view.nodes([place])[0], None
            offered = self._offered(connection, principal, node_id)
            if offered is None:
                raise NotFound("This file is not among your files, and nobody shares it with you.")
            return None, offered

        return await self._database.read(run)

    def _offered(self, connection: Connection, principal: Principal, node_id: int) -> int | None:
        above = {row.id for row in nodes.lineages(connection, [node_id]).get(node_id, ())}
        received = shares.received(connection, principal.user, principal.groups, self._clock())
        return next((row.id for row in received if row.node in above and row.state != "accepted"), None)

    async def copy(self, principal: Principal, visitor: Principal, path: str, destination: str) -> Node:
        """Copy what a visitor may read, such as the holder of a link, into a folder of the principal's.

        Its name is the first that is free there. No bytes are copied.

        Args:
            path: in the visitor's tree.

        Raises:
            NotFound, Forbidden: nothing is there, or no such folder. QuotaExceeded.
            Conflict: the folder lies in what is copied.
        """

        def run(connection: Connection) -> Node:
            there = self._tree.view(connection, visitor).find(path)
            authorize(visitor, Action.READ, there)
            if there.virtual:
                raise BadRequest("Choose a file or a folder to copy.")
            view = self._tree.view(connection, principal)
            return view.nodes([add(view, there.row, destination)])[0]

        require_scope(principal, "files:write")
        return await self._database.write(run)


def add(view: View, source: NodeRow, destination: str) -> Location:
    """Copy a node of anybody's into a folder of the viewer's, under the first free name.

    Raises:
        Conflict: the folder lies in what is copied. Also what `place_for` raises.
    """
    parent = place_for(view, destination, source.size)
    if any(row.id == source.id for row in parent.chain):
        raise Conflict("A folder cannot be copied into itself.")
    return class_tree.add_copy(view, source, parent, source.name)


def place_for(view: View, destination: str, size: int) -> Location:
    """The folder at `destination`, if the viewer may put so many bytes there under a free name.

    Raises:
        BadRequest: it is no folder. Forbidden, Locked, NotFound, QuotaExceeded.
    """
    parent = view.find(destination)
    if not parent.folder:
        raise BadRequest("Choose a folder to put it into.")
    authorize(view.principal, Action.CREATE, parent)
    check_entry_locks(view, parent, NO_CONDITIONS)
    check_room(view, parent.row.space, size, creates=True)
    return parent
