"""Statements that run with every request: compiled once for each kind of database, then handed to its driver.

SQLAlchemy spends ten times as long on a small statement as SQLite does. What is written here is still
SQLAlchemy's, so both databases understand it; only what happens between `execute` and the driver is left out.
Rows are plain tuples of what the driver gives: a truth value of SQLite is 0 or 1.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Connection, Dialect, bindparam
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.expression import ClauseElement

Row = tuple[Any, ...]
#: What a driver is given: its text, and the parameters in the form that it wants.
Compiled = tuple[str, Callable[[Mapping[str, Any]], Any]]


def execute(connection: Connection, text: str, parameters: Any = ()) -> Any:
    """Hand a statement to the driver: its cursor.

    Raises:
        DBAPIError: as SQLAlchemy would.
    """
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(text, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_told(connection, driver, text, parameters, error) from error


def execute_many(connection: Connection, text: str, rows: Sequence[Any]) -> None:
    """Hand a statement to the driver once, to be run with each of many parameters.

    Raises:
        DBAPIError: as SQLAlchemy would.
    """
    driver: Any = connection.connection.driver_connection
    try:
        with contextlib.closing(driver.cursor()) as cursor:
            cursor.executemany(text, rows)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_told(connection, driver, text, None, error) from error


@contextlib.contextmanager
def savepoint(connection: Connection, name: str) -> Iterator[None]:
    """What is done inside is undone by itself if it fails.

    Said to the driver itself: SQLAlchemy's own savepoints cost more than most changes do.

    Args:
        name: of the savepoint, a word of SQL; inside each other they have different ones.
    """
    execute(connection, f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        # Where that fails too, the whole transaction is gone.
        with contextlib.suppress(DBAPIError, InvalidRequestError):
            execute(connection, f"ROLLBACK TO SAVEPOINT {name}")
            execute(connection, f"RELEASE SAVEPOINT {name}")
        raise
    execute(connection, f"RELEASE SAVEPOINT {name}")


def _as_told(connection: Connection, driver: Any, text: str, parameters: Any, error: Exception) -> Exception:
    """What SQLAlchemy would raise for what a driver raised."""
    dialect: Any = connection.dialect
    gone = dialect.is_disconnect(error, driver, None)
    if gone:
        connection.invalidate(error)
    kind = dialect.loaded_dbapi.Error
    told: Exception = DBAPIError.instance(
        text, parameters, error, kind, connection_invalidated=gone, dialect=dialect
    )
    return told


def reserve(connection: Connection, table: str, count: int) -> list[int]:
    """As many new ids of a table that counts by itself; in the writer's transaction only."""
    if connection.dialect.name == "sqlite":
        known = execute(connection, "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
        first = (known[0] if known else 0) + 1
        return list(range(first, first + count))
    asked = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    return [row[0] for row in execute(connection, asked, (table, count)).fetchall()]


class Prepared:
    """A statement whose parameters are single values, none of which a type of SQLAlchemy has to convert.

    Args:
        statement: with `bindparam`s.
        columns: those that an INSERT fills, when it names no values itself.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] = ()) -> None:
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, Compiled] = {}

    def all(self, connection: Connection, **values: object) -> list[Row]:
        """Every row."""
        rows: list[Row] = self._run(connection, values).fetchall()
        return rows

    def first(self, connection: Connection, **values: object) -> Row | None:
        """The first row; None when there is none."""
        cursor = self._run(connection, values)
        row: Row | None = cursor.fetchone()
        cursor.close()
        return row

    def value(self, connection: Connection, **values: object) -> Any:
        """The first column of the first row; None when there is none."""
        row = self.first(connection, **values)
        return row[0] if row else None

    def do(self, connection: Connection, **values: object) -> None:
        """Run it for what it changes."""
        self._run(connection, values).close()

    def many(self, connection: Connection, rows: Iterable[Mapping[str, object]]) -> None:
        """Run it for each of many rows."""
        dialect = connection.dialect
        text, parameters = self._compiled.get(dialect.name) or self._compile(dialect)
        execute_many(connection, text, [parameters(row) for row in rows])

    def _run(self, connection: Connection, values: Mapping[str, object]) -> Any:
        dialect = connection.dialect
        text, parameters = self._compiled.get(dialect.name) or self._compile(dialect)
        return execute(connection, text, parameters(values))

    def _compile(self, dialect: Dialect) -> Compiled:
        columns = list(self._columns) if isinstance(self._statement, Insert) and self._columns else None
        done: Any = self._statement.compile(dialect=dialect, column_keys=columns)
        fixed = {name: value for name, value in done.params.items() if value is not None}
        order: list[str] | None = done.positiontup
        compiled = (str(done), _named(fixed) if order is None else _in_order(order, fixed))
        self._compiled[dialect.name] = compiled
        return compiled


def _named(fixed: Mapping[str, object]) -> Callable[[Mapping[str, object]], object]:
    return lambda values: {**fixed, **values}


def _in_order(order: Sequence[str], fixed: Mapping[str, object]) -> Callable[[Mapping[str, object]], object]:
    return lambda values: [values[name] if name in values else fixed[name] for name in order]


class ForMany:
    """Statements about a few ids at once: one `Prepared` for each number of them.

    Args:
        make: the statement; it is given the parameters that stand for the ids.
    """

    def __init__(self, make: Callable[[list[BindParameter[int]]], ClauseElement]) -> None:
        self._make = make
        self._prepared: dict[int, Prepared] = {}

    def all(self, connection: Connection, ids: Sequence[int], **values: object) -> list[Row]:
        """Every row."""
        return self._of(len(ids)).all(connection, **_numbered(ids), **values)

    def do(self, connection: Connection, ids: Sequence[int], **values: object) -> None:
        """Run it for what it changes."""
        self._of(len(ids)).do(connection, **_numbered(ids), **values)

    def _of(self, count: int) -> Prepared:
        known = self._prepared.get(count)
        if known is None:
            parameters = [bindparam(f"id{number}", type_=BigInteger) for number in range(count)]
            known = self._prepared[count] = Prepared(self._make(parameters))
        return known


def _numbered(ids: Sequence[int]) -> dict[str, int]:
    return {f"id{number}": identifier for number, identifier in enumerate(ids)}
