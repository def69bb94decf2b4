"""The platform's JupyterHub configuration, as functions over a traitlets `Config`."""

from __future__ import annotations

from typing import Any

from cygnet_hub.config.authenticator import update_authenticator
from cygnet_hub.config.deployment import Deployment
from cygnet_hub.config.hub import update_hub
from cygnet_hub.config.idle import update_idle
from cygnet_hub.config.opening import update_opening
from cygnet_hub.config.pages import update_pages
from cygnet_hub.config.proxy import update_proxy
from cygnet_hub.config.roles import update_roles
from cygnet_hub.config.services import update_services
from cygnet_hub.config.spawner import update_spawner
from cygnet_hub.config.stores import update_stores

__all__ = ["configure"]


def configure(c: Any, deployment: Deployment) -> None:
    """Fill `c` (a traitlets Config) with everything that the hub process needs for `deployment`."""
    update_hub(c, deployment)
    update_proxy(c, deployment)
    update_authenticator(c, deployment)
    update_spawner(c, deployment)
    update_stores(c, deployment)
    update_opening(c)
    update_idle(c, deployment)
    update_services(c, deployment)
    update_roles(c)
    update_pages(c)
