"""Who comes in by S3 and how far: keys and their limits, signatures, temporary keys."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from cygnet_hub.services.sync.store import access_keys
from tests.hub.s3.conftest import client
from tests.hub.s3.keys import Key, make_key, person, remove_key
from tests.hub.s3.test_boto3 import keys, refusal
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60, trust_env=False) as made:
        yield made


def signed(
    server: SyncServer, key: Key, method: str, path: str, data: bytes = b"", **headers: str
) -> AWSRequest:
    """A request signed by botocore."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = AWSRequest(method, server.s3 + path, headers=named, data=data)
    S3SigV4Auth(Credentials(key.id, key.secret), "s3", "us-east-1").add_auth(request)
    return request


def send(http: httpx.Client, request: AWSRequest, data: bytes | None = None) -> tuple[int, str]:
    """Send it; status and S3's code of the error."""
    answer = http.request(
        request.method,
        request.url,
        headers=dict(request.headers),
        content=request.data if data is None else data,
    )
    return answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0]


def test_a_key_of_a_moment_ago_that_another_process_revoked(server: SyncServer, http: httpx.Client) -> None:
    key = make_key(server, "bob")
    assert send(http, signed(server, key, "PUT", "/home/lately", b"1"))[0] == 200
    # Behind the back of the process that knows the key from a moment ago.
    server.services.database.write_now(lambda c: access_keys.remove(c, "bob", key.id))
    for method in ("PUT", "GET", "DELETE"):
        assert send(http, signed(server, key, method, "/home/lately"))[0] == 403, method
    assert "lately" in keys(client(server, make_key(server, "bob")))


def test_a_key_is_made_listed_used_and_gone(server: SyncServer) -> None:
    made = make_key(server, "bob", label="laptop")
    with person(server, "bob") as bob:
        (listed,) = [item for item in bob.get("keys").json()["keys"] if item["id"] == made.id]
        assert (listed["label"], listed["folder"], listed["read_only"]) == ("laptop", None, False)
        assert made.secret not in bob.get("keys").text
    s3 = client(server, made)
    s3.put_object(Bucket="home", Key="a", Body=b"")
    with person(server, "ada") as ada:
        assert ada.delete(f"keys/{made.id}").status_code == 404
    assert remove_key(server, "bob", made) == 204
    assert refusal(s3.list_objects_v2, Bucket="home") == ("InvalidAccessKeyId", 403)
    s3.close()


def test_a_key_that_a_program_made_ends_with_the_program(server: SyncServer) -> None:
    with person(server, "ada") as ada:
        password = ada.post("app-passwords", json={"label": "reads", "scopes": ["files:read"]}).json()
        auth = ("ada", password["password"])
        made = httpx.post(f"{server.url}/api/v1/keys", auth=auth, json={}, trust_env=False).json()
        s3 = client(server, Key(made["id"], made["secret"]))
        s3.list_objects_v2(Bucket="home")
        assert refusal(s3.put_object, Bucket="home", Key="t", Body=b"") == ("AccessDenied", 403)
        ada.delete(f"app-passwords/{password['id']}")
    assert refusal(s3.list_objects_v2, Bucket="home") == ("InvalidAccessKeyId", 403)
    s3.close()


def test_no_table_holds_a_secret(server: SyncServer) -> None:
    made = make_key(server, "ada")
    for path in server.data.rglob("*.db*"):
        assert made.secret.encode() not in path.read_bytes()


@pytest.mark.parametrize("limits", [{"ttl": -1}, {"ttl": 0}, {"folder": "/../x"}, {"label": "x" * 201}])
def test_limits_that_make_no_sense(server: SyncServer, limits: dict[str, Any]) -> None:
    with person(server, "ada") as http:
        assert http.post("keys", json=limits).status_code == 400


def test_a_key_for_reading_writes_nothing(server: SyncServer) -> None:
    Dav(server, "ada").put("/readable.txt", b"x")
    s3 = client(server, make_key(server, "ada", read_only=True))
    asked = {"Bucket": "home", "Key": "readable.txt"}
    assert s3.get_object(**asked)["Body"].read() == b"x"
    denied = ("AccessDenied", 403)
    assert refusal(s3.put_object, **asked, Body=b"") == denied
    assert refusal(s3.put_object, Bucket="home", Key="new/deep", Body=b"") == denied
    assert refusal(s3.put_object, Bucket="home", Key="folder/", Body=b"") == denied
    assert refusal(s3.delete_object, **asked) == denied
    assert refusal(s3.copy_object, Bucket="home", Key="b", CopySource="home/readable.txt") == denied
    assert refusal(s3.create_multipart_upload, **asked) == denied
    assert refusal(s3.put_object_tagging, **asked, Tagging={"TagSet": []}) == denied
    told = s3.delete_objects(Bucket="home", Delete={"Objects": [{"Key": "readable.txt"}]})
    assert told["Errors"][0]["Code"] == "AccessDenied"
    s3.close()


def test_a_key_of_a_folder_sees_nothing_else(server: SyncServer) -> None:
    ada = client(server, make_key(server, "ada"))
    for name in ("limited/in/a", "limited/in/deep/b", "limited/inside", "limited/out", "top"):
        ada.put_object(Bucket="home", Key=name, Body=b"x")
    s3 = client(server, make_key(server, "ada", folder="/limited/in"))
    assert keys(s3) == keys(s3, Prefix="limited/in/") == ["limited/in/a", "limited/in/deep/b"]
    assert [i["Prefix"] for i in s3.list_objects_v2(Bucket="home", Delimiter="/")["CommonPrefixes"]] == [
        "limited/"
    ]
    s3.put_object(Bucket="home", Key="limited/in/new/c", Body=b"")
    s3.delete_object(Bucket="home", Key="limited/in/new/c")
    denied = ("AccessDenied", 403)
    for name in ("limited/inside", "limited/out", "top", "none", "limited/none/x", "Shares/x"):
        assert refusal(s3.get_object, Bucket="home", Key=name) == denied, name
        assert refusal(s3.put_object, Bucket="home", Key=name, Body=b"") == denied, name
        assert refusal(s3.delete_object, Bucket="home", Key=name) == denied, name
        assert refusal(s3.copy_object, Bucket="home", Key="limited/in/z", CopySource=f"home/{name}") == denied
        assert refusal(s3.copy_object, Bucket="home", Key=name, CopySource="home/limited/in/a") == denied
        assert refusal(s3.create_multipart_upload, Bucket="home", Key=name) == denied, name
    assert refusal(s3.list_objects_v2, Bucket="home", Prefix="limited/out/") == denied
    upload = ada.create_multipart_upload(Bucket="home", Key="top")["UploadId"]
    asked = {"Bucket": "home", "Key": "top", "UploadId": upload}
    assert refusal(s3.upload_part, **asked, PartNumber=1, Body=b"") == denied
    assert refusal(s3.list_parts, **asked) == denied
    assert refusal(s3.abort_multipart_upload, **asked) == denied
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="home")
    s3.close()
    ada.close()


def test_a_key_ends_with_its_time(server: SyncServer) -> None:
    s3 = client(server, make_key(server, "ada", ttl=0.01))
    time.sleep(0.02)
    assert refusal(s3.list_objects_v2, Bucket="home") == ("InvalidAccessKeyId", 403)
    s3.close()


def test_others_uploads_and_files_stay_theirs(server: SyncServer) -> None:
    ada, bob = (client(server, make_key(server, user)) for user in ("ada", "bob"))
    ada.put_object(Bucket="home", Key="mine", Body=b"x")
    assert refusal(bob.get_object, Bucket="home", Key="mine") == ("NoSuchKey", 404)
    upload = ada.create_multipart_upload(Bucket="home", Key="up")["UploadId"]
    asked = {"Bucket": "home", "Key": "up", "UploadId": upload}
    assert refusal(bob.upload_part, **asked, PartNumber=1, Body=b"")[0] == "NoSuchUpload"
    assert refusal(ada.list_parts, **asked | {"Key": "other"})[0] == "NoSuchUpload"
    ada.close()
    bob.close()


def test_a_signature_covers_everything(server: SyncServer, key: Key, http: httpx.Client) -> None:
    good = signed(server, key, "PUT", "/home/signed?x-id=PutObject", b"data", x_amz_meta_a="1")
    assert send(http, good) == (200, "")
    assert send(http, good, b"dat4") == (400, "XAmzContentSHA256Mismatch")
    wrong = (403, "SignatureDoesNotMatch")
    for path in ("/home/signe", "/home/signed?x-id=PutObjec", "/home/signed"):
        changed = signed(server, key, "PUT", "/home/signed?x-id=PutObject", b"data")
        changed.url = server.s3 + path
        assert send(http, changed) == wrong, path
    changed = signed(server, key, "PUT", "/home/signed", b"data", x_amz_meta_a="1")
    changed.headers.replace_header("x-amz-meta-a", "2")
    assert send(http, changed) == wrong
    changed = signed(server, key, "PUT", "/home/signed", b"data")
    changed.method = "POST"
    assert send(http, changed) == wrong
    changed = signed(server, key, "PUT", "/home/signed", b"data")
    changed.headers["x-amz-meta-b"] = "not signed"
    assert send(http, changed) == (400, "AuthorizationHeaderMalformed")
    assert send(http, signed(server, Key(key.id, "x"), "GET", "/home")) == wrong
    assert send(http, signed(server, Key("CYGNX", key.secret), "GET", "/home")) == (403, "InvalidAccessKeyId")


def test_the_clock_may_be_wrong_by_a_quarter_of_an_hour(
    server: SyncServer, key: Key, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for minutes, status in ((-14, 200), (14, 200), (-16, 403), (16, 403)):
        moment = datetime.now(UTC) + timedelta(minutes=minutes)
        monkeypatch.setattr("botocore.auth.get_current_datetime", lambda moment=moment: moment)
        found = send(http, signed(server, key, "GET", "/home?max-keys=0"))
        assert found == (status, "RequestTimeTooSkewed" if status == 403 else ""), minutes


def test_what_comes_twice_is_refused(server: SyncServer, key: Key, http: httpx.Client) -> None:
    assert send(http, signed(server, key, "GET", "/home?prefix=a&prefix=b"))[1] == "InvalidArgument"


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_signed_addresses(server: SyncServer, key: Key, http: httpx.Client, version: str) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=server.s3,
        aws_access_key_id=key.id,
        aws_secret_access_key=key.secret,
        region_name="us-east-1",
        config=Config(signature_version=version),
    )
    asked = {"Bucket": "home", "Key": "presigned/a b+ü%.txt"}
    put = s3.generate_presigned_url("put_object", asked | {"ContentType": "text/x"}, ExpiresIn=60)
    assert ("AWSAccessKeyId" in put) is (version == "s3")
    assert http.put(put, content=b"data", headers={"Content-Type": "text/x"}).status_code == 200
    get = s3.generate_presigned_url("get_object", asked | {"ResponseContentType": "image/png"}, ExpiresIn=60)
    answer = http.get(get)
    assert (answer.content, answer.headers["Content-Type"]) == (b"data", "image/png")
    assert http.get(get.replace("presigned", "presigne")).status_code == 403
    assert http.put(get, content=b"").status_code == 403
    listing = s3.generate_presigned_url("list_objects_v2", {"Bucket": "home", "Prefix": "presigned/"})
    assert "a b+" in http.get(listing).text or "a%20b" in http.get(listing).text
    old = s3.generate_presigned_url("get_object", asked, ExpiresIn=1)
    time.sleep(2.1)
    assert http.get(old).status_code == 403
    s3.close()


def test_nobody_else_gets_in(server: SyncServer, http: httpx.Client) -> None:
    Dav(server, "ada").put("/secret", b"x")
    password = server.app_password("ada")
    for headers in (
        {},
        {"Authorization": "Bearer hub-token-of-ada"},
        {"Authorization": httpx.BasicAuth("ada", password)._auth_header},
        {"Authorization": f"AWS4-HMAC-SHA256 Credential={password}/20260101/us-east-1/s3/aws4_request"},
        {"Authorization": "AWS CYGN:abc"},
        {"Cookie": f"{server.login.cookie_name}={server.login.cookie(server, 'hub-token-of-ada')}"},
    ):
        for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
            for path in (
                "/",
                "/home",
                "/home/secret",
                "/home/secret?uploads",
                "/home?delete",
                "/shares",
                "/x/y",
            ):
                answer = http.request(method, server.s3 + path, headers={**headers, "Connection": "close"})
                refused = (400, 403, 405) if path != "/" or method != "POST" else (400, 501)
                assert answer.status_code in refused, (method, path, headers, answer.text)


def test_ids_that_no_key_and_no_upload_has(server: SyncServer, http: httpx.Client, s3: Any) -> None:
    for key_id in ("%00", "%F0%9F%98%80", "a" * 1000, "-"):
        answer = http.get(f"{server.s3}/?AWSAccessKeyId={key_id}&Signature=x&Expires={int(time.time()) + 60}")
        assert answer.status_code == 403
        assert "InvalidAccessKeyId" in answer.text
    assert refusal(s3.list_parts, Bucket="home", Key="a", UploadId="\x00")[0] == "NoSuchUpload"
    assert s3.list_objects_v2(Bucket="home", Prefix="none/", StartAfter="none/a\x00")["KeyCount"] == 0


def test_a_secret_of_s3_opens_no_other_door(server: SyncServer, key: Key, http: httpx.Client) -> None:
    for headers in (
        {"Authorization": f"Bearer {key.secret}"},
        {"Authorization": httpx.BasicAuth("ada", key.secret)._auth_header},
        {"Authorization": httpx.BasicAuth(key.id, key.secret)._auth_header},
    ):
        server.forget_guesses()
        assert http.get(f"{server.url}/api/v1/me", headers=headers).status_code == 401
        assert (
            http.request("PROPFIND", f"{server.url}/remote.php/webdav/", headers=headers).status_code == 401
        )
    server.forget_guesses()


def temporary(server: SyncServer, token: str, **more: Any) -> dict[str, Any]:
    """What STS gives for a token."""
    sts = boto3.client(
        "sts", endpoint_url=server.s3, region_name="us-east-1", config=Config(signature_version="unsigned")
    )
    try:
        role = {"RoleArn": "arn:aws:iam::000000000000:role/any", "RoleSessionName": "job"}
        answer = sts.assume_role_with_web_identity(**role, WebIdentityToken=token, **more)
        return dict(answer["Credentials"])
    finally:
        sts.close()


def temporary_client(server: SyncServer, given: dict[str, Any]) -> Any:
    return client(
        server, Key(given["AccessKeyId"], given["SecretAccessKey"]), aws_session_token=given["SessionToken"]
    )


def test_a_temporary_key_for_a_token(server: SyncServer) -> None:
    given = temporary(server, "hub-token-of-ada", DurationSeconds=900)
    assert abs((given["Expiration"] - datetime.now(UTC)).total_seconds() - 900) < 60
    s3 = temporary_client(server, given)
    s3.put_object(Bucket="home", Key="temporary", Body=b"x")
    address = s3.generate_presigned_url("get_object", {"Bucket": "home", "Key": "temporary"})
    assert httpx.get(address, trust_env=False).content == b"x"
    without = client(server, Key(given["AccessKeyId"], given["SecretAccessKey"]))
    assert refusal(without.list_objects_v2, Bucket="home") == ("InvalidToken", 400)
    with person(server, "ada") as ada:
        assert given["AccessKeyId"] not in ada.get("keys").text
    for made in (s3, without):
        made.close()


def test_a_temporary_key_can_do_no_more_than_its_token_and_ends_with_it(server: SyncServer) -> None:
    with person(server, "ada") as ada:
        body = {"label": "reads", "scopes": ["files:read"]}
        password = ada.post("app-passwords", json=body).json()
        s3 = temporary_client(server, temporary(server, password["password"]))
        assert refusal(s3.put_object, Bucket="home", Key="t", Body=b"") == ("AccessDenied", 403)
        s3.list_objects_v2(Bucket="home")
        ada.delete(f"app-passwords/{password['id']}")
    assert refusal(s3.list_objects_v2, Bucket="home") == ("InvalidAccessKeyId", 403)
    s3.close()


@pytest.mark.parametrize(
    ("token", "more"),
    [("wrong", {}), ("internal-test-key", {}), ("hub-token-of-ada", {"DurationSeconds": 50_000})],
)
def test_no_temporary_key(server: SyncServer, token: str, more: dict[str, Any]) -> None:
    server.forget_guesses()
    with pytest.raises(ClientError) as caught:
        temporary(server, token, **more)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
    assert caught.value.response["Error"]["Code"] in (
        "InvalidIdentityToken",
        "AccessDenied",
        "InvalidRequest",
    )


def test_the_log_of_what_was_done_names_the_key(
    server: SyncServer, key: Key, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = ("put", "/audited", f"access-key:{key.id}")
    s3 = client(server, key)
    with caplog.at_level("INFO", "cygnet.sync.audit"):
        s3.put_object(Bucket="home", Key="audited", Body=b"x")
        deadline = time.monotonic() + 60
        while wanted not in audited(caplog):  # written after the answer
            assert time.monotonic() < deadline
            time.sleep(0.01)
    s3.close()


def audited(caplog: pytest.LogCaptureFixture) -> set[tuple[str, str, str]]:
    lines = [record.fields for record in caplog.records if record.name == "cygnet.sync.audit"]
    return {(line["action"], line["path"], line["credential"]) for line in lines}
