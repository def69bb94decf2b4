"""`cygnet keys`: access keys of S3 from a command that is logged in as a program."""

import json

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cygnet_hub.services.sync.service.credentials import issue_app_password


def client(printed):
    """A client of S3 that has what `cygnet keys add` prints."""
    told = dict(line.split("=", 1) for line in printed.split())
    return boto3.client(
        "s3",
        endpoint_url=told["AWS_ENDPOINT_URL"],
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 1}, proxies={}),
    )


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_key_that_the_command_made_opens_s3(cygnet, fs, folder):
    s3 = client(cygnet("keys", "add", "--folder", folder, "--label", "a job", "--ttl", "1d"))
    s3.put_object(Bucket="home", Key=f"{folder[1:]}/a.txt", Body=b"by S3")
    assert fs.cat_file(f"{folder}/a.txt") == b"by S3"
    assert refused(s3.put_object, Bucket="home", Key="elsewhere.txt", Body=b"") == 403
    line = next(line for line in cygnet("keys", "list").splitlines() if folder in line)
    assert "a job" in line
    assert "until 2" in line
    cygnet("keys", "remove", line.split()[0])
    assert refused(s3.get_object, Bucket="home", Key=f"{folder[1:]}/a.txt") == 403
    cygnet("keys", "remove", line.split()[0], code=4)


def test_for_reading_only(cygnet, fs, folder):
    fs.pipe_file(f"{folder}/a", b"1")
    s3 = client(cygnet("keys", "add", "--read-only"))
    assert s3.get_object(Bucket="home", Key=f"{folder[1:]}/a")["Body"].read() == b"1"
    assert refused(s3.put_object, Bucket="home", Key=f"{folder[1:]}/b", Body=b"") == 403


def test_a_program_makes_no_key_that_can_do_more_than_itself(cygnet, server, tmp_path):
    reader = server.app_password("ada", frozenset({"files:read"}))
    token = tmp_path / "token"
    token.write_text(reader)
    s3 = client(cygnet("keys", "add", "--url", server.url, "--token-file", token))
    assert refused(s3.put_object, Bucket="home", Key="new", Body=b"") == 403


def test_keys_end_with_the_login_that_made_them(cygnet, server, tmp_path):
    issued = server.services.database.write_now(
        lambda connection: issue_app_password(connection, "ada", "a laptop that will be lost")
    )
    token = tmp_path / "token"
    token.write_text(issued.secret)
    as_laptop = ("--url", server.url, "--token-file", token)
    s3 = client(cygnet("keys", "add", *as_laptop))
    assert s3.list_objects_v2(Bucket="home", MaxKeys=1)["ResponseMetadata"]["HTTPStatusCode"] == 200
    [mine] = json.loads(cygnet("keys", "list", "--json", *as_laptop))
    others = {key["id"] for key in json.loads(cygnet("keys", "list", "--json"))}
    assert mine["id"] not in others
    cygnet("keys", "remove", mine["id"], code=4)
    as_ada = {"Authorization": "Bearer hub-token-of-ada"}
    listed = httpx.get(f"{server.url}/api/v1/keys", headers=as_ada, trust_env=False).json()["keys"]
    assert {mine["id"], *others} <= {key["id"] for key in listed}
    gone = f"{server.url}/api/v1/app-passwords/{issued.credential.id}"
    assert httpx.delete(gone, headers=as_ada, trust_env=False).status_code == 204
    assert refused(s3.list_objects_v2, Bucket="home") == 403


def test_what_is_no_duration_is_refused(cygnet):
    assert "write for example 12h" in cygnet("keys", "add", "--ttl", "soon", code=2)
