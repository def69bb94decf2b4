"""tests/hub/sync/test_crew.py, on PostgreSQL and S3."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.backends import Cluster
from tests.hub.sync.test_crew import *  # noqa: F403 - its tests and fixtures

pytestmark = [pytest.mark.needs("pg_ctlcluster", "radosgw"), pytest.mark.xdist_group("postgresql")]


@pytest.fixture(scope="module")
def urls(cluster: Cluster, s3: str) -> tuple[str, str]:
    """A database and a bucket of the module's own."""
    return cluster.database(), f"s3://bucket-{uuid4().hex}/contents"


@pytest.fixture
def unused(cluster: Cluster) -> str:
    """The address of a database that nobody serves."""
    return cluster.database()
