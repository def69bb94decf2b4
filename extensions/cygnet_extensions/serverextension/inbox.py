"""The inbox: news passed on from the service as they come, and what is wrong with the mount told to it."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress

from tornado.iostream import StreamClosedError

from cygnet_fs_bridge.errors import NotConfigured, ServiceError

from .base import CygnetHandler, guarded
from .gateway import Gateway
from .mount import MountState, read_state
from .tasks import end

#: How late the service hears of trouble with the mount.
REPORT_SECONDS = 5.0
LONGEST_REPORT = 1000

#: States in which nothing can be sent, or nothing is known yet.
_UNTOLD = frozenset({"offline", "stopping", "starting", "unknown"})


class NoticeEventsHandler(CygnetHandler):
    """`notices/events`."""

    @guarded
    async def get(self) -> None:
        """Pass on the service's events for as long as the page listens."""
        gateway: Gateway = self.settings["cygnet_gateway"]
        reporter: MountReporter = self.settings["cygnet_mount_reporter"]
        reporter.start()
        async with gateway.events("api/v1/notices/events") as response:
            self.set_header("Cache-Control", "no-store")
            self.set_header("X-Accel-Buffering", "no")
            self.set_header("Content-Type", "text/event-stream; charset=utf-8")
            with suppress(StreamClosedError):  # the page has gone
                async for chunk in response.chunks():
                    self.write(chunk)
                    await self.flush()
                await self.finish(set_content_type="text/event-stream; charset=utf-8")


class MountReporter:
    """Tells the service what is wrong with the mount of this server, so that it is in the inbox.

    Args:
        gateway: the way to the service.
        kind: how the files are mounted.
        file: what the mount writes its state to; empty: there is none.
    """

    def __init__(self, gateway: Gateway, kind: str, file: str) -> None:
        self._gateway, self._kind, self._file = gateway, kind, file
        self._task: asyncio.Task[None] | None = None
        self._told = ""

    @classmethod
    def of_session(cls, gateway: Gateway) -> MountReporter:
        """For the mount that the session's environment names."""
        return cls(gateway, os.environ.get("CYGNET_MOUNT", ""), os.environ.get("CYGNET_MOUNT_STATE", ""))

    def start(self) -> None:
        """Look at the mount from now on, unless that is done already; needs a running event loop."""
        if self._file and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._look(), name="cygnet: report the mount")

    async def _look(self) -> None:
        while True:
            with suppress(ServiceError, NotConfigured):  # what cannot be told now is told later
                await self.report(await asyncio.to_thread(read_state, self._kind, self._file))
            await asyncio.sleep(REPORT_SECONDS)

    async def report(self, state: MountState) -> None:
        """Tell the service, if there is anything else to tell than the last time."""
        words = state.message[:LONGEST_REPORT]
        if state.state not in _UNTOLD and words != self._told:
            await self._gateway.send("api/v1/notices/mount", {"message": words})
            self._told = words

    async def stop(self) -> None:
        """End it."""
        task, self._task = self._task, None
        await end(task)
