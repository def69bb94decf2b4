"""Whether anything was written since: what was looked up before a moment is good for as long as nothing was.

SQLite counts the commits of all processes in memory that they share. To ask for the count takes as long as
looking something up in a dict, and waits for nobody. A server elsewhere cannot be asked without waiting.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Engine


class Stillness:
    """The commits of one database, as one thread hears of them.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._driver: Any = None
        if engine.dialect.name == "sqlite":
            connection = engine.raw_connection()
            self._driver = connection.driver_connection
            connection.detach()
            self._driver.execute("PRAGMA busy_timeout=0").close()

    def moment(self) -> int | None:
        """A number that is the same for as long as nobody has committed anything; None: it is not known."""
        if self._driver is None:
            return None
        try:
            [(count,)] = self._driver.execute("PRAGMA data_version").fetchall()
        except sqlite3.Error:
            return None
        return int(count)

    def close(self) -> None:
        """Disconnect."""
        if self._driver is not None:
            self._driver.close()
            self._driver = None
