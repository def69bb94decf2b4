"""What the answers of XRootD mean, as errors of the bridge.

Source: XRootD protocol 5.2, `XErrorCode` (3000 and up); codes below 400 are the client library's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .. import errors

_Told = tuple[type[errors.ServiceError], str]

_SERVER: Mapping[int, _Told] = {
    3000: (errors.InvalidRequest, "The server refused the name or the value"),
    3002: (errors.InvalidRequest, "The name is longer than the server takes"),
    3003: (errors.Busy, "Somebody holds a lock on it"),
    3009: (errors.QuotaExceeded, "There is no room left on the server"),
    3010: (errors.Forbidden, "You may not do this"),
    3011: (errors.NotFound, "There is no such file or folder"),
    3013: (errors.Unsupported, "The server does not know this operation"),
    3014: (errors.Unavailable, "No server has it now"),
    3015: (errors.FileExpected, "This is not a file"),
    3016: (errors.FileExpected, "This is a folder"),
    3018: (errors.AlreadyExists, "There is something with this name already"),
    3019: (errors.ChecksumMismatch, "The bytes were damaged on their way"),
    3021: (errors.QuotaExceeded, "There is no room left in the space"),
    3024: (errors.Unavailable, "The server has too much to do"),
    3025: (errors.Forbidden, "The server takes no changes"),
    3028: (errors.NotLoggedIn, "The server wants an encrypted connection: use roots://"),
    3029: (errors.Unavailable, "No server has it now"),
    3030: (errors.NotLoggedIn, "The server does not know you"),
    3034: (errors.Unavailable, "The server did not answer in time"),
    3035: (errors.Unavailable, "The server did not answer in time"),
}

# The server's 3005 stands for any error of its disk; only the words tell which.
_BY_WORDS: tuple[tuple[str, _Told], ...] = (
    ("directory not empty", (errors.NotEmpty, "The folder still has something in it")),
    ("not a directory", (errors.FolderExpected, "This is a file, not a folder")),
    ("is a directory", (errors.FileExpected, "This is a folder")),
    ("no space left", (errors.QuotaExceeded, "There is no room left on the server")),
)

_NOT_FOUND, _CHECKSUM, _REDIRECTS, _LOGIN, _AUTHENTICATION, _FROM_SERVER = 304, 305, 306, 203, 204, 400
_PREFIX = re.compile(r"^\[\w+\]\s*(Server responded with an error:\s*)?(\[\d+\]\s*)?")


def error_of(status: Any, path: str) -> errors.ServiceError:
    """Return the error that a status of the XRootD client means.

    Args:
        status: an `XRootDStatus` that is not ok.
        path: what the request was about.
    """
    detail = _PREFIX.sub("", str(status.message)).strip()
    if status.code == _FROM_SERVER:
        kind, words = _from_server(status.errno, detail)
    else:
        kind, words = _from_client(status.code, detail)
    return kind(words, path, code=f"xrootd-{status.errno or status.code}")


def _from_server(number: int, detail: str) -> _Told:
    for words, told in _BY_WORDS:
        if words in detail:
            return told
    return _SERVER.get(number, (errors.ServiceError, f"The server says: {detail}"))


def _from_client(code: int, detail: str) -> _Told:
    if code in (_LOGIN, _AUTHENTICATION):
        return errors.NotLoggedIn, "The server does not know you"
    if code == _NOT_FOUND:
        return errors.NotFound, "There is no such file or folder"
    if code == _CHECKSUM:
        return errors.ChecksumMismatch, "The bytes were damaged on their way"
    if code == _REDIRECTS:
        return errors.Unavailable, "The redirector leads only to servers that do not answer"
    if 100 < code < 300:
        return errors.Unavailable, f"The server cannot be reached ({detail})"
    return errors.ServiceError, f"XRootD says: {detail}"
