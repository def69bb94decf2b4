"""Notebook servers, stopped while the sync service still answers: their mounts may hold unsent changes."""

from __future__ import annotations

import time
from urllib.parse import quote

from cygnet_hub.config.deployment import Deployment
from cygnet_hub.up.web import request


def stop_sessions(deployment: Deployment, seconds: float) -> None:
    """Ask the hub to stop every notebook server, and wait at most `seconds` until they are gone."""
    api, token = f"{deployment.hub_url}hub/api", deployment.secret("admin-token")
    deadline = time.monotonic() + seconds
    asked: set[str] = set()
    while time.monotonic() < deadline:
        reply = request("GET", f"{api}/users?state=active&limit=200", token=token, seconds=3)
        if reply.status != 200:
            return  # the hub is gone; what is left is ended by signals
        servers = {
            f"{quote(user['name'], safe='')}/servers/{quote(name, safe='')}"
            for user in reply.json()
            for name in user["servers"] or {}
        }
        if not servers:
            return
        for server in servers - asked:
            request("DELETE", f"{api}/users/{server}", token=token, seconds=3)
        asked |= servers
        time.sleep(0.1)
