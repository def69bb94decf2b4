"""Statements about wrong guesses."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from .schema import throttle as table

_BLOCKED = select(func.max(table.c.blocked_until)).where(table.c.key.in_(bindparam("keys", expanding=True)))


def blocked_until(connection: Connection, keys: Iterable[str]) -> float:
    """Return when the last block of any of the keys ends (seconds since 1970); 0 for none."""
    return float(connection.execute(_BLOCKED, {"keys": list(keys)}).scalar() or 0.0)


def count_failure(connection: Connection, key: str, now: float, window: float) -> int:
    """Count one more failure of a key within `window` seconds; return the count."""
    row = connection.execute(select(table.c.failures, table.c.since).where(table.c.key == key)).first()
    if row is None:
        connection.execute(insert(table).values(key=key, failures=1, since=now, blocked_until=0.0))
        return 1
    fresh = row.since < now - window
    failures = 1 if fresh else row.failures + 1
    since = now if fresh else row.since
    connection.execute(update(table).where(table.c.key == key).values(failures=failures, since=since))
    return int(failures)


def block(connection: Connection, key: str, until: float) -> None:
    """Refuse a key until a time (seconds since 1970)."""
    connection.execute(update(table).where(table.c.key == key).values(blocked_until=until))


def forget_before(connection: Connection, since: float) -> None:
    """Delete what is too old to matter."""
    connection.execute(delete(table).where(table.c.since < since, table.c.blocked_until < since))
