"""What the inbox holds: one notice for one thing that a person should know."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

Kind = Literal[
    "share",  # somebody shares something
    "invitation",  # to a group or class
    "handout",  # something new in a class
    "update",  # a new version of what was handed out
    "due",  # a deadline is near
    "deadline",  # a deadline was moved
    "collected",  # what a teacher handed out was collected
    "result",  # feedback and marks
    "quota",  # the room is nearly used up
    "token",  # a credential has ended that was in use
    "mount",  # the files of a notebook server are in trouble
]
KINDS: frozenset[str] = frozenset(get_args(Kind))

#: Notices of one person: older ones are forgotten, and those beyond this number.
MAX_NOTICES = 200
MAX_AGE = 90 * 86400.0
MAX_WORDS = 1000


@dataclass(frozen=True)
class Facts:
    """What a notice is about; the page makes the sentence. What does not apply is empty.

    Args:
        who: account name of who did it.
        item: name of the file, the handout, the credential.
        group: name of the class or group.
        path: where it lies in the person's own tree.
        share, group_id, handout: ids.
        moment: a deadline, seconds since 1970.
        words: what somebody wrote: a note, a mark, a message of the mount.
    """

    who: str = ""
    item: str = ""
    group: str = ""
    path: str = ""
    share: str = ""
    group_id: str = ""
    handout: str = ""
    moment: float | None = None
    words: str = ""

    def to_json(self) -> dict[str, Any]:
        """What is stored: only what applies."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}


@dataclass(frozen=True)
class News:
    """Something to tell.

    Args:
        kind: what kind of thing.
        subject: what it is about, for machines: later news on the same subject take its place.
    """

    kind: Kind
    subject: str
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True)
class Notice:
    """An entry of somebody's inbox; `created` in seconds since 1970."""

    id: int
    kind: Kind
    subject: str
    facts: Facts
    created: float
    read: bool


@dataclass(frozen=True)
class InboxState:
    """How an inbox stands: `version` is another one after every change of it."""

    version: int
    unread: int
