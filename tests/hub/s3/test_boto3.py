"""boto3 as it comes: files stored by it are in every other door at once, and the other way round."""

from __future__ import annotations

from typing import Any

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
