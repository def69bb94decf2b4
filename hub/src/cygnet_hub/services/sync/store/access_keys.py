"""Statements about the access keys of S3."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, update

from .prepared import Prepared
from .schema import access_key as table


@dataclass(frozen=True)
class AccessKey:
    """An access key; its secret is derived from `id`.

    `folder` is the path that it is limited to, None for none; `source` names the credential that a temporary
    one was got with; times are seconds since 1970, `expires` None for never.
    """

    id: str
    user: str
    label: str
    scopes: frozenset[str]
    folder: str | None
    source: str
    temporary: bool
    created: float
    used: float | None
    expires: float | None


_GET = Prepared(select(*table.c).where(table.c.id == bindparam("id")))


def _key(row: RowMapping) -> AccessKey:
    return AccessKey(**{**row, "scopes": frozenset(row["scopes"].split())})


def add(connection: Connection, key: AccessKey) -> None:
    """Store a new key."""
    connection.execute(insert(table).values({**asdict(key), "scopes": " ".join(sorted(key.scopes))}))


def get(connection: Connection, key_id: str) -> AccessKey | None:
    """The key of this id, also one that is over."""
    row = _GET.first(connection, id=key_id)
    if row is None:
        return None
    found = dict(zip(table.c.keys(), row, strict=True))
    return AccessKey(
        **found | {"scopes": frozenset(found["scopes"].split()), "temporary": bool(found["temporary"])}
    )


def listing(connection: Connection, user: str) -> list[AccessKey]:
    """A person's keys, newest first; temporary ones are left out."""
    wanted = select(*table.c).where(table.c.user == user, table.c.temporary.is_(False))
    rows = connection.execute(wanted.order_by(table.c.created.desc())).mappings()
    return [_key(row) for row in rows]


def count(connection: Connection, user: str) -> int:
    """How many keys a person has, temporary ones too."""
    wanted = select(func.count()).select_from(table).where(table.c.user == user)
    return int(connection.execute(wanted).scalar_one())


def remove(connection: Connection, user: str, key_id: str) -> bool:
    """Delete a person's key; False when there was none."""
    return connection.execute(delete(table).where(table.c.id == key_id, table.c.user == user)).rowcount > 0


def remove_expired(connection: Connection, now: float) -> None:
    """Delete keys that are over."""
    connection.execute(delete(table).where(table.c.expires <= now))


def touch(connection: Connection, key_id: str, now: float) -> None:
    """Note that a key was used."""
    connection.execute(update(table).where(table.c.id == key_id).values(used=now))
