"""The tornado application: all routes below one prefix."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.web import Application

from .handlers import api, login_flow, ocs, operations, s3, site
from .handlers.api.openapi import document
from .handlers.dav import routes as dav
from .handlers.dav.express import FilesLane
from .handlers.express import ExpressServer
from .handlers.hub import Login
from .handlers.logs import log_request
from .handlers.tls import server_context
from .handlers.traffic import Traffic
from .model.settings import PREFIX
from .service.services import Services

#: Bodies are handed on in pieces of this size; 1 MiB is as fast as anything.
CHUNK = 1 << 20

LIMITS: dict[str, Any] = {
    "chunk_size": CHUNK,
    "max_buffer_size": 4 * CHUNK,
    "max_header_size": 64 << 10,
    "max_body_size": 64 << 20,
    "idle_connection_timeout": 300,
    "body_timeout": 3600,
}

#: Every door, as patterns below the prefix; the first that fits counts. The busiest is asked first.
ROUTES = [*dav.ROUTES, *operations.ROUTES, *api.ROUTES, *ocs.ROUTES, *login_flow.ROUTES, *site.ROUTES]


def make_app(services: Services, login: Login | None = None) -> Application:
    """The application that serves `services`; a doubled slash after the prefix counts as one.

    Args:
        services: what is behind the doors.
        login: how people log in to the Files site; None: they cannot.
    """
    routes: list[Any] = [(rf"{PREFIX}//?{pattern}", *rest) for pattern, *rest in ROUTES]
    return Application(
        routes,
        default_handler_class=site.MissingHandler,
        services=services,
        login=login,
        openapi=lru_cache(lambda: document(api.ROUTES)),
        traffic=Traffic(lambda: services.changes.listeners + services.inbox.listeners),
        cookie_secret=services.keys.derive("cookie"),
        log_function=log_request,
    )


def traffic_of(server: HTTPServer) -> Traffic:
    """The requests that go through a server of `make_server`."""
    application: Any = server.request_callback
    traffic: Traffic = application.settings["traffic"]
    return traffic


def make_s3_server(main: HTTPServer) -> HTTPServer:
    """The HTTP server for S3's clients, who want a root of their own, beside `main` of `make_server`."""
    application: Any = main.request_callback
    shared = {name: application.settings[name] for name in ("services", "login", "traffic", "log_function")}
    # A doubled slash is part of a key, and `..` is no way out of one: addresses are taken as they come.
    application = Application(list(s3.ROUTES), default_handler_class=s3.MissingHandler, **shared)
    return ExpressServer(application, **LIMITS)


def make_server(services: Services, login: Login | None = None) -> HTTPServer:
    """The HTTP server for `make_app`, ready to listen; with an express lane to the files."""
    application = make_app(services, login)
    server = ExpressServer(application, **LIMITS)
    server.add_lane(FilesLane(services, application.settings["traffic"]))
    return server


def make_tls_server(plain: HTTPServer, services: Services) -> HTTPServer:
    """The HTTP server for the same addresses as `plain`, for clients that come with TLS.

    Raises:
        OSError: our own certificate or its key cannot be used.
    """
    server = _server(plain.request_callback)
    renew_tls([server], services)
    return server


def renew_tls(servers: Iterable[HTTPServer], services: Services) -> None:
    """Let TLS servers take new connections with our certificate and the authorities as they are now. Blocks.

    Raises:
        OSError: our own certificate or its key cannot be used.
    """
    if services.settings.tls is None:
        return
    context = server_context(services.settings.tls, services.trust.authorities)
    for server in servers:
        server.ssl_options = context


def _server(application: Any) -> HTTPServer:
    return HTTPServer(application, **LIMITS)
