"""The service dies after each numbered step of the commit path while boto3 stores a file."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import HTTPClientError

from tests.crash import DURABLE, STEPS, WITHOUT_BODY, AnyServer, remote_server
from tests.hub.sync.dav import Dav
from tests.integration.test_crash_steps import NEW, OLD, holds_new, tree, verify
from tests.sync_server import sync_server

CUT = 1_000_000
FILE = {"Bucket": "home", "Key": "d/f"}


@contextlib.contextmanager
def boto(server: AnyServer) -> Iterator[Any]:
    """boto3 as Ada's client, which tries nothing twice."""
    auth = ("ada", server.app_password("ada"))
    key = httpx.post(f"{server.url}/api/v1/keys", auth=auth, json={"label": "test"}, trust_env=False).json()
    made = boto3.client(
        "s3",
        endpoint_url=key["endpoint"],
        aws_access_key_id=key["id"],
        aws_secret_access_key=key["secret"],
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}),
    )
    yield made
    made.close()


def upload(s3: Any) -> str:
    """The id of the upload in parts, if there is one."""
    found = s3.list_multipart_uploads(Bucket="home").get("Uploads", [{"UploadId": ""}])
    return str(found[0]["UploadId"])


def parts(s3: Any) -> list[dict[str, Any]]:
    """What has come of it."""
    known = upload(s3)
    found = s3.list_parts(**FILE, UploadId=known).get("Parts", []) if known else []
    return [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in found]


#: What stores something: of an upload in parts, its id and the parts that came.
Request = Callable[[Any, str, list[dict[str, Any]]], Any]


class Way(NamedTuple):
    """A way of storing a file: the request, its steps, how many of two parts were there before."""

    request: Request
    steps: tuple[str, ...]
    before: int = 0


WAYS = {
    "PutObject": Way(lambda s3, *_: s3.put_object(**FILE, Body=NEW), STEPS),
    "UploadPart": Way(
        lambda s3, known, _: s3.upload_part(**FILE, UploadId=known, PartNumber=2, Body=NEW[CUT:]),
        ("flush", "name", "commit", "answer"),
        1,
    ),
    "CompleteMultipartUpload": Way(
        lambda s3, known, came: s3.complete_multipart_upload(
            **FILE, UploadId=known, MultipartUpload={"Parts": came}
        ),
        WITHOUT_BODY,
        2,
    ),
}
CASES = [(way, step) for way in WAYS for step in WAYS[way].steps]


def prepare(server: AnyServer, before: int) -> None:
    """An old file at the place, and so many parts of an upload to it."""
    dav = Dav(server, "ada")
    assert dav("MKCOL", "/d").status == 201
    assert dav.put("/d/f", OLD).status == 201
    with boto(server) as s3:
        if before:
            s3.create_multipart_upload(**FILE)
        for number, body in enumerate((NEW[:CUT], NEW[CUT:])[:before], 1):
            s3.upload_part(**FILE, UploadId=upload(s3), PartNumber=number, Body=body)


@pytest.mark.parametrize(("way", "step"), CASES, ids=[f"{way} {step}" for way, step in CASES])
def test_a_crash_after_a_step(tmp_path: Path, way: str, step: str) -> None:
    request, _, before = WAYS[way]
    with remote_server(tmp_path, step) as remote:
        prepare(remote, before)
        etags = tree(Dav(remote, "ada"))
        with boto(remote) as s3:
            known, came = upload(s3), parts(s3)  # that the key is in use is noted now, too
            remote.arm()
            with contextlib.suppress(HTTPClientError):
                request(s3, known, came)
                assert step == "answer"
        assert remote.wait() == 137
    with sync_server(tmp_path) as server, boto(server) as s3:
        dav = Dav(server, "ada")
        if way == "UploadPart":
            assert (len(parts(s3)) == 2) == (step in DURABLE)
            request(s3, known, came)
            WAYS["CompleteMultipartUpload"].request(s3, known, parts(s3))
        else:
            assert holds_new(dav) == (step in DURABLE)
            assert (tree(dav) == etags) == (step not in DURABLE)
            if step not in DURABLE:
                request(s3, known, came)
        assert holds_new(dav)
        verify(server)
