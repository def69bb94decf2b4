"""nbgrader's exchange over the sync service: from release to feedback without a disk that all share.

A course is a class of the service, its instructors are those who teach or assist in it. Sessions of Cygnet
use this exchange by themselves; elsewhere one line of `nbgrader_config.py` does it:

    c.merge(__import__("cygnet_extensions.nbgrader").nbgrader.configuration())
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

#: A folder with a `nbgrader_config.json`, to be put on `JUPYTER_CONFIG_PATH`.
CONFIG_FOLDER = Path(__file__).parent / "config"


def configuration() -> dict[str, Any]:
    """Return what makes nbgrader use this exchange."""
    found: dict[str, Any] = json.loads((CONFIG_FOLDER / "nbgrader_config.json").read_text())
    return found
