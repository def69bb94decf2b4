"""S3 on PostgreSQL, whose own order of names is that of a language; keys come in the order of their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.backends import postgresql
from tests.hub.s3.conftest import client
from tests.hub.s3.keys import make_key
from tests.hub.s3.test_boto3 import keys
from tests.sync_server import SyncServer, sync_server

pytestmark = pytest.mark.needs("pg_ctlcluster")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """The service on a database that sorts as English does."""
    folder: Path = tmp_path_factory.mktemp("postgresql")
    with postgresql() as cluster:
        engine = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            english = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'"
            connection.execute(text(f"CREATE DATABASE english TEMPLATE template0 {english}"))
        engine.dispose()
        with sync_server(folder, database=cluster.url("english")) as running:
            yield running


def test_the_order_of_keys(server: SyncServer) -> None:
    s3 = client(server, make_key(server, "ada"))
    names = ["B", "a", "a-b/x", "a.txt", "b/1", "b-1", "Z/2", "_", "ä", "z"]
    for name in names:
        s3.put_object(Bucket="home", Key=f"in/{name}", Body=b"x", Metadata={"a": "b"})
    expected = sorted((f"in/{name}" for name in names), key=str.encode)
    for size in (1, 3, 1000):
        assert keys(s3, Prefix="in/", PaginationConfig={"PageSize": size}) == expected
    upload = s3.create_multipart_upload(Bucket="home", Key="in/parts")["UploadId"]
    asked = {"Bucket": "home", "Key": "in/parts", "UploadId": upload}
    etag = s3.upload_part(**asked, PartNumber=2, Body=b"two")["ETag"]
    s3.complete_multipart_upload(**asked, MultipartUpload={"Parts": [{"PartNumber": 2, "ETag": etag}]})
    assert s3.get_object(Bucket="home", Key="in/parts")["Body"].read() == b"two"
    for key in (*expected, "in/parts"):
        s3.delete_object(Bucket="home", Key=key)
    assert keys(s3) == []
    s3.close()
