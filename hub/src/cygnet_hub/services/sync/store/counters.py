"""The counters that give out ids: where they stand, and setting them on.

SQLite keeps a row for each table once something was inserted, PostgreSQL a sequence.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

from . import upgrade as upgrade  # imports every table of the metadata
from .schema import metadata


def counted() -> list[str]:
    """The tables whose ids the database gives out."""
    return [table.name for table in metadata.sorted_tables if table.autoincrement_column is not None]


def stand(connection: Connection) -> dict[str, int]:
    """The last id that each table has given out; 0: none yet."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence")).all()
        return dict.fromkeys(counted(), 0) | {name: int(seq) for name, seq in rows if name in counted()}
    return {name: _last_of(connection, name) for name in counted()}


def set_on(connection: Connection, wanted: Mapping[str, int]) -> None:
    """Let each table give out only ids after those in `wanted`."""
    for name, last in wanted.items():
        if connection.dialect.name == "sqlite":
            parameters = {"name": name, "last": last}
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), parameters)
            connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), parameters)
        elif last > 0:
            setting = text("SELECT setval(:sequence, :last)")
            connection.execute(setting, {"sequence": _sequence(connection, name), "last": last})


def _last_of(connection: Connection, name: str) -> int:
    sequence = _sequence(connection, name)
    row = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 - the database's own word
    return int(row.last_value) if row.is_called else 0


def _sequence(connection: Connection, name: str) -> str:
    quoted = connection.dialect.identifier_preparer.quote(name)
    asked = text("SELECT pg_get_serial_sequence(:name, 'id')")
    return str(connection.execute(asked, {"name": quoted}).scalar_one())
