"""The sockets that the service listens on, each bound once for all processes that are forked afterwards."""

from __future__ import annotations

from socket import socket

from tornado.netutil import bind_sockets

from .model.settings import Settings


class Listeners:
    """Bound sockets by their addresses."""

    def __init__(self) -> None:
        self._bound: dict[str, list[socket]] = {}

    def bind_all(self, settings: Settings) -> None:
        """Bind everything that settings name.

        Raises:
            OSError: an address is taken, or not one of this machine.
        """
        tls = settings.tls
        for bind in (settings.bind, settings.s3_bind, *((tls.bind, tls.s3_bind) if tls else ())):
            if bind:
                self.sockets(bind)

    def sockets(self, bind: str) -> list[socket]:
        """What listens on "address:port", now bound if it was not; IPv6 addresses stand in brackets."""
        if bind not in self._bound:
            address, _, port = bind.rpartition(":")
            self._bound[bind] = bind_sockets(int(port), address.strip("[]"))
        return self._bound[bind]

    def close(self) -> None:
        """Take no more connections here; other processes still do."""
        for sockets in self._bound.values():
            for one in sockets:
                one.close()
        self._bound.clear()
