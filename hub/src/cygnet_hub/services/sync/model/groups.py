"""Groups of people: roles, states, policies, and who may do what with whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .errors import BadRequest, InvalidName
from .names import check_name, name_key

Role = Literal["member", "manager", "admin"]
State = Literal["active", "invited", "requested"]
Visibility = Literal["everyone", "members"]
MembersVisible = Literal["members", "managers"]
Joining = Literal["invitation", "request", "code"]

MAX_NAME = 100
MAX_ABOUT = 2000
MAX_FIELDS = 20
MAX_ANSWER = 500
_RANK: dict[str, int] = {"member": 0, "manager": 1, "admin": 2}


@dataclass(frozen=True)
class Policies:
    """What a group's admin decides.

    Args:
        about: for people to read.
        visibility: who may find the group: everyone, or its members only.
        members_visible: who sees who is in it: every member, or those who manage it.
        joining: by invitation only; by a request that a manager approves; or at once by the group's code.
        fields: what a request to join must say, such as "Institution".
    """

    about: str = ""
    visibility: Visibility = "members"
    members_visible: MembersVisible = "members"
    joining: Joining = "invitation"
    fields: tuple[str, ...] = ()


def check_policies(policies: Policies) -> Policies:
    """Return the policies, fields without blanks around them.

    Raises:
        BadRequest: a text is too long, or a field is empty or there twice.
    """
    fields = tuple(field.strip() for field in policies.fields)
    if len(policies.about) > MAX_ABOUT:
        raise BadRequest("The description can have {about} characters at most.", about=MAX_ABOUT)
    if len(fields) > MAX_FIELDS or len(set(fields)) < len(fields):
        raise BadRequest(
            "A request to join can ask for {fields} different things at most.", fields=MAX_FIELDS
        )
    if any(not field or len(field) > MAX_NAME for field in fields):
        raise BadRequest("What a request asks for needs a name of at most {name} characters.", name=MAX_NAME)
    return Policies(policies.about, policies.visibility, policies.members_visible, policies.joining, fields)


def check_group_name(name: str) -> str:
    """Return the name without blanks around it; a class's name is that of a folder too.

    Raises:
        InvalidName: it is empty, too long, or cannot be the name of a folder.
    """
    name = " ".join(name.split())
    if len(name) > MAX_NAME:
        raise InvalidName("The name of a group can have {name} characters at most.", name=MAX_NAME)
    if any(not letter.isprintable() for letter in name):
        raise InvalidName("The name of a group can only have letters that can be seen.")
    return check_name(name)


def group_key(name: str) -> str:
    """The form in which names of groups are compared: no two differ in upper and lower case only."""
    return name_key(name.casefold())


def check_answers(fields: tuple[str, ...], answers: Mapping[str, str]) -> dict[str, str]:
    """What a request to join says, only what was asked for.

    Raises:
        BadRequest: something is missing or too long.
    """
    given = {field: answers.get(field, "").strip() for field in fields}
    missing = [field for field, answer in given.items() if not answer]
    if missing:
        raise BadRequest("Please fill in: {names}.", names=", ".join(missing))
    if any(len(answer) > MAX_ANSWER for answer in given.values()):
        raise BadRequest("An answer can have {answer} characters at most.", answer=MAX_ANSWER)
    return given


def manages(role: str | None) -> bool:
    """Whether a role may invite, approve, reject and remove."""
    return role in ("manager", "admin")


def outranks(role: str | None, other: str) -> bool:
    """Whether somebody of `role` may change or remove somebody of role `other`, or give that role."""
    return role == "admin" or (role == "manager" and _RANK[other] < _RANK["manager"])
