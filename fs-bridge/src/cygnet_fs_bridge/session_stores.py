"""The stores of a session: who opens an address in one of them has its options, with nothing to configure.

The folder that `CYGNET_STORE_OPTIONS` names has a file `addresses` (JSON: name of the store, its address),
and for each store `NAME.json` with its options and, where a store of XRootD takes one, `NAME.token`.
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

VARIABLE, ADDRESSES = "CYGNET_STORE_OPTIONS", "addresses"

# Names of one protocol. What may travel by https only must not travel by http.
_SAME = {"s3a": "s3", "roots": "root", "xroot": "root"}
_PORTS = {"http": 80, "https": 443, "root": 1094}

# Who gives one of these says what opens the store, and has nothing of the session's added.
_OPENS = {"anon", "auth", "client_kwargs", "endpoint_url", "headers", "key", "profile", "secret", "session"}
_OPENS |= {"token", "token_file"}


def store_of(address: str) -> dict[str, str]:
    """Return `{"store": NAME}` for the store in which an address lies; nothing if it lies in none.

    Of several that lie in one another it is the innermost.

    Args:
        address: of a file or a folder.
    """
    wanted = _parts(address)
    inside = [
        (len(place[2]), name)
        for name, url in _addresses().items()
        if (place := _parts(url))[:2] == wanted[:2] and f"{wanted[2]}/".startswith(f"{place[2]}/")
    ]
    return {"store": max(inside)[1]} if inside else {}


def with_options(store: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a store with those that were given, which go before.

    Args:
        store: its name; empty for none.
        given: options of a filesystem; with any that opens stores, they count alone.
    """
    return dict(given) if not store or _OPENS & given.keys() else {**_options(store), **given}


def _options(store: str) -> dict[str, Any]:
    folder = Path(os.environ.get(VARIABLE, "/nowhere"))
    found: dict[str, Any] = _read(folder / f"{store}.json")
    if (token := folder / f"{store}.token").is_file():
        found["token_file"] = str(token)
    # Of a WebDAV store, whose files can be read by their addresses as well, only this is meant for HTTP.
    return {"headers": found.get("headers", {})} if "base_url" in found else found


def _addresses() -> dict[str, str]:
    folder = os.environ.get(VARIABLE)
    return _read(Path(folder, ADDRESSES)) if folder else {}


def _read(file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError):  # a session without it, or of an earlier version
        return {}
    return found


def _parts(address: str) -> tuple[str, str, str]:
    """Return protocol, host and port, and path; equal for addresses of one place."""
    told = urlsplit(address)
    scheme = _SAME.get(told.scheme, told.scheme)
    host, _, port = told.netloc.rpartition("@")[2].lower().partition(":")
    path = posixpath.normpath(f"/{unquote(told.path)}").strip("/")
    return scheme, f"{host}:{port or _PORTS.get(scheme, '')}", path and f"/{path}"
