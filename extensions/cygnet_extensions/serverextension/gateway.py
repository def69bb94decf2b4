"""The way from the notebook server to the service that shares."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from cygnet_fs_bridge.client.caller import Caller
from cygnet_fs_bridge.client.feed import ChangesFeed
from cygnet_fs_bridge.credentials import discover
from cygnet_fs_bridge.errors import NotConfigured
from cygnet_fs_bridge.providers import ShareProvider, load
from cygnet_fs_bridge.transport import Request, Response

# Somebody waits at a screen: better an error that can be read than a long wait.
PATIENCE = 5.0
EMBEDDED = "embedded"
#: Seconds without a byte after which a stream of events is taken for dead; a comment comes every 15.
EVENTS_SILENCE = 45.0


class Gateway:
    """Makes the share provider when it is first needed, and closes its connections.

    Which one is said by `CYGNET_SHARE_PROVIDER`. The credential is looked up from the session's environment;
    the token file is read again when it changes.
    """

    def __init__(self) -> None:
        self._name = os.environ.get("CYGNET_SHARE_PROVIDER") or EMBEDDED
        self._caller: Caller | None = None
        self._provider: ShareProvider | None = None

    @property
    def provider(self) -> ShareProvider:
        """The provider, bound to the event loop that first uses it.

        Raises:
            NotConfigured: the session knows no service, no credential, or no provider of that name.
        """
        if self._provider is None:
            self._provider = load(self._name, self._reached())
        return self._provider

    def feed(self) -> ChangesFeed | None:
        """Return the service's feed of changes; None where the service has none.

        Raises:
            NotConfigured: the session knows no service.
        """
        return ChangesFeed(self._reached()) if self._name == EMBEDDED else None

    async def pass_on(
        self,
        method: str,
        target: str,
        query: Mapping[str, str] | None,
        body: bytes,
        kind: str,
        *,
        create: bool = False,
    ) -> bytes:
        """Send a request of the page to the sync service, and return the JSON of its answer.

        Args:
            kind: media type of the body.
            create: only if there is nothing of that name yet.

        Raises:
            NotConfigured: another service than ours does the sharing, and it has no such routes.
            ServiceError: the service refuses.
        """
        if self._name != EMBEDDED:
            raise NotConfigured("This service has nothing of the kind.")
        headers = {"Content-Type": kind} if body else {}
        if create:
            headers["If-None-Match"] = "*"
        _, answer = await self._reached().call(
            method, target, query=query, headers=headers, body=body or None
        )
        return answer

    async def send(self, target: str, data: object) -> None:
        """Tell the sync service something of this server's own; raises as `pass_on` does."""
        await self.pass_on("POST", target, None, json.dumps(data).encode(), "application/json")

    @asynccontextmanager
    async def events(self, target: str) -> AsyncIterator[Response]:
        """Open a stream of server-sent events of the sync service; raises as `pass_on` does."""
        if self._name != EMBEDDED:
            raise NotConfigured("This service has nothing of the kind.")
        request = Request("GET", target, {"Accept": "text/event-stream"}, silence=EVENTS_SILENCE)
        async with self._reached().open(request) as response:
            yield response

    def _reached(self) -> Caller:
        if self._caller is None:
            self._caller = Caller.to(discover(), PATIENCE)
        return self._caller

    async def close(self) -> None:
        """Close the connections; a later use opens new ones."""
        caller, self._caller, self._provider = self._caller, None, None
        if caller is not None:
            await caller.close()
