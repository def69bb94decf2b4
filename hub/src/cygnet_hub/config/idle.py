"""Servers that nobody uses: how soon the hub knows, what their pages are told, what the spawner remembers."""

from __future__ import annotations

from typing import Any

from cygnet_hub.config.deployment import Deployment

#: JupyterHub's own default, in seconds; and the part of the allowed time that it may be at most.
_SELDOM, _PART = 300, 4


def seconds_between_looks(allowed: int) -> int:
    """How often use is looked at, so that nobody in the middle of work seems to be away."""
    return max(1, min(_SELDOM, allowed // _PART))


def update_idle(c: Any, deployment: Deployment) -> None:
    """Tell everybody the allowed time; after `update_stores`, which begins the list of handlers."""
    # Here and not above: `cygnet up` itself never needs JupyterHub, which takes a second to import.
    from cygnet_hub.idle import SETTING, IdleHandler
    from cygnet_hub.stopping import StoppingHandler

    allowed = deployment.settings.idle_minutes * 60
    if allowed:
        c.JupyterHub.last_activity_interval = seconds_between_looks(allowed)
    c.JupyterHub.extra_handlers += [(r"/idle", IdleHandler), (r"/stopping", StoppingHandler)]
    c.JupyterHub.tornado_settings[SETTING] = allowed
    c.LocalSpawner.idle_seconds = allowed
