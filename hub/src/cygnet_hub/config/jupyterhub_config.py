"""What `jupyterhub --config` reads: the deployment of `cygnet up`, then the administrator's own file."""

from __future__ import annotations

import runpy

from traitlets.config import get_config

from cygnet_hub.config import configure
from cygnet_hub.config.deployment import deployment_of_this_process

c = get_config()
_deployment = deployment_of_this_process()
configure(c, _deployment)
if _deployment.layout.own_config.exists():
    # On the same `c`, so that the file can add to what is there, such as `c.JupyterHub.services.append(...)`.
    runpy.run_path(str(_deployment.layout.own_config), init_globals={"c": c, "get_config": get_config})
