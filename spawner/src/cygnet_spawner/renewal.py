"""Keeping a running server's credential fresh."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from cygnet_spawner.credentials import Credential, CredentialClient, CredentialError, Gone

_RETRY = 15.0  # seconds until the next try after a failed renewal, at most


class Renewal:
    """Renews one credential at half of its time, until stopped.

    Args:
        client: the sync service.
        user: whose server it is.
        ttl: seconds for which a credential is asked.
        credential: the present one; its token may be empty after the hub was restarted.
        use: called with each new credential; writes the token file and remembers the identifier.
        log: where failures are told.
    """

    def __init__(
        self,
        client: CredentialClient,
        user: str,
        ttl: int,
        credential: Credential,
        use: Callable[[Credential], None],
        log: logging.Logger,
    ) -> None:
        self._client, self._user, self._ttl = client, user, ttl
        self._credential, self._use, self._log = credential, use, log
        self._task: asyncio.Task[None] | None = None

    @property
    def identifier(self) -> str:
        """Name of the present credential at the service."""
        return self._credential.id

    @property
    def running(self) -> bool:
        """Whether it is being renewed."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin; the first renewal is due at half of the credential's time."""
        self._task = asyncio.create_task(self._run(), name=f"renew the credential of {self._user}'s server")

    async def stop(self) -> None:
        """End the renewal and revoke the credential."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self._client.revoke(self._credential.id)
        except CredentialError as error:
            self._log.warning("The credential of %s's server was not revoked: %s", self._user, error)

    async def _run(self) -> None:
        delay = self._until_half()
        while True:
            await asyncio.sleep(delay)
            try:
                self._credential = await self._next()
                self._use(self._credential)
                delay = self._until_half()
            except (CredentialError, OSError) as error:
                self._log.warning("The credential of %s's server was not renewed: %s", self._user, error)
                delay = min(_RETRY, self._ttl / 10)

    def _until_half(self) -> float:
        return max(0.0, self._credential.expires - time.time() - self._ttl / 2)

    async def _next(self) -> Credential:
        try:
            return await self._client.renew(self._credential.id, self._ttl)
        except Gone:  # the hub was away for longer than the credential lasts
            return await self._client.mint(self._user, "", self._ttl)
