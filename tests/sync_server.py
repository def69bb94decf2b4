"""The real sync service on a free loopback port, for tests of every part."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tornado.netutil import bind_sockets
from tornado.web import RequestHandler, create_signed_value

from cygnet_hub.services.sync.app import make_s3_server, make_server, make_tls_server, renew_tls, traffic_of
from cygnet_hub.services.sync.model.egress import EgressPolicy
from cygnet_hub.services.sync.model.settings import PREFIX, Settings, Tls
from cygnet_hub.services.sync.service.credentials import PROGRAM_SCOPES, issue_app_password
from cygnet_hub.services.sync.service.directory import Person
from cygnet_hub.services.sync.service.services import Services
from cygnet_hub.services.sync.store import throttle

PEOPLE = {"teacher": "Grace Hopper", "student": "Emmy Noether", "ada": "Ada Lovelace", "bob": "Bob"}
GROUPS = {"class": frozenset({"teacher", "student"}), "staff": frozenset({"teacher", "ada"})}


class MemoryDirectory:
    """People and groups held in memory."""

    def __init__(self, people: Mapping[str, str], groups: Mapping[str, frozenset[str]]) -> None:
        self.people, self.groups = dict(people), dict(groups)

    async def user(self, name: str) -> Person | None:
        return Person(name, self.people[name]) if name in self.people else None

    async def group(self, name: str) -> Person | None:
        return Person(name, name, "group") if name in self.groups else None

    async def find(self, query: str, limit: int = 20) -> list[Person]:
        word = query.casefold()
        users = [Person(n, d) for n, d in self.people.items() if word in n.casefold() or word in d.casefold()]
        groups = [Person(n, n, "group") for n in self.groups if word in n.casefold()]
        return (users + groups)[:limit]

    async def groups_of(self, name: str) -> frozenset[str]:
        return self.groups_lately(name)

    def groups_lately(self, name: str) -> frozenset[str]:
        return frozenset(group for group, members in self.groups.items() if name in members)

    async def members_of(self, group: str) -> frozenset[str]:
        return self.groups.get(group, frozenset())


class MemoryLogin:
    """The hub's side of logins: `hub-token-of-NAME` is a token of NAME, in a cookie too."""

    cookie_name = "service-sync"

    async def user_for_token(self, token: str, session: str) -> str | None:
        name = token.removeprefix("hub-token-of-")
        return name if name != token and name in PEOPLE else None

    def start(self, handler: RequestHandler, next_url: str) -> str:
        return "/hub/api/oauth2/authorize"

    async def finish(self, handler: RequestHandler) -> tuple[str, str] | None:
        return None

    def cookie(self, server: SyncServer, token: str) -> str:
        """The cookie that a browser has after a login."""
        key = server.services.keys.derive("cookie")
        return create_signed_value(key, self.cookie_name, token).decode()


class SyncServer:
    """A running service: `url` is its base, without a slash at the end; port 0 takes a free one.

    With `tls` it has two more listeners, `secure_url` and `secure_s3`.
    """

    def __init__(
        self, data: Path, port: int = 0, database: str = "", storage: str = "", tls: Tls | None = None
    ) -> None:
        self.data, self._bind, self._tls = data, port, tls
        self._database, self._storage = database, storage
        self.copies = EgressPolicy()
        self.directory = MemoryDirectory(PEOPLE, GROUPS)
        self.login = MemoryLogin()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="sync-server")
        self._passwords: dict[str, str] = {}

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(20):
            raise RuntimeError("the sync service did not start")

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    async def _run(self) -> None:
        self.loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        sockets = bind_sockets(self._bind, "127.0.0.1")
        self.port: int = sockets[0].getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = self.origin + PREFIX
        s3_sockets = bind_sockets(0, "127.0.0.1")
        self.s3 = f"http://127.0.0.1:{s3_sockets[0].getsockname()[1]}"
        settings = Settings.in_folder(self.data, self.url + "/", internal_key="internal-test-key")
        settings = replace(settings, s3_url=self.s3, tls=self._told_tls())
        settings = replace(settings, copies=self.copies)
        if self._database:
            settings = replace(settings, database_url=self._database)
        if self._storage:
            settings = replace(settings, storage_url=self._storage)
        self.services = Services.open(settings, self.directory)
        server = make_server(self.services, self.login)
        self.traffic = traffic_of(server)
        self.s3_server = s3_server = make_s3_server(server)
        server.add_sockets(sockets)
        s3_server.add_sockets(s3_sockets)
        secure = [make_tls_server(one, self.services) for one in (server, s3_server)] if self._tls else []
        for one, its in zip(secure, self._secure_sockets, strict=True):
            one.add_sockets(its)
        self.renew_tls = lambda: self.services.trust.refresh() and renew_tls(secure, self.services)
        self._ready.set()
        await self._stop.wait()
        for one in (server, s3_server, *secure):
            one.stop()
            await asyncio.wait_for(one.close_all_connections(), 10)
        await self.services.changes.stop()
        await self.services.inbox.stop()
        await asyncio.to_thread(self.services.close)

    def _told_tls(self) -> Tls | None:
        """The settings of TLS with the addresses that clients find it at."""
        self._secure_sockets = [bind_sockets(0, "127.0.0.1") for _ in range(2)] if self._tls else []
        origins = [f"https://localhost:{its[0].getsockname()[1]}" for its in self._secure_sockets]
        if self._tls is None:
            return None
        self.secure_url, self.secure_s3 = origins[0] + PREFIX, origins[1]
        return replace(self._tls, url=self.secure_url + "/", s3_url=self.secure_s3)

    def app_password(self, user: str, scopes: frozenset[str] = PROGRAM_SCOPES) -> str:
        """An app password of `user`, the same one each time for the same scopes."""
        key = f"{user} {sorted(scopes)}"
        if key not in self._passwords:
            self._passwords[key] = self.services.database.write_now(
                lambda connection: issue_app_password(connection, user, "test", scopes)
            )[1]
        return self._passwords[key]

    def forget_guesses(self) -> None:
        """Let everybody guess from the start again."""
        self.services.database.write_now(lambda c: throttle.forget_before(c, time.time() + 3600))


@contextlib.contextmanager
def sync_server(
    data: Path | None = None, database: str = "", storage: str = "", port: int = 0, tls: Tls | None = None
) -> Iterator[SyncServer]:
    """Run the service in a thread until the block ends; `data` defaults to a new temporary folder."""
    with tempfile.TemporaryDirectory(prefix="cygnet-sync-") as folder:
        server = SyncServer(data or Path(folder), port, database, storage, tls)
        server.start()
        try:
            yield server
        finally:
            server.stop()
