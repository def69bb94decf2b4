"""The one tree of errors of the bridge. Each is also Python's own error where Python has one.

ServiceError (OSError)
├── NotFound            FileNotFoundError     404, 410
├── AlreadyExists       FileExistsError       405 on MKCOL, 409 exists, 412 on If-None-Match
├── Forbidden           PermissionError       403
├── NotLoggedIn         PermissionError       401
├── FolderExpected      NotADirectoryError
├── FileExpected        IsADirectoryError
├── NotEmpty            OSError ENOTEMPTY
├── Conflict            OSError ENOENT/EIO    409: the place does not allow it
├── Changed             OSError ESTALE        412: somebody else was faster
├── Busy                OSError EBUSY         423: locked
├── QuotaExceeded       OSError EDQUOT        507
├── TooLarge            OSError EFBIG         413
├── InvalidRequest      ValueError            400: the service refused the name or the value
├── ChecksumMismatch    OSError EIO           400: bytes were damaged on their way
├── Unsupported         OSError EOPNOTSUPP    405, 501
└── Unavailable         ConnectionError       502, 503, 504 and no answer in time
NotConfigured (Exception)                     no address or no credential is known here
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import ClassVar


class ServiceError(OSError):
    """The service refused a request, or did not answer; `str()` is a sentence for a person.

    Args:
        message: what happened, in the words of the person who asked.
        path: the path in the person's tree that it is about, if it is about one.
        status: HTTP status, 0 when there was no answer.
        code: the service's own name of the error, empty when it gave none.
    """

    number: ClassVar[int] = errno.EIO

    def __init__(self, message: str, path: str | None = None, *, status: int = 0, code: str = "") -> None:
        super().__init__(self.number, message, path)
        self.message = message
        self.status = status
        self.code = code

    def __str__(self) -> str:
        return f"{self.message}: {self.filename}" if self.filename else self.message


class NotFound(ServiceError, FileNotFoundError):
    """There is nothing at this path."""

    number = errno.ENOENT


class AlreadyExists(ServiceError, FileExistsError):
    """There is something at this path already."""

    number = errno.EEXIST


class Forbidden(ServiceError, PermissionError):
    """The caller may not do this."""

    number = errno.EACCES


class NotLoggedIn(ServiceError, PermissionError):
    """The credential is missing, wrong, expired or revoked."""

    number = errno.EACCES


class FolderExpected(ServiceError, NotADirectoryError):
    """A file lies where a folder is needed."""

    number = errno.ENOTDIR


class FileExpected(ServiceError, IsADirectoryError):
    """A folder lies where a file is needed."""

    number = errno.EISDIR


class NotEmpty(ServiceError):
    """The folder still has something in it."""

    number = errno.ENOTEMPTY


class Conflict(ServiceError):
    """The state of the tree does not allow it, for example because the parent folder is missing."""

    number = errno.EIO


class Changed(ServiceError):
    """The item is no longer the one that the caller knew: somebody else changed it."""

    number = errno.ESTALE


class Busy(ServiceError):
    """Somebody holds a lock on the item."""

    number = errno.EBUSY


class QuotaExceeded(ServiceError):
    """There is no room left in the space."""

    number = errno.EDQUOT


class TooLarge(ServiceError):
    """The service takes no file of this size."""

    number = errno.EFBIG


class InvalidRequest(ServiceError, ValueError):
    """The service refused the name or the value."""

    number = errno.EINVAL


class ChecksumMismatch(ServiceError):
    """Bytes were damaged on their way."""

    number = errno.EIO


class Unsupported(ServiceError):
    """The service does not know this operation."""

    number = errno.EOPNOTSUPP


class Unavailable(ServiceError, ConnectionError):
    """The service did not answer, or says that it cannot now; asking again later may help."""

    number = errno.EIO


class NotConfigured(Exception):
    """No address of a service, or no credential for it, is known here."""


_BY_CODE: Mapping[str, type[ServiceError]] = {
    "not-found": NotFound,
    "gone": NotFound,
    "forbidden": Forbidden,
    "unauthorized": NotLoggedIn,
    "conflict": Conflict,
    "precondition-failed": Changed,
    "locked": Busy,
    "too-many-requests": Busy,
    "quota-exceeded": QuotaExceeded,
    "invalid-name": InvalidRequest,
    "bad-request": InvalidRequest,
    "range-not-satisfiable": InvalidRequest,
    "unsupported-media": InvalidRequest,
    "method-not-allowed": Unsupported,
    "checksum-mismatch": ChecksumMismatch,
    "too-large": TooLarge,
    "unsupported": Unsupported,
    "unavailable": Unavailable,
}

_BY_STATUS: Mapping[int, tuple[type[ServiceError], str]] = {
    400: (InvalidRequest, "The service refused the request"),
    401: (NotLoggedIn, "You are not logged in, or your login has ended"),
    403: (Forbidden, "You may not do this"),
    404: (NotFound, "There is no such file or folder"),
    405: (Unsupported, "The service does not allow this here"),
    409: (Conflict, "The folder it should go into does not exist"),
    410: (NotFound, "There is no such file or folder any more"),
    412: (Changed, "Somebody else changed it in the meantime"),
    413: (TooLarge, "The file is larger than the service takes"),
    416: (InvalidRequest, "The file is shorter than the part that was asked for"),
    423: (Busy, "Somebody holds a lock on it"),
    429: (Busy, "Too many requests; try again a little later"),
    501: (Unsupported, "The service does not know this operation"),
    502: (Unavailable, "The service cannot be reached"),
    503: (Unavailable, "The service is not available now"),
    504: (Unavailable, "The service did not answer in time"),
    507: (QuotaExceeded, "There is no room left in the space"),
}


@contextmanager
def meaning(table: Mapping[type[ServiceError], type[ServiceError]]) -> Iterator[None]:
    """Raise errors as what they mean in an operation.

    HTTP has one status for several reasons: 405 on a new folder says that its name is taken, on contents that
    it is a folder.

    Args:
        table: what each kind of error becomes; others pass.
    """
    try:
        yield
    except ServiceError as error:
        kind = table.get(type(error))
        if kind is None:
            raise
        raise kind(error.message, error.filename, status=error.status, code=error.code) from error


def taken_if(creating: bool) -> AbstractContextManager[None]:
    """Give a failed condition its name: when the caller was `creating`, it means that the file exists."""
    return meaning({Changed: AlreadyExists} if creating else {})


def named(code: str, message: str, path: str | None = None) -> ServiceError:
    """Return the error that the service calls `code`, a plain ServiceError for a name that is not known."""
    return _BY_CODE.get(code, ServiceError)(message, path, code=code)


def _told(body: bytes) -> tuple[str, str]:
    """Return the code and message of the service's JSON error, or two empty strings."""
    try:
        error = json.loads(body)["error"]
        return str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return "", ""


def from_response(status: int, body: bytes = b"", path: str | None = None) -> ServiceError:
    """Return the error that an HTTP answer means.

    Args:
        status: HTTP status, 400 or more.
        body: the answer's body; `{"error": {"code", "message"}}` is understood, anything else ignored.
        path: what the request was about.
    """
    fallback = (ServiceError, f"The service answered with an error ({status})")
    kind, words = _BY_STATUS.get(status, fallback)
    code, message = _told(body)
    return _BY_CODE.get(code, kind)(message or words, path, status=status, code=code)
