"""Every answer of the service becomes one error of the tree, which is Python's own where Python has one."""

import errno

import pytest

from cygnet_fs_bridge import errors


@pytest.mark.parametrize(
    ("status", "kind", "number"),
    [
        (401, PermissionError, errno.EACCES),
        (403, PermissionError, errno.EACCES),
        (404, FileNotFoundError, errno.ENOENT),
        (412, errors.Changed, errno.ESTALE),
        (423, errors.Busy, errno.EBUSY),
        (503, ConnectionError, errno.EIO),
        (507, errors.QuotaExceeded, errno.EDQUOT),
        (418, errors.ServiceError, errno.EIO),
    ],
)
def test_a_status_becomes_the_right_error(status, kind, number):
    error = errors.from_response(status, b"<html>not JSON", "/a/b")
    assert isinstance(error, kind)
    assert (error.errno, error.filename, error.status) == (number, "/a/b", status)


def test_the_services_own_words_are_kept():
    body = b'{"error": {"code": "checksum-mismatch", "message": "The bytes are damaged"}}'
    error = errors.from_response(400, body, "/a")
    assert isinstance(error, errors.ChecksumMismatch)
    assert (str(error), error.code) == ("The bytes are damaged: /a", "checksum-mismatch")


def test_an_error_can_mean_another_in_an_operation():
    contents = errors.meaning({errors.Unsupported: errors.FileExpected})
    with pytest.raises(IsADirectoryError, match="A folder has no contents"), contents:
        raise errors.named("method-not-allowed", "A folder has no contents", "/a")
    with pytest.raises(errors.Busy), errors.meaning({errors.Unsupported: errors.FileExpected}):
        raise errors.named("locked", "x")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error": 3}', b'{"error": {}}', b"\xff\xfe"])
def test_a_body_that_is_not_ours_does_no_harm(body):
    assert str(errors.from_response(404, body)) == "There is no such file or folder"
