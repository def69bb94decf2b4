"""What of the secrets of a platform is in its logs: nothing must be.

The tests cannot see each secret that a running platform gives out. But its database has their hashes, so each
word of the logs is hashed and looked up.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from sqlalchemy import Column, create_engine, select

from cygnet_hub.config.layout import Layout
from cygnet_hub.config.storage import sync_urls
from cygnet_hub.services.sync.store.schema import metadata

_WORD = re.compile(r"[A-Za-z0-9]{10,}")


def leaked(data: Path) -> list[str]:
    """Where secrets of the platform with this data directory are in its logs: "file: what", of each one."""
    layout = Layout(data)
    kept, hashes = _kept(layout), _hashes(layout)
    found = []
    for log in sorted(path for path in layout.logs.rglob("*") if path.is_file()):
        text = log.read_text(encoding="utf-8", errors="replace")
        found += [f"{log.name}: {what}" for secret, what in kept.items() if secret in text]
        words = {hashlib.sha256(word.encode()).hexdigest() for word in _WORD.findall(text)}
        found += [f"{log.name}: {hashes[word]}" for word in sorted(words & hashes.keys())]
    return found


def _kept(layout: Layout) -> dict[str, str]:
    """The secrets that lie in files, and what they are."""
    found = {}
    for path in (path for path in layout.secrets.iterdir() if path.is_file()):
        text = path.read_text(encoding="utf-8")
        if path.name == "demo.json":
            found |= {word: f"the password of {name}" for name, word in json.loads(text)["passwords"].items()}
        else:
            found[text.strip()] = path.name
    found[(layout.sync / "metrics.token").read_text()] = "the token of the metrics"
    return found


def _hashes(layout: Layout) -> dict[str, str]:
    """The hashes of random tokens that the sync service keeps, and of what they are."""
    url = sync_urls(layout).database
    if not url.startswith("sqlite"):
        return {}
    engine = create_engine(url)
    found: dict[str, str] = {}
    with engine.connect() as connection:
        for column in (column for table in metadata.sorted_tables for column in table.c if _is_hash(column)):
            values = connection.execute(select(column).where(column.is_not(None))).scalars()
            found |= dict.fromkeys(values, f"{column.table.name}.{column.name}")
    engine.dispose()
    return found


def _is_hash(column: Column[object]) -> bool:
    return column.name.endswith("_hash") and getattr(column.type, "length", None) == 64
