"""Links that open a notebook here."""

from __future__ import annotations

import logging
from typing import Any

from cygnet_hub.config.deployment import SYNC_PREFIX


def update_opening(c: Any) -> None:
    """Answer at `/hub/open`; after `update_stores`, which begins the list of handlers."""
    # Here and not above: `cygnet up` itself never needs JupyterHub, which takes a second to import.
    from cygnet_hub.opening.handlers import SETTING, ChoicesHandler, OpenHandler
    from cygnet_hub.opening.redaction import without_links

    c.JupyterHub.extra_handlers += [(r"/open", OpenHandler), (r"/open/choices", ChoicesHandler)]
    c.JupyterHub.tornado_settings[SETTING] = SYNC_PREFIX
    logging.getLogger("tornado.access").addFilter(without_links)
