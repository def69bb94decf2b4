"""Keys of S3 that are got with a certificate: what they may do, and when they end."""

from __future__ import annotations

import re
import time
from typing import Any
from xml.etree import ElementTree

import boto3
import pytest
from botocore.exceptions import ClientError

from cygnet_hub.services.sync.service.certificates import add_certificate
from cygnet_hub.services.sync.store import certificates as store
from tests.grid import LIMITED, Authority, Identity
from tests.sync_server import SyncServer

from .conftest import Curl, secure

pytestmark = pytest.mark.needs("curl")

STS = "{https://sts.amazonaws.com/doc/2011-06-15/}"
FORM = ("--data", "Action=AssumeRoleWithCertificate")


def keys(body: str) -> dict[str, str]:
    """The credentials in an answer of STS."""
    found = ElementTree.fromstring(body).find(f".//{STS}Credentials")
    assert found is not None, body
    return {one.tag.removeprefix(STS): one.text or "" for one in found}


def client(server: SyncServer, authority: Authority, told: dict[str, str]) -> Any:
    """boto3 with temporary keys."""
    return boto3.client(
        "s3",
        endpoint_url=server.secure_s3,
        region_name="us-east-1",
        verify=str(authority.own.certificate),
        aws_access_key_id=told["AccessKeyId"],
        aws_secret_access_key=told["SecretAccessKey"],
        aws_session_token=told["SessionToken"],
    )


def test_sts(server: SyncServer, authority: Authority, ada: Identity, curl: Curl) -> None:
    told = curl("s3:", ada.proxy("sts"), *FORM, "--data", "DurationSeconds=3600")
    assert told.status == 200, told
    s3 = client(server, authority, keys(told.body))
    s3.put_object(Bucket="home", Key="grid/sts", Body=b"by sts")
    assert s3.get_object(Bucket="home", Key="grid/sts")["Body"].read() == b"by sts"
    s3.close()


def test_a_key_ends_with_its_proxy(authority: Authority, ada: Identity, curl: Curl) -> None:
    short = ada.proxy("half an hour", start=-0.5, days=0.5 + 1800 / 86400)
    told = keys(curl("s3:", short, *FORM, "--data", "DurationSeconds=43200").body)
    until = (
        time.mktime(time.strptime(re.sub(r"\.\d+", "", told["Expiration"]), "%Y-%m-%dT%H:%M:%SZ"))
        - time.timezone
    )
    assert until <= time.time() + 1801


def test_a_key_of_a_limited_proxy_reads_only(
    server: SyncServer, authority: Authority, ada: Identity, curl: Curl
) -> None:
    s3 = client(server, authority, keys(curl("s3:", ada.proxy("limited", LIMITED), *FORM).body))
    assert s3.get_object(Bucket="home", Key="grid/there.txt")["Body"].read() == b"there"
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket="home", Key="grid/limited", Body=b"")
    s3.close()


def test_a_key_ends_with_the_certificate(server: SyncServer, authority: Authority, curl: Curl) -> None:
    leaving = authority.person("Leaving")
    database = server.services.database
    made = database.write_now(lambda c: add_certificate(c, "ada", leaving.subject))
    s3 = client(server, authority, keys(curl("s3:", leaving, *FORM).body))
    assert s3.list_buckets()["Buckets"]
    database.write_now(lambda c: store.remove(c, made.id))
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        s3.list_buckets()
    s3.close()


def test_who_gets_none(authority: Authority, curl: Curl) -> None:
    assert curl("s3:", None, *FORM).status == 403
    told = curl("s3:", authority.person("Stranger"), *FORM)
    assert told.status == 400
    assert "belongs to no account here" in told.body


def test_the_json_api_gives_them_too(server: SyncServer, authority: Authority, ada: Identity) -> None:
    with secure(server, authority, ada) as http:
        told = http.post("keys/temporary", json={"ttl": 900}).json()
        assert told["endpoint"] == server.secure_s3
        assert told["expires"] <= time.time() + 901
        assert http.post("keys/temporary", json={"ttl": 1}).status_code == 400
        assert http.post("keys", json={"label": "for ever"}).status_code == 403


def test_a_macaroon_of_a_limited_proxy_reads_only(server: SyncServer, ada: Identity, curl: Curl) -> None:
    asked = ("--data", '{"caveats": ["activity:DOWNLOAD,LIST,UPLOAD"], "validity": "PT12H"}')
    kind = ("--header", "Content-Type: application/macaroon-request")
    for proxy, status in ((ada.proxy("whole-m"), 201), (ada.proxy("limited-m", LIMITED), 403)):
        told = curl("dav:/grid", proxy, "--request", "POST", *kind, *asked)
        assert told.status == 200, told
        macaroon = re.findall(r'"macaroon": ?"([^"]+)"', told.body)[0]
        bearer = ("--header", f"Authorization: Bearer {macaroon}")
        assert curl("dav:/grid/there.txt", None, *bearer).body == "there"
        name = f"dav:/grid/macaroon-{status}"
        assert curl(name, None, *bearer, "--request", "PUT", "--data", "x").status == status
