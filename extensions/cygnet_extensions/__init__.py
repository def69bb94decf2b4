"""Notebook extensions of Cygnet."""

from __future__ import annotations

from typing import Any


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell Jupyter where the built front end lies and under which name it goes."""
    return [{"src": "labextension", "dest": "@cygnet/extensions"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell Jupyter Server which extension this package has."""
    # Imported only when a server asks: other users of the package need not wait for it.
    from .serverextension.extension import CygnetExtension

    return [{"module": "cygnet_extensions", "app": CygnetExtension}]
