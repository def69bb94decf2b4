"""The hub itself: its database, its keys and the addresses it listens on."""

from __future__ import annotations

from typing import Any

from cygnet_hub.config.deployment import SYNC_PREFIX, Deployment, bracketed


def update_hub(c: Any, deployment: Deployment) -> None:
    """Set what `c.JupyterHub` needs to run on one machine."""
    layout, ports = deployment.layout, deployment.ports
    c.JupyterHub.db_url = f"sqlite:///{layout.hub_database}"
    # A newer JupyterHub brings its own migrations; a backup is written beside the database first.
    c.JupyterHub.upgrade_db = True
    c.JupyterHub.cookie_secret_file = str(layout.secrets / "cookie-secret")
    c.JupyterHub.bind_url = f"http://{bracketed(deployment.settings.bind)}:{ports.public}/"
    if deployment.settings.url:
        c.JupyterHub.public_url = deployment.settings.url
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{ports.hub}"
    # After login people see their files; the notebook is one click away.
    c.JupyterHub.default_url = SYNC_PREFIX
    # No session outlives the platform: nothing would mount its files or renew its credential.
    c.JupyterHub.cleanup_servers = True
    c.JupyterHub.concurrent_spawn_limit = 20
    c.JupyterHub.template_vars = {"cygnet_files_url": SYNC_PREFIX}
