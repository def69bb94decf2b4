"""The hub's own pages: login, home, spawn, pending, errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent.parent / "templates"


def update_pages(c: Any) -> None:
    """Put Cygnet's page templates before JupyterHub's."""
    c.JupyterHub.template_paths = [str(TEMPLATES)]
    c.JupyterHub.logo_file = str(TEMPLATES / "logo.svg")
