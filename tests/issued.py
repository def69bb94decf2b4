"""Every secret that the sync service gives out in a test run, and everything that it logs meanwhile.

The functions that make secrets are replaced by ones that also remember them; `tests.conftest` looks at the
end whether one of them is in what was logged in this process, or in a log that another process wrote.
"""

from __future__ import annotations

import functools
import io
import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cygnet_hub.services.sync.handlers.logs import JsonFormatter
from cygnet_hub.services.sync.model.macaroon import Macaroon
from cygnet_hub.services.sync.service import credentials, login_flow, shares, tokens

#: By secret, what it is.
SECRETS: dict[str, str] = {}

#: What a secret may look like in a log: words of letters and digits, or with what else is in addresses.
_WORDS = (re.compile(r"[A-Za-z0-9]{8,}"), re.compile(r"[A-Za-z0-9_-]{8,}"))

#: Those of the service and of the framework, and of what talks to it in the name of somebody.
_LOGGERS = ("cygnet", "cygnet_hub", "cygnet_fs_bridge", "cygnet_extensions", "tornado", "asyncio")

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


def leaks_in_files(folder: Path) -> list[str]:
    """Where in the logs below a folder a secret is: "file: what it is"."""
    found = []
    for path in _logs(folder):
        text = path.read_text(encoding="utf-8", errors="replace")
        words = {word for pattern in _WORDS for word in pattern.findall(text)}
        found += [f"{path}: {SECRETS[word]}" for word in sorted(words & SECRETS.keys())]
    return found


def _logs(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "contents"]  # of people, and very many
        yield from (Path(place, name) for name in names if name.endswith((".log", ".out")))


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
    _watch(login_flow, "new_token", "the token of a login")
    _watch_password(shares)
    _watch(tokens.Keys, "sign", "a signature")
    _watch(Macaroon, "serialize", "a macaroon")
    for logger in map(logging.getLogger, _LOGGERS):
        logger.addHandler(_handler)
        logger.setLevel(logging.INFO)
