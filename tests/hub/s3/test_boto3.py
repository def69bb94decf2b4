"""boto3 as it comes: files stored by it are in every other door at once, and the other way round."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.hub.s3.keys import person
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer


def test_what_boto3_stores_is_in_webdav_and_the_other_way_round(server: SyncServer, s3: Any) -> None:
    ada = Dav(server, "ada")
    s3.put_object(Bucket="home", Key="both/deep/one.txt", Body=b"by boto3")
    assert ada("GET", "/both/deep/one.txt").body == b"by boto3"
    ada("PUT", "/both/two.txt", b"by webdav")
    assert s3.get_object(Bucket="home", Key="both/two.txt")["Body"].read() == b"by webdav"
    listed = s3.list_objects_v2(Bucket="home", Prefix="both/")["Contents"]
    assert [(item["Key"], item["Size"]) for item in listed] == [("both/deep/one.txt", 8), ("both/two.txt", 9)]


def keys(s3: Any, **asked: Any) -> list[str]:
    """All keys that a listing gives, page after page."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="home", **asked)
    return [item["Key"] for page in pages for item in page.get("Contents", ())]


def refusal(call: Callable[..., Any], **asked: Any) -> tuple[str, int]:
    """The code and status with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call(**asked)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_an_object_has_what_it_was_given(s3: Any) -> None:
    told = s3.put_object(
        Bucket="home",
        Key="given/a.html",
        Body=b"<b>",
        ContentType="text/html; charset=latin-1",
        CacheControl="no-cache",
        ContentEncoding="gzip",
        Metadata={"run": "7", "who": "ada"},
        Tagging="colour=blue&size=",
    )
    found = s3.get_object(Bucket="home", Key="given/a.html")
    assert found["ETag"] == told["ETag"] == f'"{hashlib.md5(b"<b>").hexdigest()}"'
    assert (found["ContentType"], found["CacheControl"]) == ("text/html; charset=latin-1", "no-cache")
    assert (found["ContentEncoding"], found["Metadata"]) == ("gzip", {"run": "7", "who": "ada"})
    assert found["TagCount"] == 2
    assert "sandbox" in found["ResponseMetadata"]["HTTPHeaders"]["content-security-policy"]
    assert abs(found["LastModified"].timestamp() - time.time()) < 60
    assert s3.head_object(Bucket="home", Key="given/a.html")["ContentLength"] == 3
    tags = s3.get_object_tagging(Bucket="home", Key="given/a.html")["TagSet"]
    assert tags == [{"Key": "colour", "Value": "blue"}, {"Key": "size", "Value": ""}]
    s3.put_object_tagging(
        Bucket="home", Key="given/a.html", Tagging={"TagSet": [{"Key": "x", "Value": "<&>"}]}
    )
    assert s3.get_object_tagging(Bucket="home", Key="given/a.html")["TagSet"] == [
        {"Key": "x", "Value": "<&>"}
    ]
    s3.delete_object_tagging(Bucket="home", Key="given/a.html")
    assert s3.get_object_tagging(Bucket="home", Key="given/a.html")["TagSet"] == []
    asked = s3.get_object(Bucket="home", Key="given/a.html", ResponseContentType="image/png")
    assert asked["ContentType"] == "image/png"


def test_ranges(s3: Any) -> None:
    s3.put_object(Bucket="home", Key="ranges", Body=b"0123456789")
    for asked, got in (
        ("bytes=2-4", b"234"),
        ("bytes=7-", b"789"),
        ("bytes=-2", b"89"),
        ("bytes=5-99", b"56789"),
    ):
        found = s3.get_object(Bucket="home", Key="ranges", Range=asked)
        assert found["Body"].read() == got
        assert found["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert refusal(s3.get_object, Bucket="home", Key="ranges", Range="bytes=10-") == ("InvalidRange", 416)


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_every_checksum_is_kept_verified_and_given_back(s3: Any, algorithm: str) -> None:
    key, name = f"sums/{algorithm}", f"Checksum{algorithm}"
    told = s3.put_object(Bucket="home", Key=key, Body=b"some bytes", ChecksumAlgorithm=algorithm)
    found = s3.get_object(Bucket="home", Key=key, ChecksumMode="ENABLED")
    assert found["Body"].read() == b"some bytes"  # which boto3 verifies
    assert found[name] == told[name] == s3.head_object(Bucket="home", Key=key, ChecksumMode="ENABLED")[name]
    wrong = {"Bucket": "home", "Key": key, name: told[name]}
    assert refusal(s3.put_object, **wrong, Body=b"other bytes") == ("BadDigest", 400)
    assert s3.get_object(Bucket="home", Key=key)["Body"].read() == b"some bytes"


def test_conditions_hold_when_reading(s3: Any) -> None:
    etag = s3.put_object(Bucket="home", Key="cond/read", Body=b"1")["ETag"]
    asked = {"Bucket": "home", "Key": "cond/read"}
    assert s3.get_object(**asked, IfMatch=etag)["Body"].read() == b"1"
    assert refusal(s3.get_object, **asked, IfMatch='"x"') == ("PreconditionFailed", 412)
    assert refusal(s3.get_object, **asked, IfNoneMatch=etag)[1] == 304
    assert refusal(s3.get_object, **asked, IfModifiedSince=datetime.now(UTC) + timedelta(minutes=1))[1] == 304
    assert refusal(s3.get_object, **asked, IfUnmodifiedSince=datetime(2020, 1, 1, tzinfo=UTC))[1] == 412


def test_conditions_hold_when_writing(s3: Any) -> None:
    asked = {"Bucket": "home", "Key": "cond/write"}
    etag = s3.put_object(**asked, Body=b"1", IfNoneMatch="*")["ETag"]
    assert refusal(s3.put_object, **asked, Body=b"2", IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert refusal(s3.put_object, **asked, Body=b"2", IfMatch='"x"') == ("PreconditionFailed", 412)
    s3.put_object(**asked, Body=b"2", IfMatch=etag)
    assert refusal(s3.put_object, Bucket="home", Key="cond/new", Body=b"2", IfMatch=etag) == (
        "NoSuchKey",
        404,
    )
    assert refusal(s3.delete_object, **asked, IfMatch=etag) == ("PreconditionFailed", 412)
    assert s3.get_object(**asked)["Body"].read() == b"2"


def test_only_one_of_many_writers_wins(s3: Any) -> None:
    def attempt(number: int) -> int:
        try:
            s3.put_object(Bucket="home", Key="race", Body=str(number).encode(), IfNoneMatch="*")
        except ClientError as error:
            return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
        return 200

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(attempt, range(8))) == [200] + [412] * 7


def test_listings_are_in_the_order_of_bytes_on_every_page(s3: Any) -> None:
    names = [
        "a-b",
        "a/b",
        "a/b-c",
        "a.txt",
        "a/z/1",
        "b",
        "ü",
        "z z",
        "a0",
        "10",
        "2",
        "日本",
        "a/b+c%20&<",
        "\U0001f600",
    ]
    for name in names:
        s3.put_object(Bucket="home", Key=f"order/{name}", Body=b"")
    expected = sorted((f"order/{name}" for name in names), key=str.encode)
    assert keys(s3, Prefix="order/") == expected
    for size in (1, 2, 3, 5):
        assert keys(s3, Prefix="order/", PaginationConfig={"PageSize": size}) == expected
        first = s3.get_paginator("list_objects").paginate(
            Bucket="home", Prefix="order/", PaginationConfig={"PageSize": size}
        )
        assert [item["Key"] for page in first for item in page["Contents"]] == expected
    for start in expected:
        assert keys(s3, Prefix="order/", StartAfter=start) == expected[expected.index(start) + 1 :]
    assert keys(s3, Prefix="order/a/b") == ["order/a/b", "order/a/b+c%20&<", "order/a/b-c"]
    versions = s3.list_object_versions(Bucket="home", Prefix="order/")["Versions"]
    assert [item["Key"] for item in versions] == expected
    assert {item["VersionId"] for item in versions} == {"null"}


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_delimiter_rolls_up(s3: Any, size: int) -> None:
    for name in ("x/1", "x/2", "x-1", "y/1/2/3", "y", "z"):
        if name != "y":
            s3.put_object(Bucket="home", Key=f"roll/{name}", Body=b"")
    for delimiter, files, groups in (
        ("/", ["x-1", "z"], ["x/", "y/"]),
        ("-", ["x/1", "x/2", "y/1/2/3", "z"], ["x-"]),
        ("/1", ["x-1", "x/2", "z"], ["x/1", "y/1"]),
    ):
        found: tuple[list[str], list[str]] = ([], [])
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket="home", Prefix="roll/", Delimiter=delimiter, PaginationConfig={"PageSize": size}
        )
        for page in pages:
            found[0].extend(item["Key"].removeprefix("roll/") for item in page.get("Contents", ()))
            found[1].extend(item["Prefix"].removeprefix("roll/") for item in page.get("CommonPrefixes", ()))
            assert page["KeyCount"] <= size
        assert found == (files, groups), delimiter


def test_folders_come_and_go_with_what_is_in_them(server: SyncServer, s3: Any) -> None:
    ada = Dav(server, "ada")
    s3.put_object(Bucket="home", Key="go/implied/deep/a", Body=b"")
    ada("MKCOL", "/go/made")
    s3.put_object(Bucket="home", Key="go/marked/", Body=b"")
    s3.put_object(Bucket="home", Key="go/marked/b", Body=b"")
    s3.put_object(Bucket="home", Key="go/made/c", Body=b"")
    assert keys(s3, Prefix="go/") == ["go/implied/deep/a", "go/made/c", "go/marked/b"]
    assert s3.head_object(Bucket="home", Key="go/marked/")["ContentLength"] == 0
    for key in ("go/implied/deep/a", "go/marked/b", "go/made/c"):
        s3.delete_object(Bucket="home", Key=key)
    assert keys(s3, Prefix="go/") == ["go/made/", "go/marked/"]
    assert ada("PROPFIND", "/go/implied").status == 404
    s3.delete_object(Bucket="home", Key="go/marked/")
    s3.delete_object(Bucket="home", Key="go/made/")
    assert keys(s3, Prefix="go") == []
    assert "go" not in {path.strip("/").rpartition("/")[2] for path in ada.list("/")}


def test_deleting_a_key_never_takes_a_folder_along(s3: Any) -> None:
    s3.put_object(Bucket="home", Key="stay/a", Body=b"1")
    s3.delete_object(Bucket="home", Key="stay")
    s3.delete_object(Bucket="home", Key="stay/")
    s3.delete_object(Bucket="home", Key="never/was")
    assert keys(s3, Prefix="stay") == ["stay/a"]
    assert refusal(s3.get_object, Bucket="home", Key="stay") == ("NoSuchKey", 404)


def test_many_are_deleted_at_once(s3: Any) -> None:
    names = [f"many/{number}" for number in range(30)]
    for name in names:
        s3.put_object(Bucket="home", Key=name, Body=b"")
    wanted = [{"Key": name} for name in (*names, "many/none", "many//bad")]
    told = s3.delete_objects(Bucket="home", Delete={"Objects": wanted})
    assert [item["Key"] for item in told["Deleted"]] == [*names, "many/none"]
    assert [(item["Key"], item["Code"]) for item in told["Errors"]] == [("many//bad", "InvalidArgument")]
    assert keys(s3, Prefix="many") == []


def test_copies_share_bytes_and_take_or_change_what_was_said(server: SyncServer, s3: Any) -> None:
    etag = s3.put_object(Bucket="home", Key="copy/a b+c", Body=b"x", Metadata={"k": "1"}, ContentType="a/b")[
        "ETag"
    ]
    source = {"Bucket": "home", "Key": "copy/a b+c"}
    told = s3.copy_object(Bucket="home", Key="copy/to/b", CopySource=source, CopySourceIfMatch=etag)
    assert told["CopyObjectResult"]["ETag"] == etag
    found = s3.head_object(Bucket="home", Key="copy/to/b")
    assert (found["Metadata"], found["ContentType"]) == ({"k": "1"}, "a/b")
    anew = {"MetadataDirective": "REPLACE", "Metadata": {"k": "2"}, "ContentType": "c/d"}
    s3.copy_object(Bucket="home", Key="copy/a b+c", CopySource=source, **anew)
    found = s3.head_object(**source)
    assert (found["Metadata"], found["ContentType"], found["ETag"]) == ({"k": "2"}, "c/d", etag)
    assert refusal(s3.copy_object, **source, CopySource=source)[0] == "InvalidRequest"
    asked = {"Bucket": "home", "Key": "copy/c", "CopySource": source}
    assert refusal(s3.copy_object, **asked, CopySourceIfNoneMatch=etag) == ("PreconditionFailed", 412)
    assert Dav(server, "ada").get("/copy/to/b") == b"x"


def test_parts_come_in_any_order(server: SyncServer, s3: Any) -> None:
    asked = {"Bucket": "home", "Key": "parts/whole"}
    upload = s3.create_multipart_upload(**asked, Metadata={"m": "1"})["UploadId"]
    sizes = {3: 100_000, 1: 300_000, 2: 1, 7: 5}
    data = {number: random.Random(number).randbytes(size) for number, size in sizes.items()}
    etags = {
        number: s3.upload_part(**asked, UploadId=upload, PartNumber=number, Body=body)["ETag"]
        for number, body in data.items()
    }
    s3.upload_part(**asked, UploadId=upload, PartNumber=9, Body=b"left out")
    listed = s3.list_parts(**asked, UploadId=upload)["Parts"]
    assert [(part["PartNumber"], part["Size"]) for part in listed] == [
        (1, 300_000),
        (2, 1),
        (3, 100_000),
        (7, 5),
        (9, 8),
    ]
    assert [item["Key"] for item in s3.list_multipart_uploads(Bucket="home")["Uploads"]] == ["parts/whole"]
    named = [{"PartNumber": number, "ETag": etags[number]} for number in sorted(etags)]
    bad = {"Parts": [*reversed(named)]}
    assert (
        refusal(s3.complete_multipart_upload, **asked, UploadId=upload, MultipartUpload=bad)[0]
        == "InvalidPartOrder"
    )
    bad = {"Parts": [{"PartNumber": 1, "ETag": etags[3]}]}
    assert (
        refusal(s3.complete_multipart_upload, **asked, UploadId=upload, MultipartUpload=bad)[0]
        == "InvalidPart"
    )
    finish = {**asked, "UploadId": upload, "MultipartUpload": {"Parts": named}}
    told = s3.complete_multipart_upload(**finish)
    whole = b"".join(data[number] for number in sorted(data))
    digests = b"".join(hashlib.md5(data[number]).digest() for number in sorted(data))
    assert told["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-4"'
    assert s3.complete_multipart_upload(**finish)["ETag"] == told["ETag"], (
        "a repeated request has the same answer"
    )
    found = s3.get_object(**asked)
    assert found["Body"].read() == whole
    assert found["Metadata"] == {"m": "1"}
    assert s3.get_object(**asked, PartNumber=3)["Body"].read() == data[3]
    assert Dav(server, "ada").get("/parts/whole") == whole
    assert s3.list_multipart_uploads(Bucket="home").get("Uploads", []) == []


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [
        *((kind, how) for kind in ("CRC32", "CRC32C") for how in ("COMPOSITE", "FULL_OBJECT")),
        *(("CRC64NVME", "FULL_OBJECT"), ("SHA1", "COMPOSITE"), ("SHA256", "COMPOSITE")),
    ],
)
def test_checksums_of_parts_become_one_of_the_whole(s3: Any, algorithm: str, kind: str) -> None:
    asked = {"Bucket": "home", "Key": f"parts/{algorithm}-{kind}"}
    name = f"Checksum{algorithm}"
    upload = s3.create_multipart_upload(**asked, ChecksumAlgorithm=algorithm, ChecksumType=kind)["UploadId"]
    named = []
    for number, body in ((1, b"a" * 70_000), (2, b"b" * 3)):
        told = s3.upload_part(
            **asked, UploadId=upload, PartNumber=number, Body=body, ChecksumAlgorithm=algorithm
        )
        named.append({"PartNumber": number, "ETag": told["ETag"], name: told[name]})
    told = s3.complete_multipart_upload(**asked, UploadId=upload, MultipartUpload={"Parts": named})
    whole = s3.put_object(
        Bucket="home", Key="parts/at-once", Body=b"a" * 70_000 + b"bbb", ChecksumAlgorithm=algorithm
    )
    if kind == "FULL_OBJECT":
        assert told[name] == whole[name]
    else:
        digests = b"".join(base64.b64decode(part[name]) for part in named)
        again = s3.put_object(Bucket="home", Key="parts/digests", Body=digests, ChecksumAlgorithm=algorithm)
        assert told[name] == f"{again[name]}-2"
    assert s3.head_object(**asked, ChecksumMode="ENABLED")[name] == told[name]


def test_a_part_is_copied_and_an_upload_given_up(s3: Any) -> None:
    s3.put_object(Bucket="home", Key="parts/source", Body=b"0123456789")
    asked = {"Bucket": "home", "Key": "parts/target"}
    upload = s3.create_multipart_upload(**asked)["UploadId"]
    copied = s3.upload_part_copy(
        **asked, UploadId=upload, PartNumber=1, CopySource="home/parts/source", CopySourceRange="bytes=2-5"
    )["CopyPartResult"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": copied["ETag"]}]}
    s3.complete_multipart_upload(**asked, UploadId=upload, MultipartUpload=parts)
    assert s3.get_object(**asked)["Body"].read() == b"2345"
    upload = s3.create_multipart_upload(**asked)["UploadId"]
    s3.abort_multipart_upload(**asked, UploadId=upload)
    assert refusal(s3.upload_part, **asked, UploadId=upload, PartNumber=1, Body=b"")[0] == "NoSuchUpload"
    assert refusal(s3.list_parts, **asked, UploadId="never")[0] == "NoSuchUpload"


def test_what_clients_ask_in_passing(s3: Any) -> None:
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["home", "shares", "classes"]
    s3.head_bucket(Bucket="home")
    s3.create_bucket(Bucket="home")
    assert s3.get_bucket_location(Bucket="home")["LocationConstraint"] is None
    assert "Status" not in s3.get_bucket_versioning(Bucket="home")
    assert s3.get_bucket_acl(Bucket="home")["Grants"][0]["Permission"] == "FULL_CONTROL"
    for call, code in (
        (s3.get_bucket_policy, "NoSuchBucketPolicy"),
        (s3.get_bucket_cors, "NoSuchCORSConfiguration"),
        (s3.get_bucket_tagging, "NoSuchTagSet"),
        (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
    ):
        assert refusal(call, Bucket="home") == (code, 404)
    assert refusal(s3.get_bucket_accelerate_configuration, Bucket="home") == ("NotImplemented", 501)
    assert refusal(s3.list_objects_v2, Bucket="nobody") == ("NoSuchBucket", 404)
    assert refusal(s3.create_bucket, Bucket="nobody") == ("AccessDenied", 403)
    assert refusal(s3.delete_bucket, Bucket="home") == ("BucketNotEmpty", 409)
    s3.put_object(Bucket="home", Key="acl", Body=b"", ACL="private")
    refused = refusal(s3.put_object, Bucket="home", Key="acl", Body=b"", ACL="public-read")
    assert refused == ("AccessControlListNotSupported", 400)
    refused = refusal(s3.put_object, Bucket="home", Key="e", Body=b"", ServerSideEncryption="AES256")
    assert refused == ("NotImplemented", 501)


@pytest.mark.parametrize("name", ["a//b", "a/../b", "/a", "a/./b", "n" * 256, "\x00"])
def test_keys_that_no_file_can_have(s3: Any, name: str) -> None:
    assert refusal(s3.put_object, Bucket="home", Key=name, Body=b"") == ("InvalidArgument", 400)


def test_a_file_is_no_folder(s3: Any) -> None:
    s3.put_object(Bucket="home", Key="is/file", Body=b"")
    assert refusal(s3.put_object, Bucket="home", Key="is/file/below", Body=b"")[1] == 409
    assert refusal(s3.put_object, Bucket="home", Key="is", Body=b"")[1] == 405


def test_the_trash_has_what_s3_deleted_and_versions_what_it_replaced(server: SyncServer, s3: Any) -> None:
    s3.put_object(Bucket="home", Key="kept.txt", Body=b"one")
    s3.put_object(Bucket="home", Key="kept.txt", Body=b"two")
    s3.delete_object(Bucket="home", Key="kept.txt")
    with person(server, "ada") as http:
        trash = http.get("trash").json()["items"]
        item = next(item for item in trash if item["path"].endswith("kept.txt"))
        assert http.post("trash/restore", json={"ids": [item["id"]]}).status_code == 200
        versions = http.get("versions", params={"path": "/kept.txt"}).json()["versions"]
    assert s3.get_object(Bucket="home", Key="kept.txt")["Body"].read() == b"two"
    assert len(versions) == 2


def test_shares_are_a_bucket(server: SyncServer, s3: Any) -> None:
    with person(server, "bob") as bob, person(server, "ada") as ada:
        bob.post("folders", json={"path": "/Given"})
        bob.put("content", params={"path": "/Given/x.txt"}, content=b"from bob")
        share = bob.post(
            "shares", json={"path": "/Given", "kind": "user", "grantee": "ada", "role": "editor"}
        ).json()
        ada.post(f"shares/{share['id']}/accept")
    assert keys(s3, Prefix="Shares/") == ["Shares/Given/x.txt"]
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="shares")["Contents"]] == ["Given/x.txt"]
    s3.put_object(Bucket="shares", Key="Given/sub/y.txt", Body=b"from ada")
    assert Dav(server, "bob").get("/Given/sub/y.txt") == b"from ada"
    assert refusal(s3.put_object, Bucket="shares", Key="new.txt", Body=b"")[1] == 403


def test_the_etag_of_a_large_file_stays_when_its_md5_becomes_known(server: SyncServer, s3: Any) -> None:
    Dav(server, "ada").put("/late.bin", bytes(3_000_000))
    before = s3.head_object(Bucket="home", Key="late.bin")["ETag"]
    copied = s3.copy_object(Bucket="home", Key="copied.bin", CopySource="home/late.bin")
    catching_up = server.services.late_sums.catch_up()
    asyncio.run_coroutine_threadsafe(catching_up, server.loop).result(60)
    assert s3.head_object(Bucket="home", Key="late.bin")["ETag"] == before
    listed = s3.list_objects_v2(Bucket="home", Prefix="late.bin")["Contents"]
    assert [entry["ETag"] for entry in listed] == [before]
    assert s3.head_object(Bucket="home", Key="copied.bin")["ETag"] == copied["CopyObjectResult"]["ETag"]
    assert "-" in before
    again = s3.get_object(Bucket="home", Key="late.bin", IfMatch=before)
    assert again["Body"].read() == bytes(3_000_000)


def test_an_upload_by_s3_has_its_md5_for_an_etag_however_large(server: SyncServer, s3: Any) -> None:
    data = bytes(range(256)) * 12_000
    md5 = hashlib.md5(data).hexdigest()
    assert s3.put_object(Bucket="home", Key="large.bin", Body=data)["ETag"] == f'"{md5}"'
    assert s3.head_object(Bucket="home", Key="large.bin")["ETag"] == f'"{md5}"'
