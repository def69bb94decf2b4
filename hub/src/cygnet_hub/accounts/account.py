"""An account, and who can tell about and change accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Account:
    """A person of the hub, with the names of the groups they are in."""

    name: str
    admin: bool
    groups: tuple[str, ...] = ()


class Hub(Protocol):
    """The hub's accounts and groups: by its database while it is stopped, by its API while it runs.

    Everything raises PlatformError when it cannot be done.
    """

    def close(self) -> None:
        """Let go of whatever was opened."""
        ...

    def accounts(self) -> list[Account]:
        """Return everybody, by name."""
        ...

    def add(self, name: str, *, admin: bool) -> None:
        """Make an account without a password."""
        ...

    def remove(self, name: str) -> None:
        """Remove an account with its server, tokens and sessions."""
        ...

    def add_to_group(self, group: str, names: list[str]) -> None:
        """Put people into a group, made when absent."""
        ...
