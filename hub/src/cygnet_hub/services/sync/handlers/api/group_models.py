"""The JSON that requests and answers about groups hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ...model.groups import Joining, MembersVisible, Policies, Role, State, Visibility
from ...service.groups import GroupView
from .operations import RequestModel

#: Account names.
Accounts = Annotated[list[str], Field(min_length=1, max_length=1000)]


class GroupPolicies(RequestModel):
    """Who may see and join a group; `fields`: what a request to join must say."""

    about: str = ""
    visibility: Visibility = "members"
    members_visible: MembersVisible = "members"
    joining: Joining = "invitation"
    fields: Annotated[list[str], Field(max_length=100)] = []

    def policies(self) -> Policies:
        """The same for the service."""
        return Policies(self.about, self.visibility, self.members_visible, self.joining, tuple(self.fields))


class NewGroup(GroupPolicies):
    """A group to make."""

    name: str


class JoinCode(RequestModel):
    """The code of a group, as its manager gave it."""

    code: str


class JoinRequest(RequestModel):
    """What is said with a request to join, by the names of the group's fields."""

    answers: dict[str, str] = {}


class Invitation(RequestModel):
    """Whom to invite."""

    users: Accounts
    role: Role = "member"


class NewRole(RequestModel):
    """What somebody is in a group from now on."""

    role: Role


@dataclass(frozen=True)
class Member:
    """Somebody in a group, invited to it, or asking to be let in with these answers."""

    name: str
    display_name: str
    role: Role
    state: State
    answers: dict[str, str]
    since: float


@dataclass(frozen=True)
class Group:
    """A group: `role` and `state` are the caller's, null for who is nothing to it; `code` its managers'.

    `members` are those whom the caller may see; null in lists.
    """

    id: str
    name: str
    about: str
    visibility: Visibility
    members_visible: MembersVisible
    joining: Joining
    fields: list[str]
    is_class: bool
    role: Role | None
    state: State | None
    code: str | None
    members: list[Member] | None


@dataclass(frozen=True)
class Groups:
    """The caller's groups, or those that everybody may find."""

    groups: list[Group]


def group_json(view: GroupView, names: dict[str, str] | None = None) -> dict[str, object]:
    """A group as JSON; `names`: display names of its members, None: without members."""
    row, mine = view.row, view.mine
    members = [
        {
            "name": member.user,
            "display_name": (names or {}).get(member.user, member.user),
            "role": member.role,
            "state": member.state,
            "answers": member.answers,
            "since": member.since,
        }
        for member in view.members
    ]
    return {
        "id": str(row.id),
        "name": row.name,
        "about": row.about,
        "visibility": row.visibility,
        "members_visible": row.members_visible,
        "joining": row.joining,
        "fields": list(row.fields),
        "is_class": row.space is not None,
        "role": mine.role if mine else None,
        "state": mine.state if mine else None,
        "code": view.code,
        "members": None if names is None else members,
    }


View = Literal["mine", "everyone"]
