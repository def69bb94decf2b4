"""Groups and classes, opened together."""

from __future__ import annotations

from dataclasses import dataclass

from ..store.database import Database
from .classes import Classes
from .collecting import Collecting
from .groups import Groups
from .handouts import Handouts
from .people import People
from .throttle import Throttle
from .tokens import Keys
from .tree import Tree
from .updates import Updates


@dataclass(frozen=True)
class Teaching:
    """What handlers call about groups and classes."""

    groups: Groups
    classes: Classes
    handouts: Handouts
    collecting: Collecting
    updates: Updates

    @classmethod
    def open(cls, database: Database, tree: Tree, people: People, keys: Keys, throttle: Throttle) -> Teaching:
        """All of it, on one database."""
        groups = Groups(database, people, keys, throttle)
        handouts = Handouts(database, tree, groups)
        return cls(
            groups,
            Classes(database, tree, groups, handouts),
            handouts,
            Collecting(database, tree, handouts),
            Updates(database, tree, handouts),
        )
