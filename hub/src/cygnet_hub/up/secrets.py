"""Generated keys: 256 bits each, in files that only their owner may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cygnet_hub.config.layout import Layout
from cygnet_hub.errors import PlatformError

NAMES = ("cookie-secret", "proxy-token", "admin-token", "internal-key", "crypt-key")


def ensure_secrets(layout: Layout) -> None:
    """Make the secrets that are not there yet; take away the rights of others to those that are."""
    for name in NAMES:
        path = layout.secrets / name
        if not path.exists():
            write_private(path, secrets.token_hex(32) + "\n")
        elif path.stat().st_mode & 0o077:
            path.chmod(0o600)
        if not path.read_text(encoding="ascii", errors="replace").strip():
            # An empty key would let everybody in; losing one only ends sessions.
            raise PlatformError(f"{path} is empty. Delete it, and a new one is made.")


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` so that it is there whole or not at all, and readable by its owner alone."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
