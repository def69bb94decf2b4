"""Statements on inboxes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from ..model.notices import MAX_NOTICES, Facts, InboxState, News, Notice
from .inbox_schema import inbox, notice

#: People who are told in one statement.
AT_ONCE = 500


def _notice(row: Sequence[Any]) -> Notice:
    number, subject, kind, facts, created, read = row
    return Notice(number, kind, subject, Facts(**json.loads(facts)), created, bool(read))


_COLUMNS = (notice.c.id, notice.c.subject, notice.c.kind, notice.c.facts, notice.c.created, notice.c.read)


def put(connection: Connection, users: Iterable[str], news: News, now: float) -> None:
    """Tell people something; what was said before on the same subject is replaced."""
    people = sorted(set(users))
    for start in range(0, len(people), AT_ONCE):
        _put(connection, people[start : start + AT_ONCE], news, now)


def _put(connection: Connection, people: Sequence[str], news: News, now: float) -> None:
    forget(connection, news.subject, people)
    facts = json.dumps(news.facts.to_json(), ensure_ascii=False)
    row = {"subject": news.subject, "kind": news.kind, "facts": facts, "created": now, "read": False}
    connection.execute(insert(notice), [{"user": user, **row} for user in people])
    _cut(connection, people)
    _changed(connection, people)


def _cut(connection: Connection, people: Sequence[str]) -> None:
    """Forget the oldest of those that have too many."""
    counts = select(notice.c.user).where(notice.c.user.in_(people)).group_by(notice.c.user)
    for user in connection.execute(counts.having(func.count() > MAX_NOTICES)).scalars().all():
        kept = (
            select(notice.c.id).where(notice.c.user == user).order_by(notice.c.id.desc()).limit(MAX_NOTICES)
        )
        connection.execute(delete(notice).where(notice.c.user == user, notice.c.id.not_in(kept)))


def _changed(connection: Connection, people: Sequence[str]) -> None:
    if people:
        connection.execute(delete(inbox).where(inbox.c.user.in_(people)))
        connection.execute(insert(inbox), [{"user": user} for user in people])


def forget(connection: Connection, subject: str, users: Iterable[str] | None = None) -> None:
    """Take back what was said on a subject, to everybody or to some people."""
    wanted = notice.c.subject == subject
    if users is not None:
        wanted = wanted & notice.c.user.in_(sorted(users))
    gone = connection.execute(delete(notice).where(wanted).returning(notice.c.user)).scalars().all()
    _changed(connection, sorted(set(gone)))


def forget_before(connection: Connection, moment: float) -> None:
    """Forget what was said before a time."""
    gone = connection.execute(delete(notice).where(notice.c.created < moment).returning(notice.c.user))
    _changed(connection, sorted(set(gone.scalars())))


def forget_user(connection: Connection, user: str) -> None:
    """Empty somebody's inbox."""
    connection.execute(delete(notice).where(notice.c.user == user))
    _changed(connection, [user])


def mark(connection: Connection, user: str, ids: Sequence[int] | None, *, read: bool) -> None:
    """Mark some notices of a person's, or all, as read or as new."""
    wanted = (notice.c.user == user) & (notice.c.read.is_not(read))
    if ids is not None:
        wanted = wanted & notice.c.id.in_(ids)
    if connection.execute(update(notice).where(wanted).values(read=read)).rowcount:
        _changed(connection, [user])


def settle(connection: Connection, user: str, subject: str) -> None:
    """Mark what was said to a person on a subject as read: they have acted."""
    found = select(notice.c.id).where(notice.c.user == user, notice.c.subject == subject)
    if ids := list(connection.execute(found).scalars()):
        mark(connection, user, ids, read=True)


def listing(connection: Connection, user: str) -> list[Notice]:
    """A person's notices, the newest first."""
    rows = connection.execute(select(*_COLUMNS).where(notice.c.user == user).order_by(notice.c.id.desc()))
    return [_notice(row) for row in rows]


def on_subject(connection: Connection, subject: str) -> dict[str, Notice]:
    """What was said on a subject, by account name."""
    rows = connection.execute(select(notice.c.user, *_COLUMNS).where(notice.c.subject == subject))
    return {row.user: _notice(row[1:]) for row in rows}


def state(connection: Connection, user: str) -> InboxState:
    """How a person's inbox stands."""
    version = connection.execute(select(inbox.c.id).where(inbox.c.user == user)).scalar() or 0
    unread = select(func.count()).where(notice.c.user == user, notice.c.read.is_(False))
    return InboxState(int(version), int(connection.execute(unread).scalar_one()))


def last_change(connection: Connection) -> int:
    """The version of the inbox that changed last."""
    return int(connection.execute(select(func.max(inbox.c.id))).scalar() or 0)


def changed_since(connection: Connection, version: int) -> dict[str, int]:
    """The people whose inbox changed after a version, with what it is now."""
    rows = connection.execute(select(inbox.c.user, inbox.c.id).where(inbox.c.id > version))
    return {row.user: int(row.id) for row in rows}
