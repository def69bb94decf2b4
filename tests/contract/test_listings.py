"""tests/hub/sync/test_listings.py, on PostgreSQL and S3."""

from __future__ import annotations

import pytest

from tests.hub.sync.test_listings import *  # noqa: F403 - its tests and fixtures

pytestmark = [pytest.mark.needs("pg_ctlcluster", "radosgw"), pytest.mark.xdist_group("postgresql")]
