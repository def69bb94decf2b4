"""The way from the notebook server to the sync service."""

from __future__ import annotations

from cygnet_fs_bridge.client.api import ApiClient
from cygnet_fs_bridge.client.caller import Caller
from cygnet_fs_bridge.credentials import discover

# Somebody waits at a screen: better an error that can be read than a long wait.
PATIENCE = 5.0


class Gateway:
    """Makes the client when it is first needed, and closes it.

    The credential is looked up from the session's environment; the token file is read again when it changes.
    """

    def __init__(self) -> None:
        self._client: ApiClient | None = None

    @property
    def client(self) -> ApiClient:
        """The client, bound to the event loop that first uses it.

        Raises:
            NotConfigured: the session knows no service or no credential.
        """
        if self._client is None:
            self._client = ApiClient(Caller.to(discover(), PATIENCE))
        return self._client

    async def close(self) -> None:
        """Close the connections; a later use opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.caller.close()
