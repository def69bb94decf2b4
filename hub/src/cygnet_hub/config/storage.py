"""Where the sync service of a data directory keeps metadata and contents."""

from __future__ import annotations

import json
from dataclasses import dataclass

from cygnet_hub.config.layout import Layout
from cygnet_hub.config.settings import load_settings


@dataclass(frozen=True)
class Urls:
    """A SQLAlchemy URL and an fsspec URL."""

    database: str
    storage: str


def sync_urls(layout: Layout) -> Urls:
    """Return what the running platform uses, or the one that last ran; without one what `cygnet.toml` says.

    Options of `cygnet up` count, so that a command needs none of its own.
    """
    try:
        chosen = json.loads(layout.deployment.read_text(encoding="utf-8"))["settings"]
    except FileNotFoundError:
        chosen = load_settings(layout.settings, {}).model_dump()
    usual = local_urls(layout)
    return Urls(chosen.get("database_url") or usual.database, chosen.get("storage_url") or usual.storage)


def local_urls(layout: Layout) -> Urls:
    """Return what is used where nobody has said anything else: both in the data directory."""
    return Urls(f"sqlite:///{layout.sync}/sync.db", f"file://{layout.sync}/contents")
