"""Why a server was stopped while nobody looked, for the person who comes back."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cygnet_spawner.places import write_durably

_FILE = "stopped-idle.json"


@dataclass(frozen=True)
class IdleEnd:
    """A stop for want of use.

    Args:
        at: when, seconds since 1970.
        allowed: how long a server may go unused, in seconds.
    """

    at: float
    allowed: int

    @property
    def time(self) -> str:
        """When, on the clock of this machine."""
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(self.at))

    @property
    def duration(self) -> str:
        """How long a server may go unused, such as "4 h"."""
        minutes = self.allowed // 60
        return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def was_idle(last_activity: datetime | None, allowed: int) -> bool:
    """Whether the idle culler's rule holds for a server.

    Args:
        last_activity: as JupyterHub keeps it, in UTC without a time zone.
        allowed: how long a server may go unused, in seconds; 0 for ever.
    """
    if not allowed or last_activity is None:
        return False
    unused = datetime.now(UTC).replace(tzinfo=None) - last_activity
    return unused >= timedelta(seconds=allowed)


def write(folder: Path, allowed: int) -> None:
    """Remember that a server is being stopped for want of use."""
    write_durably(folder / _FILE, json.dumps(asdict(IdleEnd(time.time(), allowed))))


def read(folder: Path) -> IdleEnd | None:
    """Return why the last server was stopped; None if there was another reason."""
    try:
        data = json.loads((folder / _FILE).read_text())
        return IdleEnd(float(data["at"]), int(data["allowed"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(folder: Path) -> None:
    """A server is started: what ended the last one is of no interest any more."""
    (folder / _FILE).unlink(missing_ok=True)
