"""Statements about whose certificates open whose files."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from .schema import certificate as table


@dataclass(frozen=True)
class Certificate:
    """A certificate of a person; `subject` and `issuer` as in RFC 4514, `issuer` empty for any authority."""

    id: str
    user: str
    subject: str
    issuer: str
    by_administrator: bool
    created: float
    used: float | None


def _certificate(row: RowMapping) -> Certificate:
    return Certificate(**row)


def add(connection: Connection, item: Certificate) -> None:
    """Store a certificate."""
    connection.execute(insert(table).values(asdict(item)))


def of_subject(connection: Connection, subject: str) -> list[Certificate]:
    """All with this subject, of whatever authority."""
    rows = connection.execute(select(*table.c).where(table.c.subject == subject)).mappings()
    return [_certificate(row) for row in rows]


def get(connection: Connection, certificate_id: str) -> Certificate | None:
    """The certificate of this id."""
    row = connection.execute(select(*table.c).where(table.c.id == certificate_id)).mappings().first()
    return _certificate(row) if row else None


def listing(connection: Connection, user: str | None = None) -> list[Certificate]:
    """A person's certificates or, without a person, everybody's; newest first."""
    wanted = select(*table.c).order_by(table.c.created.desc())
    if user is not None:
        wanted = wanted.where(table.c.user == user)
    return [_certificate(row) for row in connection.execute(wanted).mappings()]


def count(connection: Connection, user: str) -> int:
    """How many certificates a person has."""
    wanted = select(func.count()).select_from(table).where(table.c.user == user)
    return int(connection.execute(wanted).scalar_one())


def remove(connection: Connection, certificate_id: str, user: str | None = None) -> bool:
    """Delete a certificate (of `user`, if given); False when there was none."""
    query = delete(table).where(table.c.id == certificate_id)
    if user is not None:
        query = query.where(table.c.user == user)
    return connection.execute(query).rowcount > 0


def touch(connection: Connection, certificate_id: str, now: float) -> None:
    """Note that a certificate was used."""
    connection.execute(update(table).where(table.c.id == certificate_id).values(used=now))
