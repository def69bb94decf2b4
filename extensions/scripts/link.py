"""Let the Jupyter of this Python environment find what was built here.

A wheel carries these files itself (hatch_build.py); an editable install does not, so the build makes links
to them. May be run again at any time.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
LINKS = {
    "share/jupyter/labextensions/@cygnet/extensions": HERE / "cygnet_extensions" / "labextension",
    "etc/jupyter/jupyter_server_config.d/cygnet_extensions.json": HERE
    / "jupyter-config"
    / "server-config"
    / "cygnet_extensions.json",
    # Buttons for git, which the hub's nbdime brings where hub and notebooks share an environment.
    "etc/jupyter/labconfig/page_config.d/cygnet_extensions.json": HERE
    / "jupyter-config"
    / "page-config"
    / "cygnet_extensions.json",
    "etc/jupyter/labconfig/default_setting_overrides.d/cygnet_extensions.json": HERE
    / "jupyter-config"
    / "labconfig"
    / "cygnet_extensions.json",
}


def link(place: Path, target: Path) -> None:
    """Make `place` a link to `target`, whatever an earlier installation left there."""
    if place.is_symlink() or place.is_file():
        place.unlink()
    elif place.is_dir():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


def main() -> None:
    """Make the links below the environment that runs this."""
    if sys.prefix == sys.base_prefix:
        sys.stderr.write("Not in a virtual environment: nothing was linked.\n")
        return
    for place, target in LINKS.items():
        link(Path(sys.prefix) / place, target)


if __name__ == "__main__":
    main()
