"""The groups made here are groups of the hub too: what the hub has is made to be what the database has.

Only groups that this service made there are touched; those that come from the hub stay as they are. What
counts for files is the database, so that nothing waits for the hub.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Protocol

from sqlalchemy import Connection

from ..model.errors import Conflict, CygnetError
from ..store import groups as store
from ..store.database import Database
from ..store.groups import HubState

log = logging.getLogger("cygnet.sync")


class HubGroups(Protocol):
    """Groups as the hub keeps them; Conflict is raised for what it refuses, Unavailable if it is away."""

    async def members(self) -> dict[str, frozenset[str]]:
        """Return every group with its members."""
        ...

    async def create(self, name: str) -> None:
        """Make a group."""
        ...

    async def delete(self, name: str) -> None:
        """Delete a group; one that is gone already is fine."""
        ...

    async def add(self, name: str, users: Iterable[str]) -> None:
        """Put people into a group."""
        ...

    async def remove(self, name: str, users: Iterable[str]) -> None:
        """Take people out of a group."""
        ...


class GroupPublisher:
    """Brings the hub's groups up to date.

    Args:
        database: what should be.
        hub: what is.
    """

    def __init__(self, database: Database, hub: HubGroups) -> None:
        self._database = database
        self._hub = hub

    async def publish(self) -> None:
        """Make the hub's groups what the database says, one by one; what the hub refuses is logged."""
        states, wanted = await self._database.read(_wanted)
        there = await self._hub.members()
        for state in states:
            try:
                await self._one(state, wanted.get(state.name, set()), there.get(state.name))
            except Conflict as refusal:
                log.warning("the hub refused to change the group %r: %s", state.name, refusal)

    async def _one(self, state: HubState, wanted: set[str], there: frozenset[str] | None) -> None:
        if state.removed:
            if state.in_hub:
                await self._hub.delete(state.name)
            await self._database.write(lambda c: store.forget(c, state.id))
            return
        if there is None:
            await self._hub.create(state.name)
            await self._database.write(lambda c: store.change(c, state.id, in_hub=True))
        elif not state.in_hub:
            return  # the hub has a group of its own that is called so
        await self._fill(state.name, sorted(wanted - (there or frozenset())))
        if gone := sorted((there or frozenset()) - wanted):
            await self._hub.remove(state.name, gone)

    async def _fill(self, name: str, users: list[str]) -> None:
        """Add people; if one of them has no account any more, the others one by one."""
        if not users:
            return
        try:
            await self._hub.add(name, users)
        except Conflict:
            for user in users if len(users) > 1 else ():
                try:
                    await self._hub.add(name, [user])
                except CygnetError as refusal:
                    log.warning("the hub did not take %r into the group %r: %s", user, name, refusal)


def _wanted(connection: Connection) -> tuple[list[HubState], dict[str, set[str]]]:
    return store.hub_states(connection), store.active(connection)
