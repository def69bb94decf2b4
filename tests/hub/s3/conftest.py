"""One running service for each module, and boto3 as Ada's client of it, as it comes out of the box."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.hub.s3.keys import Key, make_key
from tests.hub.sync.api import CLIENTS
from tests.sync_server import SyncServer, sync_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """The service, for all tests of a module."""
    with sync_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture(scope="module")
def key(server: SyncServer) -> Key:
    """An access key of Ada's."""
    return make_key(server, "ada")


@pytest.fixture(scope="module")
def s3(server: SyncServer, key: Key) -> Iterator[Any]:
    """boto3, signed in as Ada."""
    made = client(server, key)
    yield made
    made.close()


def client(server: SyncServer, key: Key, **more: Any) -> Any:
    """boto3 with a key; nothing is set but where the service is, and that no failure is hidden by a retry."""
    return boto3.client(
        "s3",
        endpoint_url=server.s3,
        aws_access_key_id=key.id,
        aws_secret_access_key=key.secret,
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}),
        **more,
    )


@pytest.fixture(scope="module", autouse=True)
def close_clients() -> Iterator[None]:
    """Close what `tests.hub.sync.api` opened."""
    yield
    while CLIENTS:
        CLIENTS.pop().close()
