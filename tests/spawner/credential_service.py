"""The sync service's part that gives servers their credentials, in memory and on a real port."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
from types import TracebackType

from tornado import httpserver, ioloop, netutil, web


class CredentialService:
    """Answers `api/v1/server-credentials` from a thread of its own."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.live: dict[str, str] = {}
        self.revoked: list[str] = []
        self.renewals = 0
        self.refuse = ""
        sockets = netutil.bind_sockets(0, "127.0.0.1")
        self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/services/sync/"
        self._sockets = sockets
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="credential service", daemon=True)

    def __enter__(self) -> CredentialService:
        self._thread.start()
        self._started.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.add_callback(self._loop.stop)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        self._loop = ioloop.IOLoop.current()
        base = r"/services/sync/api/v1/server-credentials"
        app = web.Application(
            [
                (base, _Mint, {"service": self}),
                (base + r"/([^/]+)/renew", _Renew, {"service": self}),
                (base + r"/([^/]+)", _Revoke, {"service": self}),
            ]
        )
        server = httpserver.HTTPServer(app)
        server.add_sockets(self._sockets)
        self._loop.add_callback(self._started.set)
        self._loop.start()
        server.stop()
        self._loop.close(all_fds=True)


class _Handler(web.RequestHandler):
    def initialize(self, service: CredentialService) -> None:
        self.service = service

    def prepare(self) -> None:
        if self.request.headers.get("Authorization") != f"Bearer {self.service.key}":
            raise web.HTTPError(401)
        if self.service.refuse:
            self.set_status(503)
            self.finish({"error": {"code": "unavailable", "message": self.service.refuse}})

    def give(self, identifier: str, ttl: float, status: int) -> None:
        token = secrets.token_urlsafe(24)
        self.service.live[identifier] = token
        self.set_status(status)
        self.finish({"id": identifier, "token": token, "expires": time.time() + ttl})


class _Mint(_Handler):
    def post(self) -> None:
        body = json.loads(self.request.body)
        self.give(secrets.token_hex(4), body["ttl"], 201)


class _Renew(_Handler):
    def post(self, identifier: str) -> None:
        if identifier not in self.service.live:
            raise web.HTTPError(404)
        self.service.renewals += 1
        self.give(identifier, 3600, 200)


class _Revoke(_Handler):
    def delete(self, identifier: str) -> None:
        self.service.revoked.append(identifier)
        if self.service.live.pop(identifier, None) is None:
            raise web.HTTPError(404)
        self.set_status(204)
