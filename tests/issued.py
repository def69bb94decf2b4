"""Every secret that the sync service gives out in a test run, and everything that it logs meanwhile.

The functions that make secrets are replaced by ones that also remember them; `tests.conftest` looks at the
end whether one of them is in a log.
"""

from __future__ import annotations

import functools
import io
import logging
from collections.abc import Callable
from typing import Any

from cygnet_hub.services.sync.handlers.logs import JsonFormatter
from cygnet_hub.services.sync.model.macaroon import Macaroon
from cygnet_hub.services.sync.service import credentials, shares, tokens

#: By secret, what it is.
SECRETS: dict[str, str] = {}

LOG = io.StringIO()
_handler = logging.StreamHandler(LOG)
_handler.setFormatter(JsonFormatter())


def remember(secret: str, what: str) -> str:
    """Note a secret; ones too short to be told from words are left out."""
    if len(secret) >= 8:
        SECRETS[secret] = what
    return secret


def leaks(text: str) -> list[str]:
    """What kinds of secrets are in a text."""
    return sorted({what for secret, what in SECRETS.items() if secret in text})


def _watch(module: Any, name: str, what: str, is_secret: Callable[..., bool] = lambda *_: True) -> None:
    """Remember what `module.name` returns."""
    original = getattr(module, name)

    @functools.wraps(original)
    def watched(*args: Any) -> Any:
        made = original(*args)
        return remember(made, what) if is_secret(*args) else made

    setattr(module, name, watched)


def _watch_password(module: Any) -> None:
    """Remember the passwords that people choose for links."""
    original = module.hash_password

    @functools.wraps(original)
    async def watched(password: str) -> str:
        return str(await original(remember(password, "the password of a link")))

    module.hash_password = watched


def watch() -> None:
    """Begin; once in a process."""
    # An id is a token of 22 letters, and is not secret: logs name credentials by it.
    _watch(credentials, "new_token", "a credential", lambda length=32: length != 22)
    _watch(shares, "new_token", "the token of a link")
    _watch_password(shares)
    _watch(tokens.Keys, "sign", "a signature")
    _watch(Macaroon, "serialize", "a macaroon")
    for logger in (logging.getLogger("cygnet"), logging.getLogger("cygnet_hub")):
        logger.addHandler(_handler)
        logger.setLevel(logging.INFO)
