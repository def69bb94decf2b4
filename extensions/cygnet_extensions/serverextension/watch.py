"""Knows when the lists of shares may be out of date, so that pages need not ask for them each time."""

from __future__ import annotations

import asyncio
import contextlib
import time

from cygnet_fs_bridge.client.feed import ChangesFeed, Connected
from cygnet_fs_bridge.errors import NotConfigured
from cygnet_fs_bridge.models import Change

from .base import CygnetHandler, guarded
from .gateway import Gateway
from .tasks import end

# Where nobody tells of changes, the lists are asked for again after so many seconds.
_UNTOLD = 30


class ShareWatch:
    """Counts changes of shares, from the service's feed of changes and from this server's own requests.

    Args:
        gateway: the way to the service.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._task: asyncio.Task[None] | None = None
        self._touched = 0
        self._told = True

    @property
    def version(self) -> int:
        """A number that is another one when something may have changed."""
        return self._touched if self._told else self._touched + int(time.monotonic() // _UNTOLD)

    def start(self) -> None:
        """Follow the feed from now on, unless that is done already; needs a running event loop.

        Raises:
            NotConfigured: the session knows no service.
        """
        if self._task is None or self._task.done():
            feed = self._gateway.feed()
            self._told = feed is not None
            if feed is not None:
                self._task = asyncio.create_task(self._follow(feed), name="cygnet: follow shares")

    async def _follow(self, feed: ChangesFeed) -> None:
        # A credential that cannot be read any more ends the task; the next question starts it again.
        with contextlib.suppress(NotConfigured):
            async for item in feed.follow():
                if isinstance(item, Connected) or (isinstance(item, Change) and item.op == "share"):
                    self.touch()

    def touch(self) -> None:
        """Say that something changed: the feed leaves out what this server itself does."""
        self._touched += 1

    async def stop(self) -> None:
        """End the task."""
        task, self._task = self._task, None
        await end(task)


class VersionHandler(CygnetHandler):
    """`shares/version`."""

    @guarded
    async def get(self) -> None:
        """Say a number that is another one when the lists of shares may have changed."""
        watch: ShareWatch = self.settings["cygnet_watch"]
        watch.start()
        self.answer({"version": watch.version})
