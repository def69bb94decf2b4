"""What the errors of other people's filesystems mean, as errors of the bridge."""

from __future__ import annotations

import errno
from collections.abc import Mapping

import aiohttp

from .. import errors

# Python's own errors come first: what a filesystem says by them needs no guess.
_BY_TYPE: tuple[tuple[type[BaseException], type[errors.ServiceError], str], ...] = (
    (FileNotFoundError, errors.NotFound, "There is no such file or folder"),
    (FileExistsError, errors.AlreadyExists, "There is something with this name already"),
    (IsADirectoryError, errors.FileExpected, "This is a folder"),
    (NotADirectoryError, errors.FolderExpected, "This is a file, not a folder"),
    (PermissionError, errors.Forbidden, "The store does not allow it"),
    (NotImplementedError, errors.Unsupported, "The store cannot do this"),
    (TimeoutError, errors.Unavailable, "The store does not answer"),
    (ConnectionError, errors.Unavailable, "The store cannot be reached"),
    (aiohttp.ClientConnectionError, errors.Unavailable, "The store cannot be reached"),
    (aiohttp.ClientPayloadError, errors.Unavailable, "The store broke off its answer"),
)

_BY_NUMBER: Mapping[int, type[errors.ServiceError]] = {
    errno.ENOSPC: errors.QuotaExceeded,
    errno.EDQUOT: errors.QuotaExceeded,
    errno.EFBIG: errors.TooLarge,
    errno.ENOTEMPTY: errors.NotEmpty,
    errno.EROFS: errors.Forbidden,
    errno.EBUSY: errors.Busy,
    errno.EOPNOTSUPP: errors.Unsupported,
    errno.EINVAL: errors.InvalidRequest,
}

# Of botocore, which is not always there: it reaches nothing, or has no keys.
_AWAY = {"EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError"}
_NO_KEYS = {"NoCredentialsError", "PartialCredentialsError", "NoAuthTokenError"}


def as_service_error(error: BaseException, path: str) -> errors.ServiceError:
    """Return the error of the bridge that says the same.

    Args:
        error: what a filesystem raised.
        path: what was asked about.
    """
    if isinstance(error, errors.ServiceError):
        return error
    if isinstance(error, aiohttp.ClientResponseError):
        return errors.from_response(error.status, path=path)
    for kind, ours, message in _BY_TYPE:
        if isinstance(error, kind):
            return ours(message, path)
    name = type(error).__name__
    if name in _AWAY:
        return errors.Unavailable("The store cannot be reached", path)
    if name in _NO_KEYS:
        return errors.NotLoggedIn("The store wants a credential, and none is set", path)
    number = error.errno if isinstance(error, OSError) else None
    return _BY_NUMBER.get(number or 0, errors.ServiceError)(str(error) or name, path)
