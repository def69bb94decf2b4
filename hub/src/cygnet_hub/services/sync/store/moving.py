"""All rows of one database into another, empty one, which may be of the other kind.

The source is read in one transaction, so that what comes out is one moment of it, whoever writes meanwhile.
The target has everything or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, insert, inspect, select

from . import counters
from .schema import instance, metadata
from .upgrade import is_current, upgrade

BATCH = 2000


def is_unused(engine: Engine) -> bool:
    """Whether no service has ever kept anything in a database. Blocks."""
    if not inspect(engine).has_table(instance.name):
        return True
    with engine.connect() as connection:
        return connection.execute(select(instance)).first() is None


def move_all(source: Engine, target: Engine, finish: Callable[[Connection], None] | None = None) -> int:
    """Copy every row, and where the counters of ids stand. Blocks.

    Args:
        source: a database with the tables of this version; it may be in use.
        target: one that `is_unused`.
        finish: called in the transaction that has written everything.

    Returns:
        how many rows there were.

    Raises:
        ValueError: the source is of another version.
    """
    upgrade(target)
    with (
        source.connect() as old,
        target.connect().execution_options(cygnet_write=True) as new,
        old.begin(),
        new.begin(),
    ):
        if not is_current(old):
            raise ValueError("the database is of another version")
        if new.dialect.name == "sqlite":
            # A folder may be newer than what was moved into it: all is looked at in the end.
            new.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        rows = sum(_move(old, new, table) for table in metadata.sorted_tables)
        counters.set_on(new, counters.stand(old))
        if finish is not None:
            finish(new)
    return rows


def _move(old: Connection, new: Connection, table: Table) -> int:
    found = old.execution_options(yield_per=BATCH).execute(select(table)).partitions()
    fill = _copy_in if new.dialect.name == "postgresql" else _insert
    return fill(new, table, found)


def _insert(connection: Connection, table: Table, parts: Iterator[Sequence[Row[Any]]]) -> int:
    count = 0
    for rows in parts:
        connection.execute(insert(table), [dict(row._mapping) for row in rows])
        count += len(rows)
    return count


def _copy_in(connection: Connection, table: Table, parts: Iterator[Sequence[Row[Any]]]) -> int:
    """By COPY: one statement, at whose end references are looked at, and many times as fast as INSERT."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(column.name) for column in table.columns)
    driver: Any = connection.connection.driver_connection
    count = 0
    with driver.cursor() as cursor, cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy:
        for rows in parts:
            for row in rows:
                copy.write_row(row)
            count += len(rows)
    return count
