"""The hub's own pages: login, home, spawn, pending, errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent.parent / "templates"


def update_pages(c: Any) -> None:
    """Put Cygnet's page templates before JupyterHub's, and let them speak several languages."""
    # Here and not above: `cygnet up` itself never needs JupyterHub, which takes a second to import.
    from cygnet_hub.languages import LanguageHandler, at_login, variables

    c.JupyterHub.template_paths = [str(TEMPLATES)]
    c.JupyterHub.logo_file = str(TEMPLATES / "logo.svg")
    c.JupyterHub.template_vars.update(variables())
    c.JupyterHub.extra_handlers.append((r"/language", LanguageHandler))
    c.Authenticator.post_auth_hook = at_login
