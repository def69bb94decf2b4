"""For whoever runs the service: is it alive, can it serve, and what does it do."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import ClassVar

from ..model.errors import CygnetError
from ..model.principal import ANONYMOUS, Principal
from ..service.tokens import same_secret
from .base import Access, BaseHandler
from .traffic import CONTENT_TYPE

log = logging.getLogger(__name__)

#: A database or storage that takes longer to answer is of no use.
READY_SECONDS = 5.0


class WatchHandler(BaseHandler):
    """An address that a machine asks again and again; it also answers while the service is ending."""

    serves_while_draining: ClassVar[bool] = True

    def send_state(self, state: str, status: int = 200) -> None:
        """Answer in one word."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.write(json.dumps({"status": state}))


class HealthHandler(WatchHandler):
    """Whether the process is alive; a restart helps if it is not."""

    access: ClassVar[Access] = Access.ANYONE

    def get(self) -> None:
        """GET health: 200 while requests are answered at all."""
        self.send_state("alive")


class ReadyHandler(WatchHandler):
    """Whether requests should be sent here."""

    access: ClassVar[Access] = Access.ANYONE

    async def get(self) -> None:
        """GET ready: 200 when database and storage answer; 503 when not, and while the service is ending."""
        if self.traffic.draining:
            self.send_state("stopping", 503)
            return
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self.services.check_ready()
        except (TimeoutError, CygnetError) as error:
            log.warning("not ready: %s", error or "no answer in time")
            self.send_state("not ready", 503)
            return
        self.send_state("ready")


class MetricsHandler(WatchHandler):
    """Numbers for Prometheus, for the holder of `metrics.token`: they tell what people do, if not who."""

    access: ClassVar[Access] = Access.INTERNAL

    async def identify(self) -> Principal:
        """The token in the service's folder opens this address and nothing else."""
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and same_secret(token.strip(), self.services.keys.metrics_token):
            return Principal("service", "metrics", scopes=frozenset({"metrics"}), credential_id="metrics")
        return ANONYMOUS

    def challenge(self) -> None:
        """Ask for the token."""
        self.set_header("WWW-Authenticate", 'Bearer realm="Cygnet metrics"')

    async def get(self) -> None:
        """GET metrics: the text format of Prometheus."""
        self.set_header("Content-Type", CONTENT_TYPE)
        self.set_header("Cache-Control", "no-store")
        self.write(await asyncio.to_thread(self.traffic.metrics))


ROUTES: list[tuple[str, type[BaseHandler]]] = [
    (r"health", HealthHandler),
    (r"ready", ReadyHandler),
    (r"metrics", MetricsHandler),
]
