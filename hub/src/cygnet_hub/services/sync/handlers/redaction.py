"""Addresses as logs may have them."""

from __future__ import annotations

import re

#: Tokens of links, of uploads and of logins are part of an address.
_TOKENS = re.compile(r"(/s/|/public/|/public-files/|/public\.php/dav/files/|/login/v2/[a-z]+/)[^/]+")


def without_tokens(path: str) -> str:
    """An address in which the secrets that are part of it are left out."""
    return _TOKENS.sub(r"\1...", path)
