"""The credential of one notebook server: minted before it starts, renewed while it runs, revoked after."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from cygnet_fs_bridge.texts import Text, WordedError

_LIMIT = aiohttp.ClientTimeout(total=10)
_PATIENCE = 5.0  # seconds in which a service that is just starting may refuse connections


class CredentialError(WordedError):
    """The sync service did not give a credential; the message is a sentence for a person."""


@dataclass(frozen=True)
class Credential:
    """A server's credential.

    Args:
        id: its name at the service; no secret.
        token: the secret.
        expires: Unix seconds.
    """

    id: str
    token: str
    expires: float

    def __repr__(self) -> str:
        """Leave the secret out: representations end up in logs."""
        return f"Credential(id={self.id!r}, expires={self.expires})"


class CredentialClient:
    """The sync service's `api/v1/server-credentials`, as the hub sees it.

    Args:
        base: address of the service, ending in `/`.
        key_file: file with the internal key; read at each call, because it may be replaced.
    """

    def __init__(self, base: str, key_file: Path) -> None:
        self._base = base.rstrip("/") + "/api/v1/server-credentials"
        self._key_file = key_file

    async def mint(self, user: str, server: str, ttl: int) -> Credential:
        """Return a new credential for the server `server` of `user`, valid `ttl` seconds.

        Raises:
            CredentialError: with the reason.
        """
        answer = await self._patiently("POST", "", {"user": user, "server": server, "ttl": ttl})
        return Credential(str(answer["id"]), str(answer["token"]), float(answer["expires"]))

    async def renew(self, identifier: str, ttl: int) -> Credential:
        """Return the credential with a new token, valid `ttl` seconds; the old one is good for two minutes.

        Raises:
            CredentialError: with the reason; `Gone` when the service knows it no more.
        """
        answer = await self._call("POST", f"/{quote(identifier, safe='')}/renew", {"ttl": ttl})
        return Credential(identifier, str(answer["token"]), float(answer["expires"]))

    async def revoke(self, identifier: str) -> None:
        """End a credential at once.

        Raises:
            CredentialError: the service could not be reached; the credential then ends by its own time.
        """
        try:
            await self._call("DELETE", f"/{quote(identifier, safe='')}", None)
        except Gone:
            return

    async def _patiently(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Call, and give a service that starts at the same time as the hub a moment."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while True:
            try:
                return await self._call(method, path, body)
            except Unreachable:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.2)

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key()}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=_LIMIT) as session,
                session.request(method, self._base + path, json=body, headers=headers) as answer,
            ):
                return _read(answer.status, await answer.text())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable(
                "The storage service does not answer; try again in a minute, "
                "and tell your administrator if it stays so."
            ) from error

    def _key(self) -> str:
        try:
            return self._key_file.read_text().strip()
        except OSError as error:
            raise CredentialError(
                "The hub cannot read its key for the storage service; tell your administrator "
                "(internal_key_file: {error}).",
                error=error.strerror,
            ) from error


class Unreachable(CredentialError):
    """No answer at all."""


class Gone(CredentialError):
    """The service does not know this credential (any more), or this person."""


def _read(status: int, text: str) -> dict[str, Any]:
    if status >= 400:
        kind = Gone if status == 404 else CredentialError
        raise kind(
            Text("The storage service refused a credential for this server: {why}.", why=_words(status, text))
        )
    try:
        answer = json.loads(text) if text else {}
    except ValueError as error:
        raise CredentialError("The storage service gave an answer that is not JSON.") from error
    return answer if isinstance(answer, dict) else {}


def _words(status: int, text: str) -> str:
    try:
        return str(json.loads(text)["error"]["message"]).rstrip(".")
    except (ValueError, KeyError, TypeError):
        return f"status {status}"
