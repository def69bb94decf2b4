"""Accounts and groups of a hub that runs, through its REST API."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

from cygnet_hub.accounts.account import Account
from cygnet_hub.errors import PlatformError
from cygnet_hub.up.web import Reply, request

_PAGE = 200
_STOP_SECONDS = 60.0


class RunningHub:
    """The API of a hub.

    Args:
        url: the hub's address, "http://127.0.0.1:8000/".
        token: of the service account for administration.
    """

    def __init__(self, url: str, token: str) -> None:
        self._api = f"{url.rstrip('/')}/hub/api"
        self._token = token

    def close(self) -> None:
        """Nothing is kept open."""

    def accounts(self) -> list[Account]:
        """Return everybody, by name."""
        found: list[Account] = []
        while True:
            page = self._ask("GET", f"/users?offset={len(found)}&limit={_PAGE}").json()
            found += [Account(user["name"], user["admin"], tuple(user["groups"])) for user in page]
            if len(page) < _PAGE:
                return sorted(found, key=lambda account: account.name)

    def add(self, name: str, *, admin: bool) -> None:
        """Make an account without a password."""
        self._ask("POST", f"/users/{quote(name, safe='')}", {"admin": admin})

    def remove(self, name: str) -> None:
        """Stop the person's server, then remove the account with its tokens and sessions."""
        deadline = time.monotonic() + _STOP_SECONDS
        path = f"/users/{quote(name, safe='')}"
        # 400 means that the person's server is on its way up or down.
        while self._ask("DELETE", path, allow=(400,)).status == 400:
            if time.monotonic() > deadline:
                raise PlatformError(f"The server of {name} does not stop; the account is still there.")
            time.sleep(0.5)

    def add_to_group(self, group: str, names: list[str]) -> None:
        """Put people into a group, made when absent."""
        path = f"/groups/{quote(group, safe='')}"
        self._ask("POST", path, allow=(409,))
        self._ask("POST", f"{path}/users", {"users": names})

    def _ask(self, method: str, path: str, body: Any = None, allow: tuple[int, ...] = ()) -> Reply:
        data = None if body is None else json.dumps(body).encode()
        reply = request(method, self._api + path, token=self._token, body=data, seconds=30)
        if reply.status in allow or 200 <= reply.status < 300:
            return reply
        if reply.status == 0:
            raise PlatformError("The hub does not answer.")
        raise PlatformError(f"The hub refused: {_message(reply)}")


def _message(reply: Reply) -> str:
    try:
        return str(reply.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"status {reply.status}"
