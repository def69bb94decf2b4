"""Whatever is sent, no parser of S3's door fails in a way that it should not, and no answer is a 500."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cygnet_hub.services.sync.handlers.s3 import xml
from cygnet_hub.services.sync.handlers.s3.base import key_path
from cygnet_hub.services.sync.handlers.s3.bodies import Announced
from cygnet_hub.services.sync.handlers.s3.chunks import ChunkedBody
from cygnet_hub.services.sync.handlers.s3.errors import IncompleteBody
from cygnet_hub.services.sync.handlers.s3.signature import (
    Request,
    canonical_path,
    claim_of,
    parse_query,
    verify,
)
from cygnet_hub.services.sync.handlers.s3.subresources import parse_tags
from cygnet_hub.services.sync.model.errors import CygnetError
from tests.hub.s3.keys import Key
from tests.sync_server import SyncServer

MANY = settings(deadline=None, max_examples=100)
NOW = 1_795_269_600.0

pieces = st.sampled_from(
    [
        "AWS4-HMAC-SHA256",
        " Credential=",
        "CYGN1/20261121/us-east-1/s3/aws4_request",
        ", SignedHeaders=",
        "host",
        ";x-amz-date",
        ", Signature=",
        "a" * 64,
        "=",
        "/",
        ",",
        "AWS CYGN1:abc",
        "20261121T134000Z",
        "\x00",
        "é",
    ]
)
almost = st.lists(pieces, max_size=12).map("".join) | st.text(max_size=60)
names = st.sampled_from(
    [
        "authorization",
        "host",
        "x-amz-date",
        "x-amz-content-sha256",
        "x-amz-decoded-content-length",
        "content-md5",
        "x-amz-trailer",
        "x-amz-checksum-crc32",
        "content-length",
        "x-amz-security-token",
    ]
)
arguments = st.sampled_from(
    [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Signature",
        "AWSAccessKeyId",
        "Signature",
        "Expires",
        "prefix",
        "x-amz-acl",
    ]
)


@MANY
@given(st.text(max_size=30), st.dictionaries(arguments, almost), st.dictionaries(names, almost))
def test_signatures(path: str, query: dict[str, str], headers: dict[str, str]) -> None:
    request = Request("GET", "/" + path, query, headers)
    with contextlib.suppress(CygnetError):
        claim = claim_of(request, NOW)
        if claim is not None:
            verify(claim, request, "secret")
            raise AssertionError("nobody guesses a signature")


@MANY
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_queries_and_paths(text: str) -> None:
    with contextlib.suppress(CygnetError):
        parse_query(text)
    assert canonical_path(text).isascii()


@MANY
@given(st.dictionaries(names, almost))
def test_what_headers_say_of_a_body(headers: dict[str, str]) -> None:
    with contextlib.suppress(CygnetError):
        Announced(headers)


chunks = st.lists(
    st.sampled_from(
        [b"5\r\nhello\r\n", b"0\r\n", b"\r\n", b"5;chunk-signature=" + b"a" * 64 + b"\r\n", b"x:y\r\n"]
    )
    | st.binary(max_size=30),
    max_size=8,
).map(b"".join)


@MANY
@given(chunks, st.booleans(), st.lists(st.integers(1, 40), max_size=6))
def test_chunks(body: bytes, trailing: bool, cuts: list[int]) -> None:
    def take(parts: list[bytes]) -> bytes | None:
        chunked = ChunkedBody(None, trailing=trailing)
        try:
            found = b"".join(data for part in parts for data in chunked.feed(part))
            chunked.finish()
        except IncompleteBody:
            return None
        return found

    def cut() -> Iterator[bytes]:
        rest = body
        for length in cuts:
            yield rest[:length]
            rest = rest[length:]
        yield rest

    assert take([body]) == take([*cut()]), "it makes no difference how the bytes come"


@MANY
@given(st.lists(st.binary(min_size=1, max_size=200), max_size=5))
def test_good_chunks(parts: list[bytes]) -> None:
    body = (
        b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        + b"0\r\nx-amz-checksum-crc32:a\r\n\r\n"
    )
    chunked = ChunkedBody(None, trailing=True)
    assert b"".join(chunked.feed(body)) == b"".join(parts)
    assert chunked.finish() == {"x-amz-checksum-crc32": "a"}


tags = st.sampled_from(
    [
        "<Tagging>",
        "<TagSet>",
        "<Tag>",
        "<Key>",
        "k",
        "</Key>",
        "<Value>",
        "</Value>",
        "</Tag>",
        "</TagSet>",
        "</Tagging>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]>",
        "&b;",
        "<a xmlns='x'/>",
        "\x00",
        "<?xml version='1.0'?>",
    ]
)


@MANY
@given(st.lists(tags, max_size=14).map("".join).map(str.encode) | st.binary(max_size=80))
def test_xml(body: bytes) -> None:
    with contextlib.suppress(CygnetError):
        parse_tags(body)
    with contextlib.suppress(CygnetError):
        xml.parse(body, "Delete")


def test_xml_without_ends_or_entities() -> None:
    for body in (
        b"<Delete>" + b"<a>" * 50 + b"</a>" * 50 + b"</Delete>",
        b"<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Delete>&x;</Delete>",
        b"<!DOCTYPE d><Delete/>",
    ):
        with pytest.raises(CygnetError):
            xml.parse(body, "Delete")


@MANY
@given(st.text(max_size=60))
def test_a_key_never_leaves_its_bucket(key: str) -> None:
    try:
        path, _ = key_path("/Shares", key)
    except CygnetError:
        return
    assert path == "/Shares/" + key.removesuffix("/")
    assert ".." not in path.split("/")


requests = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE"]),
        "path": st.sampled_from(["/", "/home", "/home/", "/home/fuzz", "/home/fuzz/", "/shares/a"])
        | st.text(min_size=1, max_size=8).map(lambda key: "/home/" + quote(key.encode("utf-8", "replace"))),
        "query": st.dictionaries(
            st.sampled_from(
                ["uploads", "uploadId", "partNumber", "tagging", "acl", "delete", "list-type", "max-keys"]
            )
            | st.sampled_from(
                ["prefix", "delimiter", "continuation-token", "marker", "versions", "encoding-type"]
            )
            | st.sampled_from(
                ["response-content-type", "versionId", "start-after", "part-number-marker", "policy"]
            ),
            st.sampled_from(["", "1", "2", "url", "null", "/", "%00", "a%0D%0Ab", "99999999999", "-1", "x"]),
            max_size=3,
        ),
        "headers": st.dictionaries(
            st.sampled_from(
                ["Range", "If-Match", "If-None-Match", "If-Modified-Since", "x-amz-copy-source", "x-amz-acl"]
            )
            | st.sampled_from(
                ["x-amz-checksum-crc32", "x-amz-tagging", "x-amz-meta-mtime", "x-amz-copy-source-range"]
            )
            | st.sampled_from(
                ["Content-MD5", "x-amz-metadata-directive", "Content-Encoding", "x-amz-checksum-algorithm"]
            ),
            st.sampled_from(
                ["", "*", '"x"', "bytes=0-1", "home/fuzz", "/home/fuzz?versionId=1", "REPLACE", "a=b", "=="]
            )
            | st.sampled_from(
                ["1e400", "nan", "-5", "SHA256", "Sat, 01 Jan 2022 00:00:00 GMT", "%", "x" * 300]
            ),
            max_size=3,
        ),
        "body": st.sampled_from(
            [b"", b"data", b"<Delete><Object><Key>fuzz</Key></Object></Delete>", b"<a/>", b"\xff"]
        )
        | st.just(
            b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>"
        ),
    }
)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=requests)
def test_no_request_is_answered_with_a_500(server: SyncServer, key: Key, asked: dict[str, Any]) -> None:
    query = "&".join(f"{name}={quote(value, safe='%')}" for name, value in asked["query"].items())
    url = server.s3 + asked["path"] + (f"?{query}" if query else "")
    request = AWSRequest(asked["method"], url, headers=asked["headers"], data=asked["body"])
    S3SigV4Auth(Credentials(key.id, key.secret), "s3", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection(urlsplit(server.s3).netloc, timeout=60)
    try:
        target = asked["path"] + (f"?{query}" if query else "")
        connection.request(asked["method"], target, asked["body"], dict(request.headers))
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    assert answer.status not in (500, 505), (asked, text)
    assert b"<Code>SignatureDoesNotMatch" not in text, (asked, text)
