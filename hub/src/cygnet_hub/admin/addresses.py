"""Where metadata and contents are, written into a copy of `cygnet.toml`."""

from __future__ import annotations

import re
from pathlib import Path

from cygnet_hub.config.settings import load_settings
from cygnet_hub.errors import PlatformError

_NAMES = ("database_url", "storage_url")
_LINE = re.compile(rf"^\s*(?:{'|'.join(_NAMES)})\s*=")


def set_addresses(path: Path, database: str | None, storage: str | None) -> None:
    """Let a `cygnet.toml` name these addresses; None: the data directory. Other lines stay as they are.

    Raises:
        PlatformError: the file says them in a way that is not understood here.
    """
    wanted = dict(zip(_NAMES, (database, storage), strict=True))
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if not _LINE.match(line)]
    new = [f'{name} = "{url}"' for name, url in wanted.items() if url is not None]
    if kept == lines and not new:
        return
    path.write_text("\n".join([*new, *kept]) + "\n", encoding="utf-8")
    settings = load_settings(path, {})
    if (settings.database_url, settings.storage_url) != (database, storage):
        raise PlatformError(f"{path} cannot be changed: write `database_url` and `storage_url` at its top.")
