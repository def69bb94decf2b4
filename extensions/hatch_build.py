"""Puts the built front end and the Jupyter configuration into a wheel, at the places where Jupyter looks."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SharedData(BuildHookInterface[Any]):
    """Adds the shared data to wheels; an editable install gets links from `npm run build` instead."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files, or refuse when the front end was not built."""
        if version != "standard":
            return
        root = Path(self.root)
        front_end = root / "cygnet_extensions" / "labextension"
        if not (front_end / "package.json").is_file():
            raise FileNotFoundError("The front end is not built. Run `npm ci && npm run build` first.")
        build_data["shared_data"] |= {
            str(front_end): "share/jupyter/labextensions/@cygnet/extensions",
            str(root / "jupyter-config" / "server-config"): "etc/jupyter/jupyter_server_config.d",
            # No buttons for git, which the hub's nbdime brings where hub and notebooks share an environment.
            str(root / "jupyter-config" / "page-config"): "etc/jupyter/labconfig/page_config.d",
            # No question about news from elsewhere when a session starts: it would be asked every person.
            str(root / "jupyter-config" / "labconfig"): "etc/jupyter/labconfig/default_setting_overrides.d",
        }
