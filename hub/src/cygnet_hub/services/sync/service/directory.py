"""Who exists: the people and groups that files can be shared with.

The hub owns accounts; this service only asks. The implementation that does is in `handlers/hub.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Person:
    """A person or a group, as the hub knows it.

    `name` is the account or group name; `admin` says whether a person administers the platform.
    """

    name: str
    display_name: str
    kind: Literal["user", "group"] = "user"
    admin: bool = False


class Directory(Protocol):
    """What the service asks about people; every method may raise `Unavailable` when nobody can say."""

    async def user(self, name: str) -> Person | None:
        """Return the person with exactly this account name, or None."""
        ...

    async def group(self, name: str) -> Person | None:
        """Return the group with exactly this name, or None."""
        ...

    async def find(self, query: str, limit: int = 20) -> list[Person]:
        """Return people and groups whose name or display name contains `query`, best matches first."""
        ...

    async def groups_of(self, name: str) -> frozenset[str]:
        """Return the names of the groups that a person is in now (at most about a second old)."""
        ...

    def groups_lately(self, name: str) -> frozenset[str]:
        """Return what `groups_of` would, as it was when anybody was last asked about."""
        ...

    async def members_of(self, group: str) -> frozenset[str]:
        """Return the names of the people who are in a group now."""
        ...
