"""Statements about app passwords and the credentials of notebook servers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, and_, bindparam, delete, insert, or_, select, update

from .prepared import Prepared
from .schema import credential as table


@dataclass(frozen=True)
class Credential:
    """What is stored of a credential; the secret itself is not.

    `kind` is "app-password" or "server"; times are seconds since 1970, `expires` None for never.
    """

    id: str
    kind: str
    user: str
    label: str
    server: str
    scopes: frozenset[str]
    created: float
    used: float | None
    expires: float | None


_COLUMNS = (
    table.c.id,
    table.c.kind,
    table.c.user,
    table.c.label,
    table.c.server,
    table.c.scopes,
    table.c.created,
    table.c.used,
    table.c.expires,
)


def _credential(row: RowMapping) -> Credential:
    return Credential(**{**row, "scopes": frozenset(row["scopes"].split())})


def add(connection: Connection, item: Credential, secret_hash: str) -> None:
    """Store a new credential with the hash of its secret."""
    connection.execute(
        insert(table).values(
            id=item.id,
            kind=item.kind,
            user=item.user,
            label=item.label,
            server=item.server,
            scopes=" ".join(sorted(item.scopes)),
            created=item.created,
            expires=item.expires,
            secret_hash=secret_hash,
        )
    )


_VALID = or_(table.c.expires.is_(None), table.c.expires > bindparam("now"))
_FIND = select(*_COLUMNS).where(
    or_(
        table.c.secret_hash == bindparam("hash"),
        and_(table.c.previous_hash == bindparam("hash"), table.c.previous_until > bindparam("now")),
    ),
    _VALID,
)
_EXISTS = Prepared(select(table.c.id).where(table.c.id == bindparam("id"), _VALID))


def exists(connection: Connection, credential_id: str, now: float) -> bool:
    """Whether a credential is neither revoked nor over."""
    return _EXISTS.first(connection, id=credential_id, now=now) is not None


def get(connection: Connection, credential_id: str, now: float) -> Credential | None:
    """Return the credential of this id, if it is neither revoked nor over."""
    query = select(*_COLUMNS).where(table.c.id == bindparam("id"), _VALID)
    row = connection.execute(query, {"id": credential_id, "now": now}).mappings().first()
    return _credential(row) if row else None


def find(connection: Connection, secret_hash: str, now: float) -> Credential | None:
    """Return the valid credential with this secret, or with this as its secret before the last renewal."""
    row = connection.execute(_FIND, {"hash": secret_hash, "now": now}).mappings().first()
    return _credential(row) if row else None


def listing(connection: Connection, user: str, kind: str) -> list[Credential]:
    """Return a person's credentials of one kind, newest first."""
    query = (
        select(*_COLUMNS).where(table.c.user == user, table.c.kind == kind).order_by(table.c.created.desc())
    )
    return [_credential(row) for row in connection.execute(query).mappings()]


def remove(connection: Connection, credential_id: str, kind: str, user: str | None = None) -> bool:
    """Delete a credential (of `user`, if given); False when there was none."""
    query = delete(table).where(table.c.id == credential_id, table.c.kind == kind)
    if user is not None:
        query = query.where(table.c.user == user)
    return connection.execute(query).rowcount > 0


def remove_expired(connection: Connection, now: float) -> int:
    """Delete credentials that are over; return how many."""
    return connection.execute(delete(table).where(table.c.expires <= now)).rowcount


def renew(
    connection: Connection,
    credential_id: str,
    secret_hash: str,
    expires: float,
    previous_until: float,
    now: float,
) -> bool:
    """Give a server's credential a new secret; the old one stays valid until `previous_until`."""
    query = (
        update(table)
        .where(table.c.id == credential_id, table.c.kind == "server", table.c.expires > now)
        .values(
            previous_hash=table.c.secret_hash,
            previous_until=previous_until,
            secret_hash=secret_hash,
            expires=expires,
        )
    )
    return connection.execute(query).rowcount > 0


def touch(connection: Connection, credential_id: str, now: float) -> None:
    """Note that a credential was used."""
    connection.execute(update(table).where(table.c.id == credential_id).values(used=now))
