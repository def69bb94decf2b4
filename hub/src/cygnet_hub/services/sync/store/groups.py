"""Statements on groups that were made here, and on who is in them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from .class_schema import group, membership


class GroupRow(NamedTuple):
    """A group; `code` is sealed, `space` is that of a class."""

    id: int
    name: str
    about: str
    visibility: str
    members_visible: str
    joining: str
    fields: tuple[str, ...]
    code: str | None
    space: int | None
    creator: str
    created: float


class MemberRow(NamedTuple):
    """Somebody in a group, invited to it, or asking to be let in."""

    group: int
    user: str
    role: str
    state: str
    answers: dict[str, str]
    since: float


_GROUPS = select(
    group.c.id,
    group.c.name,
    group.c.about,
    group.c.visibility,
    group.c.members_visible,
    group.c.joining,
    group.c.fields,
    group.c.code,
    group.c.space,
    group.c.creator,
    group.c.created,
).where(~group.c.removed)
_MEMBERS = select(membership)
_ACTIVE = (
    select(group.c.name, membership.c.user)
    .join(membership, membership.c.group == group.c.id)
    .where(membership.c.state == "active", ~group.c.removed)
)


def in_group(
    name: ColumnElement[str],
    user: BindParameter[str] | str,
    groups: BindParameter[str] | Collection[str],
) -> ColumnElement[bool]:
    """Whether `user` is in the group called `name`.

    A group made here is looked up in the transaction itself, whatever the hub said a moment ago, so that who
    was removed sees nothing more. `groups`: those of the hub that the person is in.
    """
    mine = (
        select(group.c.name)
        .join(membership, membership.c.group == group.c.id)
        .where(membership.c.user == user, membership.c.state == "active", ~group.c.removed)
    )

    return or_(name.in_(mine), and_(name.in_(groups), name.not_in(select(group.c.name))))


def has(connection: Connection, name: str, user: str, groups: Collection[str]) -> bool:
    """Whether `user` is in the group called `name`; `groups`: those of the hub that the person is in."""
    ours = connection.execute(select(group.c.id).where(group.c.name == name)).first()
    return name in groups if ours is None else name in names_of(connection, user)


def names_of(connection: Connection, user: str) -> frozenset[str]:
    """The names of the groups made here that a person is in."""
    return frozenset(row.name for row, member in of_user(connection, user) if member.state == "active")


def _group(row: Any) -> GroupRow:
    values = dict(row._mapping)
    return GroupRow(**{**values, "fields": tuple(json.loads(values["fields"]))})


def _member(row: Any) -> MemberRow:
    values = dict(row._mapping)
    return MemberRow(**{**values, "answers": json.loads(values["answers"])})


def _fetch(connection: Connection, query: Select[Any]) -> list[GroupRow]:
    return [_group(row) for row in connection.execute(query.order_by(group.c.name_key))]


def get(connection: Connection, group_id: int) -> GroupRow | None:
    """The group of this id."""
    return next(iter(_fetch(connection, _GROUPS.where(group.c.id == group_id))), None)


def named(connection: Connection, name: str) -> GroupRow | None:
    """The group with exactly this name."""
    return next(iter(_fetch(connection, _GROUPS.where(group.c.name == name))), None)


def key_taken(connection: Connection, name_key: str) -> bool:
    """Whether a group has, or had a moment ago, a name that compares equal."""
    return connection.execute(select(group.c.id).where(group.c.name_key == name_key)).first() is not None


def by_code(connection: Connection, code_hash: str) -> GroupRow | None:
    """The group whose code has this hash."""
    return next(iter(_fetch(connection, _GROUPS.where(group.c.code_hash == code_hash))), None)


def made_by(connection: Connection, user: str) -> int:
    """How many groups a person has made that are still there."""
    return len(_fetch(connection, _GROUPS.where(group.c.creator == user)))


def seen_by_everyone(connection: Connection) -> list[GroupRow]:
    """The groups that everybody may know of."""
    return _fetch(connection, _GROUPS.where(group.c.visibility == "everyone"))


def of_user(connection: Connection, user: str) -> list[tuple[GroupRow, MemberRow]]:
    """The groups that a person is in, is invited to or asks for, by name."""
    mine = connection.execute(_MEMBERS.where(membership.c.user == user))
    members = {member.group: member for member in map(_member, mine)}
    rows = _fetch(connection, _GROUPS.where(group.c.id.in_(list(members)))) if members else []
    return [(row, members[row.id]) for row in rows]


def members(connection: Connection, group_id: int) -> list[MemberRow]:
    """Everybody in a group, invited to it or asking, by account name."""
    found = connection.execute(_MEMBERS.where(membership.c.group == group_id).order_by(membership.c.user))
    return [_member(row) for row in found]


def active(connection: Connection) -> dict[str, set[str]]:
    """Who is in each group, by its name."""
    found: dict[str, set[str]] = {}
    for name, user in connection.execute(_ACTIVE):
        found.setdefault(name, set()).add(user)
    return found


def active_in(connection: Connection, name: str) -> frozenset[str]:
    """Who is in the group of this name."""
    return frozenset(row.user for row in connection.execute(_ACTIVE.where(group.c.name == name)))


def member(connection: Connection, group_id: int, user: str) -> MemberRow | None:
    """What somebody is to a group."""
    wanted = _MEMBERS.where(membership.c.group == group_id, membership.c.user == user)
    row = connection.execute(wanted).first()
    return _member(row) if row else None


def add(connection: Connection, **values: Any) -> int:
    """Insert a group and return its id."""
    values["fields"] = json.dumps(list(values.get("fields", ())))
    return int(connection.execute(insert(group).values(**values).returning(group.c.id)).scalar_one())


def change(connection: Connection, group_id: int, **values: Any) -> None:
    """Change columns of a group."""
    if "fields" in values:
        values["fields"] = json.dumps(list(values["fields"]))
    connection.execute(update(group).where(group.c.id == group_id).values(**values))


def set_member(connection: Connection, row: MemberRow) -> None:
    """Make this what somebody is to a group."""
    values = {**row._asdict(), "answers": json.dumps(row.answers)}
    remove_members(connection, row.group, [row.user])
    connection.execute(insert(membership).values(**values))


def remove_members(connection: Connection, group_id: int, users: Iterable[str]) -> None:
    """Forget what people are to a group."""
    wanted = and_(membership.c.group == group_id, membership.c.user.in_(list(users)))
    connection.execute(delete(membership).where(wanted))


def is_known(connection: Connection, name: str) -> bool:
    """Whether a group of this name was made here."""
    return bool(connection.execute(select(exists().where(group.c.name == name))).scalar())


class HubState(NamedTuple):
    """What the hub should know of a group made here."""

    id: int
    name: str
    removed: bool
    in_hub: bool


def hub_states(connection: Connection) -> list[HubState]:
    """Every group made here, as the hub should have it."""
    rows = connection.execute(select(group.c.id, group.c.name, group.c.removed, group.c.in_hub))
    return [HubState._make(row) for row in rows]


def forget(connection: Connection, group_id: int) -> None:
    """Delete a removed group for good: its name is free again."""
    connection.execute(delete(group).where(group.c.id == group_id, group.c.removed))
