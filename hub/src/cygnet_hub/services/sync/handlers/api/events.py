"""What handlers have in common that send server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import json

from ...model.errors import CygnetError
from .base import ApiHandler

KEEP_ALIVE_SECONDS = 15.0


class EventsHandler(ApiHandler):
    """A door that goes on telling until the listener leaves."""

    gone = False

    def client_argument(self) -> str:
        """EventSource sends no headers of ours, so a listener may name itself in `client`."""
        return self.argument("client")

    def begin_events(self) -> None:
        """Say that events follow, to the browser and to proxies in between."""
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")

    def event(self, name: str, data: object, identifier: str | None = None) -> None:
        """Write one event; one with an identifier is where a listener may go on from."""
        where = f"id: {identifier}\n" if identifier else ""
        self.write(f"event: {name}\n{where}data: {json.dumps(data, ensure_ascii=True)}\n\n")

    def keep_alive(self) -> None:
        """Write something that is no event, so that nobody on the way takes the silence for an end."""
        self.write(": still here\n\n")

    async def still_welcome(self) -> bool:
        """Ask again who this is: a revoked credential or a left group counts for open feeds too."""
        user = self.principal.user
        try:
            self.principal = await self.identify()
        except CygnetError:
            return False
        return self.principal.user == user

    def on_connection_close(self) -> None:
        """The listener has left."""
        self.gone = True
        super().on_connection_close()
