"""Who is asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from .names import is_inside

PrincipalKind = Literal["user", "link", "service", "anonymous"]

#: What a credential may do at most; a user's own login has all of them.
ALL_SCOPES = frozenset({"files:read", "files:write", "shares", "account"})

#: What one request does to more things than these is told of the first ones only.
MAX_STEPS = 200


def _nobody(_user: str) -> frozenset[str]:
    return frozenset()


class Step(NamedTuple):
    """Something that a principal did or tried: `path` in their own tree or the space, `node` its id."""

    action: str
    path: str | None
    node: int | None


class Grant(NamedTuple):
    """What a token says that it is good for: `actions`, by their names, on `folder` and all that is in it.

    Those in `above` it is also good for on the folders that `folder` is in, one by one.
    """

    folder: str
    actions: frozenset[str]
    above: frozenset[str] = frozenset()

    def covers(self, path: str) -> bool:
        """Whether a canonical path is in the folder, or is the folder."""
        return path == self.folder or is_inside(path, self.folder)


@dataclass(frozen=True)
class Principal:
    """Who is asking, and by which credential.

    Args:
        kind: "user" for a person, "link" for the holder of a public link, "service" for the hub, "anonymous".
        user: account name; for a link the name of its owner; empty for anonymous.
        groups: names of the user's groups.
        scopes: what this credential may do at most, of ALL_SCOPES.
        credential_id: identifies the credential; changes feeds leave out a listener's own changes by it.
        link_share: id of the share behind a public link, else None.
        display_name: for people to read.
        admin: whether the hub says so.
        recheck: what was right a moment ago, by its id, and must be looked up again in the transaction
            that it is used for; empty when the database was asked for this very request.
        folder: the path in the user's tree that the credential is limited to; None: all of it.
        ends: when a credential ends that this service has not given out, in seconds since 1970; what is got
            with it ends then too. None: it is known here.
        groups_of: the groups of the hub that anybody is in, as they were a moment ago.
        grants: all that the credential is good for, instead of scopes and a folder; None: those count.
    """

    kind: PrincipalKind
    user: str = ""
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] = ALL_SCOPES
    credential_id: str = ""
    link_share: int | None = None
    display_name: str = ""
    admin: bool = False
    recheck: str = ""
    folder: str | None = None
    grants: tuple[Grant, ...] | None = None
    ends: float | None = None
    groups_of: Callable[[str], frozenset[str]] = field(default=_nobody, compare=False, repr=False)

    #: What was done in one request, for the audit log; `follow` begins an empty one.
    trail: list[Step] = field(default_factory=list, compare=False, repr=False)

    def note(self, action: str, path: str | None = None, node: int | None = None) -> None:
        """Remember for the audit log what is done, or refused, in this request."""
        if len(self.trail) < MAX_STEPS:
            self.trail.append(Step(action, path, node))

    def reaches(self, path: str) -> bool:
        """Whether the credential is good for a canonical path in the user's tree."""
        return self.folder is None or path == self.folder or is_inside(path, self.folder)

    @property
    def name(self) -> str:
        """What the journal records as the actor: the account, or the link that was used."""
        return f"link:{self.link_share}" if self.kind == "link" else self.user


ANONYMOUS = Principal("anonymous", scopes=frozenset())
