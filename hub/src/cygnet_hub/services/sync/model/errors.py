"""Everything that can go wrong, each with a code for programs and words for a person.

CygnetError
|- InvalidName         the name or path cannot exist
|- BadRequest          the request makes no sense as it stands
|- ChecksumMismatch    the bytes are not those that were announced
|  `- PartChecksumMismatch  those of one part of an upload
|- Unauthorized        nobody has said who they are, or the credential is wrong
|- Forbidden           known, and not allowed
|- NotFound
|- Gone                was there, and is over (an expired link or upload)
|- MethodNotAllowed    this kind of thing cannot do that
|- Conflict            the parent is missing, or the name is taken
|- PreconditionFailed  somebody else was faster
|- Locked              somebody holds a lock
|- TooLarge            more than one request may carry
|- UnsupportedMedia    a body where none belongs, or of an unknown kind
|- RangeNotSatisfiable
|- TooManyRequests     guessing is slowed down
|- QuotaExceeded
|- Unsupported         a dialect that is not spoken here
|- RemoteFailed        another server did not do what it was asked
|- Damaged             the stored bytes are not what was stored
`- Unavailable         try again later
"""

from __future__ import annotations

from typing import Any

from cygnet_fs_bridge.texts import Text


class CygnetError(Exception):
    """An error whose message may be shown to the person who caused it.

    Args:
        message: one sentence in the words of that person; English, a literal, `{name}` where a value belongs.
        values: those values.
    """

    code = "error"

    def __init__(self, message: str, **values: Any) -> None:
        self.message = Text.of(message, values)
        super().__init__(self.message)


class InvalidName(CygnetError):
    """The name or path cannot exist here."""

    code = "invalid-name"


class BadRequest(CygnetError):
    """The request makes no sense as it stands."""

    code = "bad-request"


class ChecksumMismatch(CygnetError):
    """The bytes received are not those that were announced."""

    code = "checksum-mismatch"


class PartChecksumMismatch(ChecksumMismatch):
    """The bytes of one part of an upload are not those that were announced; TUS has a status for it."""


class Unauthorized(CygnetError):
    """No credential, or a wrong one."""

    code = "unauthorized"


class Forbidden(CygnetError):
    """The caller is known and may not do this."""

    code = "forbidden"


class NotFound(CygnetError):
    """Nothing is there that the caller may see."""

    code = "not-found"


class Gone(CygnetError):
    """It was there and is over."""

    code = "gone"


class MethodNotAllowed(CygnetError):
    """This kind of thing cannot do that."""

    code = "method-not-allowed"


class Conflict(CygnetError):
    """The parent is missing, or the name is taken."""

    code = "conflict"


class PreconditionFailed(CygnetError):
    """The state is not what the caller expected."""

    code = "precondition-failed"


class Locked(CygnetError):
    """Somebody holds a lock on it."""

    code = "locked"


class TooLarge(CygnetError):
    """More than one request may carry."""

    code = "too-large"


class UnsupportedMedia(CygnetError):
    """A body where none belongs, or of an unknown kind."""

    code = "unsupported-media"


class RangeNotSatisfiable(CygnetError):
    """The range lies outside of the file.

    Args:
        size: length of the file in bytes.
    """

    code = "range-not-satisfiable"

    def __init__(self, size: int) -> None:
        super().__init__("The file has {size} bytes; the range asked for lies outside of it.", size=size)
        self.size = size


class TooManyRequests(CygnetError):
    """Too many wrong guesses.

    Args:
        message: one sentence for the person.
        retry_after: seconds to wait.
    """

    code = "too-many-requests"

    def __init__(self, message: str, retry_after: int = 30, **values: Any) -> None:
        super().__init__(message, **values)
        self.retry_after = retry_after


class QuotaExceeded(CygnetError):
    """The space has no room for this."""

    code = "quota-exceeded"


class Unsupported(CygnetError):
    """A dialect that is not spoken here."""

    code = "unsupported"


class Damaged(CygnetError):
    """The stored bytes are not what was stored."""

    code = "damaged"


class RemoteFailed(CygnetError):
    """Another server did not do what it was asked."""

    code = "remote-failed"


class Unavailable(CygnetError):
    """Not now; try again later."""

    code = "unavailable"
