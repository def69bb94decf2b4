"""Who may do what at the hub: every service and token gets what it uses and no more."""

from __future__ import annotations

from typing import Any

from cygnet_hub.config.services import ADMIN_SERVICE

ROLES: tuple[dict[str, Any], ...] = (
    {
        "name": "user",
        "description": "Their own account and server, and the sync service",
        "scopes": ["self", "access:services!service=sync"],
    },
    {
        "name": "server",
        "description": "What a notebook server's token may do: say that it is in use, let its user in",
        "scopes": ["users:activity!user", "access:servers!server"],
    },
    {
        "name": "sync-service",
        "description": "Know who exists and who is in which group; have the groups made there at the hub too",
        # The hub has no narrower scope for making a group; the service touches none that it has not made.
        "scopes": ["list:users", "read:users:name", "list:groups", "read:groups", "admin:groups"],
        "services": ["sync"],
    },
    {
        "name": "idle-culler",
        "description": "See when servers were last used, and stop them",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    },
    {
        "name": "command-line",
        "description": "Make and remove accounts and groups; stop servers when the platform stops",
        "scopes": ["admin:users", "admin:groups", "read:servers", "delete:servers"],
        "services": [ADMIN_SERVICE],
    },
)


def update_roles(c: Any) -> None:
    """Declare the roles; those of people and servers replace JupyterHub's defaults."""
    c.JupyterHub.load_roles = [dict(role) for role in ROLES]
