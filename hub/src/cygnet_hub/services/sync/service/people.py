"""The people and groups of the hub, and the groups made here, as one directory."""

from __future__ import annotations

from sqlalchemy import Connection

from ..store import groups
from ..store.database import Database
from .directory import Directory, Person


class People:
    """A `Directory` in which groups made here are as the database has them now.

    `groups_of` says what the hub says: who is in a group made here is looked up where it counts, in the
    transaction of each request (`store.groups.in_group`).

    Args:
        hub: the accounts and groups of the hub.
        database: where the groups made here lie.
    """

    def __init__(self, hub: Directory, database: Database) -> None:
        self._hub = hub
        self._database = database

    async def user(self, name: str) -> Person | None:
        """See `Directory`."""
        return await self._hub.user(name)

    async def group(self, name: str) -> Person | None:
        """See `Directory`."""
        here, known = await self._database.read(
            lambda c: (groups.named(c, name) is not None, groups.is_known(c, name))
        )
        return Person(name, name, "group") if here else None if known else await self._hub.group(name)

    async def find(self, query: str, limit: int = 20, asker: str = "") -> list[Person]:
        """See `Directory`; of the groups made here those that `asker` may know of."""
        ours, shown = await self._database.read(lambda c: _groups_for(c, asker))
        people = await self._hub.find(query, limit)
        word = query.casefold()
        found = [person for person in people if person.kind == "user" or person.name not in ours]
        more = [Person(name, name, "group") for name in sorted(shown) if word in name.casefold()]
        exact = [person for person in more if person.name.casefold() == word]
        return (exact + found + [person for person in more if person not in exact])[:limit]

    async def groups_of(self, name: str) -> frozenset[str]:
        """See `Directory`."""
        return await self._hub.groups_of(name)

    def groups_lately(self, name: str) -> frozenset[str]:
        """See `Directory`."""
        return self._hub.groups_lately(name)

    async def members_of(self, group: str) -> frozenset[str]:
        """See `Directory`."""
        known, active = await self._database.read(
            lambda c: (groups.is_known(c, group), groups.active_in(c, group))
        )
        return active if known else await self._hub.members_of(group)


def _groups_for(connection: Connection, asker: str) -> tuple[set[str], set[str]]:
    """The names of all groups made here, and of those among them that `asker` may know of."""
    ours = {group.name for group in groups.hub_states(connection)}
    shown = {group.name for group in groups.seen_by_everyone(connection)}
    return ours, shown | groups.names_of(connection, asker)
