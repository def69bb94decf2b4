"""Notebook servers: local processes, each person's kept apart from the others'."""

from __future__ import annotations

from typing import Any

from cygnet_hub.config.deployment import RUN_VARIABLE, Deployment


def update_spawner(c: Any, deployment: Deployment) -> None:
    """Start servers with the local spawner of cygnet-spawner."""
    settings = deployment.settings
    c.JupyterHub.spawner_class = "cygnet_spawner.local.LocalSpawner"
    c.LocalSpawner.data_dir = str(deployment.layout.data)
    c.LocalSpawner.sync_url = deployment.sync_url
    c.LocalSpawner.public_sync_url = deployment.public_sync_url
    c.LocalSpawner.internal_key_file = str(deployment.layout.secrets / "internal-key")
    c.LocalSpawner.confined = deployment.confined
    if settings.uid_base is not None:
        c.LocalSpawner.uid_base = settings.uid_base
    if settings.environments is not None:
        c.LocalSpawner.environments = settings.environments
    # Marks the processes of this start, so that the next one can end those left over.
    c.Spawner.environment = {RUN_VARIABLE: deployment.run_id}
