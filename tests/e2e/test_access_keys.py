"""An access key of S3, from the Files site to a program and back to nothing."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import expect

from tests.platform import Platform

from .files_site import Open


def test_an_access_key_is_shown_once_limited_and_deleted(site: Open, running: Platform) -> None:
    page = site("student", "settings/devices")
    page.get_by_label("Name of the key").fill("A job")
    page.get_by_label("Only this folder").fill("/from-a-job")
    page.get_by_label("How long").select_option("It ends in a day")
    page.get_by_role("button", name="Make a key").click()
    dialog = page.get_by_role("dialog")
    key, secret, endpoint = (
        dialog.get_by_label(name).input_value() for name in ("Access key", "Secret", "Endpoint")
    )
    assert endpoint == json.loads((running.data / "endpoints.json").read_text())["s3"]
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name="us-east-1",
    )
    page.get_by_role("button", name="Done").click()
    card = page.get_by_role("listitem").filter(has_text="A job")
    expect(card).to_contain_text("/from-a-job")
    expect(card).to_contain_text("until ")
    assert secret not in page.content()
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket="home", Key="elsewhere.txt", Body=b"")
    page.get_by_role("button", name="Delete A job").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(card).to_have_count(0)
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        s3.list_objects_v2(Bucket="home")
    s3.close()
