"""Would a login succeed now?"""

from __future__ import annotations

from cygnet_hub.config.deployment import SYNC_PREFIX, Deployment
from cygnet_hub.up.web import request


def not_answering(deployment: Deployment) -> str | None:
    """Return the name of the first part on the way of a login that does not answer yet, or None.

    The sync service is asked who we are: it says 401 when it, its database and its access rules are there.
    """
    hub, sync = deployment.hub_url.rstrip("/"), deployment.sync_url
    for name, url, expected in (
        ("the hub", f"http://127.0.0.1:{deployment.ports.hub}/hub/health", 200),
        ("the sync service", f"{sync}api/v1/me", 401),
        ("the sync service behind the proxy", f"{hub}{SYNC_PREFIX}api/v1/me", 401),
        ("the login page", f"{hub}/hub/login", 200),
    ):
        if request("GET", url, seconds=2).status != expected:
            return name
    return None
