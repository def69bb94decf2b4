"""A short storm: the service is killed again and again under real clients. The long one is `make storm`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.storm.run import storm

KILLS = 8


@pytest.mark.needs("rclone", "nextcloudcmd")
def test_what_was_acknowledged_survives_every_kill(tmp_path: Path) -> None:
    result = storm(tmp_path, KILLS, "short", 0.6, lambda _: None)
    assert result.kills == KILLS
    assert result.checks > 0
