"""The catalogue of stores, the page where people enter credentials for them, and the key that seals those."""

from __future__ import annotations

import os
from typing import Any

from cygnet_hub.config.deployment import Deployment
from cygnet_spawner.stores import offers


def update_stores(c: Any, deployment: Deployment) -> None:
    """Offer the stores of the settings."""
    # Here and not above: `cygnet up` itself never needs JupyterHub, which takes a second to import.
    from jupyterhub.crypto import KEY_ENV

    from cygnet_hub.stores.credentials import entered
    from cygnet_hub.stores.handlers import SETTING, StoresHandler

    configured = deployment.settings.stores
    c.LocalSpawner.stores = configured
    c.LocalSpawner.store_credentials = entered
    c.JupyterHub.extra_handlers = [(r"/stores", StoresHandler)]
    c.JupyterHub.tornado_settings = {SETTING: offers(configured)}
    c.JupyterHub.template_vars["cygnet_stores"] = bool(configured)
    if KEY_ENV not in os.environ:
        # The first line encrypts; what older lines have encrypted can still be read.
        c.CryptKeeper.keys = deployment.secret("crypt-key").split()
