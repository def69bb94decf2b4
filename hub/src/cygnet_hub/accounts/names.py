"""Account names: what they may look like."""

from __future__ import annotations

import re

# Lower case, because JupyterHub folds names; no dot in front, no slash: it is part of paths and addresses.
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


def complaint(name: str) -> str | None:
    """Return what is wrong with `name` as a new account name, in a sentence, or None."""
    if _NAME.fullmatch(name):
        return None
    return (
        f"{name!r} cannot be an account name: 1 to 64 lower-case letters, digits and any of . _ @ - , "
        "beginning with a letter or digit."
    )
