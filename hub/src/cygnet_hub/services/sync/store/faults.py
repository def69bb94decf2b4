"""What the machine below could not do, in our own words: disk full, too many files open, database away."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError

from ..model.errors import CygnetError, QuotaExceeded, Unavailable

#: SQLSTATE codes of PostgreSQL (appendix A of its manual): disk_full; too_many_connections, out_of_memory.
_FULL_STATES = frozenset({"53100"})
_BUSY_STATES = frozenset({"53300", "53200"})


def in_our_words(error: BaseException) -> BaseException:
    """The error of ours that says what `error` of the disk or the database means; else `error` itself."""
    if isinstance(error, DBAPIError):
        return _of_database(error) or error
    if isinstance(error, OSError):
        return _of_disk(error) or error
    return error


def _of_disk(error: OSError) -> CygnetError | None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full()
    return _busy() if error.errno in (errno.EMFILE, errno.ENFILE) else None


def _of_database(error: DBAPIError) -> CygnetError | None:
    if error.connection_invalidated:
        return Unavailable("The database does not answer. Please try again in a moment.")
    state = getattr(error.orig, "sqlstate", None)
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # without what extended codes add
    if state in _FULL_STATES or code == sqlite3.SQLITE_FULL:
        return _full()
    return _busy() if state in _BUSY_STATES or code == sqlite3.SQLITE_CANTOPEN else None


def _full() -> CygnetError:
    return QuotaExceeded("The disk of the service is full. Nothing was stored.")


def _busy() -> CygnetError:
    return Unavailable("The service has too much to do at once. Please try again in a moment.")
