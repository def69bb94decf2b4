"""Exit codes of the command, one for each kind of trouble that a script treats differently."""

from __future__ import annotations

from enum import IntEnum

from .. import errors


class Exit(IntEnum):
    """How a command ends; 2 is click's own, for a command line that is not understood."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_LOGGED_IN = 3
    NOT_FOUND = 4
    FORBIDDEN = 5
    IN_THE_WAY = 6
    NO_ROOM = 7
    UNAVAILABLE = 8
    DAMAGED = 9
    PARTLY = 10
    INTERRUPTED = 130


_CODES: tuple[tuple[tuple[type[Exception], ...], Exit], ...] = (
    ((errors.NotLoggedIn, errors.NotConfigured), Exit.NOT_LOGGED_IN),
    ((errors.NotFound,), Exit.NOT_FOUND),
    ((errors.Forbidden,), Exit.FORBIDDEN),
    ((errors.QuotaExceeded, errors.TooLarge), Exit.NO_ROOM),
    ((errors.Unavailable,), Exit.UNAVAILABLE),
    ((errors.ChecksumMismatch,), Exit.DAMAGED),
    (
        (
            errors.AlreadyExists,
            errors.Changed,
            errors.Conflict,
            errors.Busy,
            errors.NotEmpty,
            errors.FileExpected,
            errors.FolderExpected,
        ),
        Exit.IN_THE_WAY,
    ),
)

#: After one of these there is no use in going on with others.
HOPELESS = (Exit.NOT_LOGGED_IN, Exit.NO_ROOM, Exit.UNAVAILABLE)


def code_of(error: Exception) -> Exit:
    """Return the exit code that an error means."""
    return next((code for kinds, code in _CODES if isinstance(error, kinds)), Exit.FAILED)
