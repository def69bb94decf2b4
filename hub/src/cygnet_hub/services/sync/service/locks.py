"""WebDAV locks (RFC 4918 section 6), owned by whoever took them: a stolen token opens nothing."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection

from ..model.conditions import Conditions
from ..model.errors import Conflict, Forbidden, Locked, PreconditionFailed, TooManyRequests
from ..model.names import base_name
from ..model.node import Content, Node
from ..model.principal import Principal
from ..store import locks as store
from ..store.digests import Digests
from ..store.locks import LockRow
from .access import Action, authorize
from .commit import new_file
from .guard import check_conditions, locks_below, locks_over
from .tree import Tree
from .view import Location, View

MAX_SECONDS = 86400
MAX_LOCKS = 1000


@dataclass(frozen=True)
class LockRequest:
    """What kind of lock somebody wants.

    Args:
        exclusive: nobody else may hold one; otherwise others may share it.
        deep: it covers everything below a folder.
        owner_xml: the `owner` element as it came.
        seconds: how long it is to last.
    """

    exclusive: bool
    deep: bool
    owner_xml: str
    seconds: int


@dataclass(frozen=True)
class Held:
    """A lock, the node it is on, and whether the file was made for it."""

    lock: LockRow
    node: Node
    created: bool


class Locks:
    """Takes, renews and releases locks.

    Args:
        tree: what is locked.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    async def take(
        self, principal: Principal, path: str, request: LockRequest, conditions: Conditions
    ) -> Held:
        """Lock what is at `path`; where nothing is, an empty file is made (RFC 4918 7.3).

        Raises:
            Locked: somebody holds a lock that does not go with it.
        """
        return await self._tree.database.write(
            lambda connection: _take(self._tree.view(connection, principal), path, request, conditions)
        )

    async def renew(self, principal: Principal, path: str, seconds: int, conditions: Conditions) -> Held:
        """Let the lock whose token the If header names last longer.

        Raises:
            PreconditionFailed: there is no such lock of the principal's.
        """

        def run(connection: Connection) -> Held:
            view = self._tree.view(connection, principal)
            check_conditions(view, conditions, path)
            here = view.find(path)
            lock = _own(view, here, conditions.tokens)
            store.refresh(connection, lock.token, _limit(seconds))
            renewed = next(row for row in locks_over(view, here) if row.token == lock.token)
            return Held(renewed, view.node(here), created=False)

        return await self._tree.database.write(run)

    async def release(self, principal: Principal, path: str, token: str) -> None:
        """End a lock.

        Raises:
            Conflict: what is at `path` has no lock of this token. Forbidden: it is somebody else's.
        """

        def run(connection: Connection) -> None:
            view = self._tree.view(connection, principal)
            over = {row.token: row for row in locks_over(view, view.find(path))}
            if token not in over:
                raise Conflict("It has no such lock.")
            if over[token].holder != principal.name:
                raise Forbidden("Somebody else holds this lock.")
            store.remove(connection, [token])

        await self._tree.database.write(run)


def _own(view: View, here: Location, tokens: frozenset[str]) -> LockRow:
    for lock in locks_over(view, here):
        if lock.token in tokens and lock.holder == view.principal.name:
            return lock
    raise PreconditionFailed("There is no such lock of yours.")


def _take(view: View, path: str, request: LockRequest, conditions: Conditions) -> Held:
    check_conditions(view, conditions, path)
    here = view.lookup(path)
    created = here is None
    if here is None:
        empty = Content(0, (), Digests().checksums())
        new_file(view, view.parent(path), base_name(path), empty, view.now, conditions)
        here = view.find(path)
    else:
        authorize(view.principal, Action.LOCK, here)
    _check_free(view, here, request)
    lock = _lock(view, here, request)
    store.add(view.connection, lock)
    return Held(lock, view.node(here), created)


def _check_free(view: View, here: Location, request: LockRequest) -> None:
    others = [*locks_over(view, here), *(locks_below(view, here) if request.deep else [])]
    if any(other.exclusive or request.exclusive for other in others):
        raise Locked("Somebody holds a lock on it.")
    if store.count_held(view.connection, view.principal.name) >= MAX_LOCKS:
        raise TooManyRequests("You hold {locks} locks; release some first.", locks=MAX_LOCKS)


def _lock(view: View, here: Location, request: LockRequest) -> LockRow:
    seconds = _limit(request.seconds)
    return LockRow(
        f"opaquelocktoken:{uuid.uuid4()}",
        here.row.id,
        request.exclusive,
        request.deep and here.folder,
        view.principal.name,
        request.owner_xml,
        seconds,
        time.time() + seconds,
    )


def _limit(seconds: int) -> int:
    return max(1, min(seconds, MAX_SECONDS))
