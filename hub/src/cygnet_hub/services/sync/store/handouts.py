"""Statements on what was handed out, collected and given back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from cygnet_fs_bridge.texts import Text

from .class_schema import handout, handout_copy, submission
from .schema import node, version


class HandoutRow(NamedTuple):
    """Something that was handed out; times are seconds since 1970."""

    id: int
    group: int
    name: str
    mode: str
    source: str
    revision: int
    deadline: float | None
    author: str
    created: float
    changed: float


class CopyRow(NamedTuple):
    """A student's copy of it: the node, the revision that it has, and what happened to it."""

    handout: int
    user: str
    node: int
    revision: int
    due: float | None
    opened: float | None
    collected: float | None
    notes: list[str]


class SubmissionRow(NamedTuple):
    """What a student had when it was collected."""

    id: int
    handout: int
    user: str
    node: int
    sha256: str
    files: int
    size: int
    made: float
    late: bool
    actor: str
    mark: str
    comment: str
    returned: float | None


def _copy(row: Any) -> CopyRow:
    values = dict(row._mapping)
    return CopyRow(**{**values, "notes": [_note(one) for one in json.loads(values["notes"])]})


def _note(kept: Any) -> str:
    """A note as it was kept; older ones are plain sentences."""
    return kept if isinstance(kept, str) else Text.of(kept["text"], kept["values"])


def _kept(note: str) -> Any:
    return {"text": note.english, "values": note.values} if isinstance(note, Text) else note


def add(connection: Connection, **values: Any) -> int:
    """Insert a handout and return its id."""
    return int(connection.execute(insert(handout).values(**values).returning(handout.c.id)).scalar_one())


def change(connection: Connection, handout_id: int, **values: Any) -> None:
    """Change columns of a handout."""
    connection.execute(update(handout).where(handout.c.id == handout_id).values(**values))


def remove(connection: Connection, handout_id: int) -> None:
    """Forget a handout, and who had copies; what was collected is forgotten with it."""
    connection.execute(delete(handout).where(handout.c.id == handout_id))


def get(connection: Connection, handout_id: int) -> HandoutRow | None:
    """The handout of this id."""
    row = connection.execute(select(handout).where(handout.c.id == handout_id)).first()
    return HandoutRow._make(row) if row else None


def of_group(connection: Connection, group_id: int) -> list[HandoutRow]:
    """What was handed out in a class, oldest first."""
    rows = connection.execute(select(handout).where(handout.c.group == group_id).order_by(handout.c.id))
    return [HandoutRow._make(row) for row in rows]


def copies(connection: Connection, handout_id: int) -> dict[str, CopyRow]:
    """The copies of a handout by account name."""
    rows = connection.execute(select(handout_copy).where(handout_copy.c.handout == handout_id))
    return {row.user: _copy(row) for row in rows}


def copies_of(connection: Connection, user: str, handouts: Iterable[int]) -> dict[int, CopyRow]:
    """One student's copies of some handouts, by the ids of those."""
    wanted = select(handout_copy).where(
        handout_copy.c.user == user, handout_copy.c.handout.in_(list(handouts))
    )
    return {row.handout: _copy(row) for row in connection.execute(wanted)}


def set_copy(connection: Connection, handout_id: int, user: str, **values: Any) -> None:
    """Note something about a student's copy; `node` and `revision` are needed for a new one."""
    if "notes" in values:
        values["notes"] = json.dumps([_kept(one) for one in values["notes"]], ensure_ascii=False)
    mine = (handout_copy.c.handout == handout_id) & (handout_copy.c.user == user)
    if connection.execute(update(handout_copy).where(mine).values(**values)).rowcount == 0:
        connection.execute(insert(handout_copy).values(handout=handout_id, user=user, **values))


def note_opened(connection: Connection, node_id: int, user: str, now: float) -> None:
    """A student has looked into their copy for the first time."""
    mine = (handout_copy.c.node == node_id) & (handout_copy.c.user == user)
    connection.execute(update(handout_copy).where(mine, handout_copy.c.opened.is_(None)).values(opened=now))


def worked(connection: Connection, tops: Mapping[int, str]) -> dict[str, float]:
    """When each student last stored something in their copy.

    Args:
        tops: the copies' nodes with the account names of the students.
    """
    columns = select(node.c.id.label("top"), node.c.id).where(node.c.id.in_(list(tops)))
    below = columns.cte("below", recursive=True)
    below = below.union_all(select(below.c.top, node.c.id).where(node.c.parent == below.c.id))
    wanted = (
        select(below.c.top, version.c.author, func.max(version.c.created))
        .join(version, version.c.node == below.c.id)
        .group_by(below.c.top, version.c.author)
    )
    rows = connection.execute(wanted) if tops else ()
    return {author: float(moment) for top, author, moment in rows if tops[top] == author}


def due(connection: Connection, now: float) -> list[int]:
    """The handouts with copies whose deadline, or the student's own, has passed and was not collected at."""
    moment = func.coalesce(handout_copy.c.due, handout.c.deadline)
    wanted = (
        select(handout.c.id)
        .join(handout_copy, handout_copy.c.handout == handout.c.id)
        .where(moment <= now, func.coalesce(handout_copy.c.collected, -1.0) < moment)
        .distinct()
    )
    return list(connection.execute(wanted).scalars())


def add_submission(connection: Connection, **values: Any) -> int:
    """Insert a submission and return its id."""
    made = connection.execute(insert(submission).values(**values).returning(submission.c.id))
    return int(made.scalar_one())


def submissions(connection: Connection, handouts: Iterable[int], user: str = "") -> list[SubmissionRow]:
    """What was collected of some handouts, oldest first; of one student only, if one is named."""
    wanted = select(submission).where(submission.c.handout.in_(list(handouts))).order_by(submission.c.id)
    if user:
        wanted = wanted.where(submission.c.user == user)
    return [SubmissionRow._make(row) for row in connection.execute(wanted)]


def change_submission(connection: Connection, submission_id: int, **values: Any) -> None:
    """Change columns of a submission."""
    connection.execute(update(submission).where(submission.c.id == submission_id).values(**values))
