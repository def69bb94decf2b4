"""Why a server was stopped while nobody looked."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cygnet_spawner import idle


def ago(seconds: int) -> datetime:
    """A time as JupyterHub keeps it."""
    return datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=seconds)


def test_the_rule_is_that_of_the_culler() -> None:
    assert idle.was_idle(ago(61), 60)
    assert not idle.was_idle(ago(50), 60)
    assert not idle.was_idle(ago(10_000), 0)
    assert not idle.was_idle(None, 60)


def test_the_reason_is_kept_until_the_next_start(tmp_path: Path) -> None:
    assert idle.read(tmp_path) is None
    idle.write(tmp_path, 14_400)
    found = idle.read(tmp_path)
    assert found is not None
    assert abs(found.at - time.time()) < 60
    assert found.duration == "4 h"
    assert found.time == time.strftime("%Y-%m-%d %H:%M", time.localtime(found.at))
    idle.forget(tmp_path)
    idle.forget(tmp_path)
    assert idle.read(tmp_path) is None


def test_a_damaged_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "stopped-idle.json").write_text("[]")
    assert idle.read(tmp_path) is None


def test_minutes_are_said_where_they_are_no_hours() -> None:
    assert idle.IdleEnd(0, 5400).duration == "90 min"
