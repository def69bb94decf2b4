"""A deployment that was never started: the configuration functions are pure."""

from __future__ import annotations

from pathlib import Path

import pytest

from cygnet_hub.config.deployment import Deployment, Ports
from cygnet_hub.config.layout import Layout
from cygnet_hub.config.settings import Settings
from cygnet_hub.up.data import prepare
from cygnet_hub.up.secrets import ensure_secrets


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    layout = Layout(tmp_path)
    prepare(layout)
    ensure_secrets(layout)
    return Deployment(
        Settings(), layout, Ports(8000, 8001, 8004, 8002, 8003), ("node", "proxy"), "run", confined=True
    )
