"""tests/fs_bridge/test_mount_processes.py, on PostgreSQL and S3."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.backends import Cluster
from tests.fs_bridge.test_mount_processes import *  # noqa: F403 - its tests

pytestmark = [pytest.mark.needs("fuse", "pg_ctlcluster", "radosgw"), pytest.mark.xdist_group("postgresql")]


@pytest.fixture
def urls(cluster: Cluster, s3: str) -> tuple[str, str]:
    """A database and a bucket of the test's own."""
    return cluster.database(), f"s3://bucket-{uuid4().hex}/contents"
