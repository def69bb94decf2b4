"""Errors as S3 names them: our own by a table, and those that only S3 has.

The status of every one of them comes from the one table of `handlers/errors.py`.
"""

from __future__ import annotations

from ...model import errors

#: By the code of one of our errors, what S3's clients know it as.
CODES = {
    "bad-request": "InvalidRequest",
    "invalid-name": "InvalidArgument",
    "checksum-mismatch": "BadDigest",
    "unauthorized": "AccessDenied",
    "forbidden": "AccessDenied",
    "not-found": "NoSuchKey",
    "gone": "NoSuchUpload",
    "method-not-allowed": "MethodNotAllowed",
    "conflict": "OperationAborted",
    "precondition-failed": "PreconditionFailed",
    "locked": "OperationAborted",
    "too-large": "EntityTooLarge",
    "unsupported-media": "InvalidRequest",
    "range-not-satisfiable": "InvalidRange",
    "too-many-requests": "SlowDown",
    "quota-exceeded": "QuotaExceeded",
    "unsupported": "NotImplemented",
    "damaged": "InternalError",
    "unavailable": "ServiceUnavailable",
    "error": "InternalError",
}


def code_of(code: str) -> str:
    """The code that S3's clients know for one of our error codes; one of S3's own stays as it is."""
    return CODES.get(code, code)


class UnknownKey(errors.Forbidden):
    """No such access key, or it was revoked or is over."""

    code = "InvalidAccessKeyId"


class WrongSignature(errors.Forbidden):
    """The request was not signed with the secret of its key, or was changed on the way."""

    code = "SignatureDoesNotMatch"


class WrongTime(errors.Forbidden):
    """The clock of the sender is wrong, or the request is old."""

    code = "RequestTimeTooSkewed"


class WrongIdentity(errors.BadRequest):
    """The token that a temporary key is asked for with is wrong."""

    code = "InvalidIdentityToken"


class WrongToken(errors.BadRequest):
    """A temporary key came without its session token, or with another."""

    code = "InvalidToken"


class BadSignatureHeader(errors.BadRequest):
    """The signature cannot be read."""

    code = "AuthorizationHeaderMalformed"


class BadQuery(errors.BadRequest):
    """The signature in the address cannot be read."""

    code = "AuthorizationQueryParametersError"


class InvalidArgument(errors.BadRequest):
    """An argument has a value that it cannot have."""

    code = "InvalidArgument"


class IncompleteBody(errors.BadRequest):
    """The body ended too early, or is not in chunks as announced."""

    code = "IncompleteBody"


class OtherContents(errors.ChecksumMismatch):
    """The body is not the one that was signed."""

    code = "XAmzContentSHA256Mismatch"


class MalformedXml(errors.BadRequest):
    """The XML cannot be read."""

    code = "MalformedXML"


class NoSuchBucket(errors.NotFound):
    """The person has no such space."""

    code = "NoSuchBucket"


class BucketNotEmpty(errors.Conflict):
    """Spaces are not deleted by S3."""

    code = "BucketNotEmpty"


class NoAccessLists(errors.BadRequest):
    """Shares are not made by access lists."""

    code = "AccessControlListNotSupported"


class NoSuchVersion(errors.NotFound):
    """Another version than the current one was asked for."""

    code = "NoSuchVersion"


class Refused(errors.Forbidden):
    """Nobody has signed."""

    code = "AccessDenied"


class MetadataTooLarge(errors.BadRequest):
    """More metadata than an object can have."""

    code = "MetadataTooLarge"
