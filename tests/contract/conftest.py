"""The service on PostgreSQL and S3, under the same tests as on SQLite and a directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.backends import Cluster, postgresql, s3_server
from tests.hub.sync.conftest import ada, bob, close_clients, student, teacher  # noqa: F401 - fixtures
from tests.sync_server import SyncServer, sync_server


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of our own."""
    with postgresql() as running:
        yield running


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """An S3 server of our own."""
    with s3_server() as address:
        yield address


@pytest.fixture(scope="module")
def server(cluster: Cluster, s3: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """The service, for all tests of a module, on a database and in a bucket of its own."""
    folder: Path = tmp_path_factory.mktemp("sync")
    with sync_server(folder, cluster.database(), f"s3://bucket-{uuid4().hex}/contents") as running:
        yield running
