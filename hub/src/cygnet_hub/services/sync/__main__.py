"""`python -m cygnet_hub.services.sync`: the service as the hub starts it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import signal
from collections.abc import Sequence
from functools import partial

from jupyterhub.services.auth import HubOAuth
from sqlalchemy.exc import SQLAlchemyError
from tornado.httpserver import HTTPServer

from .app import make_s3_server, make_server, make_tls_server, renew_tls, traffic_of
from .chores import chores
from .crew import Crew
from .handlers.hub import HubApi, HubDirectory, HubLogin
from .handlers.hub_groups import HubGroupApi
from .handlers.logs import start_logs
from .handlers.siblings import Siblings
from .listeners import Listeners
from .model.errors import CygnetError
from .model.settings import Settings
from .service.services import Services
from .store.database import Database
from .store.folders import make_folder
from .store.neighbours import Lead

log = logging.getLogger("cygnet.sync")

#: How long requests that are under way may take to finish when the service is stopped.
DRAIN_SECONDS = 10.0
HOUSEKEEPING_SECONDS = 600.0
TRUST_SECONDS = 60.0


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    _allow_many_files()
    settings = Settings.from_environment(os.environ)
    make_folder(settings.data)
    listeners = Listeners()
    if settings.processes == 1:
        run(settings, listeners)
        return
    listeners.bind_all(settings)
    Siblings.forget(settings.data)
    # The tables are brought up to date once, and not by all at the same moment.
    Database.open(settings.database_url).close()
    Crew(settings.processes, partial(run, settings, listeners)).run(listeners.close)


def run(settings: Settings, listeners: Listeners, number: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT, as the only process or as one of several, which have numbers."""
    stop_logs = start_logs(settings.audit_log)
    try:
        asyncio.run(serve(settings, listeners, number))
    finally:
        stop_logs()


def _allow_many_files() -> None:
    """As many open files as the machine allows: every listener and every upload is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def serve(settings: Settings, listeners: Listeners, number: int | None) -> None:
    """Open everything, serve until a signal comes, let requests finish, close everything."""
    auth = HubOAuth()
    api = HubApi(auth.api_url, auth.api_token)
    services = await asyncio.to_thread(Services.open, settings, HubDirectory(api))
    server = make_server(services, HubLogin(api, auth))
    servers = [server]
    server.add_sockets(listeners.sockets(settings.bind))
    if settings.s3_bind:
        servers.append(make_s3_server(server))
        servers[-1].add_sockets(listeners.sockets(settings.s3_bind))
    secure = await listen_with_tls(servers, services, listeners)
    servers += secure
    stop = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, stop.set)
    lead = Lead(services.database.engine)
    tasks = [
        asyncio.create_task(keep_house(services, lead), name="housekeeping"),
        asyncio.create_task(keep_trust(secure, services), name="trust"),
    ]
    if number is not None:
        tasks.append(tell_siblings(server, settings, number))
    log.info("listening on %s", settings.bind)
    async with chores(services, HubGroupApi(api), lead):
        await stop.wait()
    log.info("stopping")
    await shut_down(servers, services)
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    api.close()
    lead.leave()
    await asyncio.to_thread(services.close)


def tell_siblings(server: HTTPServer, settings: Settings, number: int) -> asyncio.Task[None]:
    """Let each of several processes know the metrics of the others."""
    traffic = traffic_of(server)
    traffic.siblings = Siblings(settings.data, number)
    return asyncio.create_task(traffic.siblings.keep_telling(traffic.own_metrics), name="siblings")


async def keep_trust(secure: Sequence[HTTPServer], services: Services) -> None:
    """Every minute see whose certificates are accepted, what was revoked, and our own certificate."""
    is_old = False
    while True:
        await asyncio.sleep(TRUST_SECONDS)
        try:
            is_old = await asyncio.to_thread(services.trust.refresh) or is_old
            if is_old:
                await asyncio.to_thread(renew_tls, secure, services)
                is_old = False
        except OSError:
            # Half a change of an administrator's: what was good before goes on, and it is tried again.
            log.exception("the certificate of the service cannot be used; the last one is")


async def listen_with_tls(
    plain: Sequence[HTTPServer], services: Services, listeners: Listeners
) -> list[HTTPServer]:
    """Listen for clients that come with TLS, where settings say so: WebDAV and the JSON API, then S3."""
    tls, made = services.settings.tls, []
    for server, bind in zip(plain, (tls.bind, tls.s3_bind) if tls else (), strict=False):
        if bind:
            made.append(await asyncio.to_thread(make_tls_server, server, services))
            made[-1].add_sockets(listeners.sockets(bind))
            log.info("listening on %s with TLS", bind)
    return made


async def shut_down(servers: Sequence[HTTPServer], services: Services) -> None:
    """Say that the service is ending, end the feeds, let other requests finish for a while, then leave."""
    await services.changes.stop()
    await services.inbox.stop()
    if not await traffic_of(servers[0]).drain(DRAIN_SECONDS):
        log.warning("some requests were not finished in %s seconds", DRAIN_SECONDS)
    for server in servers:
        server.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.close_all_connections(), DRAIN_SECONDS)


async def keep_house(services: Services, lead: Lead) -> None:
    """Every few minutes delete what is over: credentials, counted guesses, contents that nothing shows."""
    while True:
        try:
            if await asyncio.to_thread(lead.mine):
                await services.credentials.forget_expired()
                await services.throttle.forget_old()
                await services.inbox.forget_old()
                await asyncio.to_thread(services.collect_garbage)
        except (CygnetError, OSError, SQLAlchemyError):
            # A full disk or a database that is away today must not end it for ever.
            log.exception("housekeeping failed; it is tried again later")
        await asyncio.sleep(HOUSEKEEPING_SECONDS)


if __name__ == "__main__":
    main()
