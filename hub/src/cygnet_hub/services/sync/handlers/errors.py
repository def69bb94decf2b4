"""The one table from our errors to HTTP status codes."""

from __future__ import annotations

from ..model import errors

STATUS: dict[type[errors.CygnetError], int] = {
    errors.InvalidName: 400,
    errors.BadRequest: 400,
    errors.ChecksumMismatch: 400,
    errors.PartChecksumMismatch: 460,  # not in the registry; TUS says so
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.RangeNotSatisfiable: 416,
    errors.Locked: 423,
    errors.TooManyRequests: 429,
    errors.Damaged: 500,
    errors.Unsupported: 501,
    errors.RemoteFailed: 502,
    errors.Unavailable: 503,
    errors.QuotaExceeded: 507,
}


def status_of(error: errors.CygnetError) -> int:
    """The HTTP status code of an error; of a kind that the table does not name, that of its parent."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
