"""The services that the hub starts and keeps running."""

from __future__ import annotations

import os
import sys
from typing import Any

from cygnet_hub.config.deployment import RUN_VARIABLE, SYNC_PREFIX, Deployment, bracketed
from cygnet_hub.config.idle import seconds_between_looks
from cygnet_hub.config.logged import kept, logged

ADMIN_SERVICE = "cygnet-cli"


def update_services(c: Any, deployment: Deployment) -> None:
    """Add the sync service, the idle culler and the account that `cygnet user` acts with."""
    services = [sync_service(deployment), command_line(deployment)]
    if deployment.settings.idle_minutes:
        services.append(idle_culler(deployment))
    c.JupyterHub.services = services


def sync_service(deployment: Deployment) -> dict[str, Any]:
    """Return the sync service: behind the proxy at its prefix, and on a port of its own."""
    layout = deployment.layout
    bind = f"{bracketed(deployment.settings.bind)}:{deployment.ports.sync}"
    return {
        "name": "sync",
        "display": True,
        "url": f"http://{deployment.local_host}:{deployment.ports.sync}",
        "command": kept(layout.logs / "sync.log", [sys.executable, "-m", "cygnet_hub.services.sync"]),
        "environment": {
            **_outside(deployment),
            **_tls(deployment),
            "CYGNET_DATA": str(layout.sync),
            "CYGNET_SYNC_PROCESSES": str(deployment.settings.sync_processes),
            "CYGNET_SYNC_BIND": bind,
            "CYGNET_S3_BIND": f"{bracketed(deployment.settings.bind)}:{deployment.ports.s3}",
            "CYGNET_S3_URL": deployment.s3_url,
            "CYGNET_PUBLIC_URL": deployment.public_sync_url,
            "CYGNET_SYNC_HOSTS": " ".join(deployment.hosts),
            **deployment.settings.copies.environment(),
            "CYGNET_INTERNAL_KEY_FILE": str(layout.secrets / "internal-key"),
            RUN_VARIABLE: deployment.run_id,
        },
        # Seconds that the hub waits for it before it gives up: a migration of its database may take a while.
        "timeout": 120,
        # It is part of the platform: asking people to allow it would teach them to click without reading.
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": [],
    }


def _tls(deployment: Deployment) -> dict[str, str]:
    """Return what the sync service is told of TLS, if there is any."""
    chosen, bind = deployment.settings.tls, bracketed(deployment.settings.bind)
    if chosen is None:
        return {}
    return {
        **chosen.environment(),
        "CYGNET_TLS_BIND": f"{bind}:{deployment.ports.tls}",
        "CYGNET_TLS_S3_BIND": f"{bind}:{deployment.ports.s3_tls}",
        "CYGNET_TLS_URL": deployment.tls_url + SYNC_PREFIX,
        "CYGNET_TLS_S3_URL": deployment.s3_tls_url,
    }


def _outside(deployment: Deployment) -> dict[str, str]:
    """Return where metadata and contents are if not in the data directory, and what leads there."""
    chosen = deployment.settings
    urls = {"CYGNET_DATABASE_URL": chosen.database_url, "CYGNET_STORAGE_URL": chosen.storage_url}
    found = {name: url for name, url in urls.items() if url is not None}
    # Keys, the endpoint and the region of S3, a password of PostgreSQL: as the tools of both read them.
    leading = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "PG"))}
    return {**leading, **found} if found else {}


def idle_culler(deployment: Deployment) -> dict[str, Any]:
    """Return the service that stops servers nobody has used for `settings.idle_minutes`."""
    seconds = deployment.settings.idle_minutes * 60
    # By default it looks after half of the allowed time again, which makes of four hours up to six.
    often = f"--cull-every={min(60, seconds_between_looks(seconds))}"
    command = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={seconds}", often]
    return {
        "name": "idle-culler",
        "display": False,
        "command": logged(deployment.layout.logs / "idle-culler.log", command),
        "environment": {RUN_VARIABLE: deployment.run_id},
    }


def command_line(deployment: Deployment) -> dict[str, Any]:
    """Return the account that `cygnet user` and the supervisor act with on a running hub."""
    return {"name": ADMIN_SERVICE, "display": False, "api_token": deployment.secret("admin-token")}
