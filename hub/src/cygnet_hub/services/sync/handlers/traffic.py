"""What goes through this process: requests under way, whether more are taken, numbers for Prometheus."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from .siblings import Siblings

#: Small requests take milliseconds; an upload or an open feed minutes.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600)

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Traffic:
    """The requests of one process; `siblings` are others at the same address, if there are any.

    Args:
        listeners: how many feeds of changes wait.
    """

    def __init__(self, listeners: Callable[[], int]) -> None:
        self.draining = False
        self.siblings: Siblings | None = None
        self._under_way: set[int] = set()
        self._idle = asyncio.Event()
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "cygnet_sync_requests",
            "Requests that were answered.",
            ["method", "door", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "cygnet_sync_request_seconds",
            "Seconds from the first byte of a request to the last of its answer.",
            ["door"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._counted = lru_cache(1000)(self._count_at)
        under_way = Gauge("cygnet_sync_requests_under_way", "Requests under way.", registry=self.registry)
        under_way.set_function(lambda: self.under_way)
        waiting = Gauge("cygnet_sync_listeners", "Feeds of changes that wait.", registry=self.registry)
        waiting.set_function(listeners)
        largest = Gauge("cygnet_sync_memory_peak_bytes", "Most memory ever held.", registry=self.registry)
        largest.set_function(lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
        ProcessCollector(namespace="cygnet_sync", registry=self.registry)

    @property
    def under_way(self) -> int:
        """How many requests are not answered yet."""
        return len(self._under_way)

    def begin(self, request: int) -> None:
        """A request, known by a number, has come."""
        self._under_way.add(request)

    def end(self, request: int) -> None:
        """A request is answered, or its sender has left."""
        self._under_way.discard(request)
        if not self._under_way:
            self._idle.set()

    def count(self, method: str, door: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        requests, took = self._counted(method, door, status)
        requests.inc()
        took.observe(seconds)

    def _count_at(self, method: str, door: str, status: int) -> tuple[Counter, Histogram]:
        """What counts such requests: all of these are few."""
        return self._requests.labels(method, door, str(status)), self._seconds.labels(door)

    async def drain(self, seconds: float) -> bool:
        """Take no more requests, and wait up to `seconds` for those under way; True: all were answered."""
        self.draining = True
        self._idle.clear()
        if not self._under_way:
            return True
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def own_metrics(self) -> bytes:
        """Everything counted here, as Prometheus reads it."""
        return generate_latest(self.registry)

    def metrics(self) -> bytes:
        """The same with what other processes at this address have counted. Blocks."""
        own = self.own_metrics()
        return self.siblings.merged(own) if self.siblings is not None else own
