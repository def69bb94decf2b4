"""Saying to the hub that this server is in use, also while it only computes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.web import HTTPError

from cygnet_fs_bridge.texts import said

from .base import CygnetHandler, guarded

_EVERY = 20.0  # seconds between two looks at kernels
_PATIENCE = 10.0


class Activity:
    """Tells the hub of use that it does not see by itself.

    Args:
        busy: whether a kernel computes.
    """

    def __init__(self, busy: Callable[[], bool]) -> None:
        self._busy = busy
        self._task: asyncio.Task[None] | None = None
        # Taken once: kernels get a copy of the environment, and may be given less of it one day.
        self._url = os.environ.get("JUPYTERHUB_ACTIVITY_URL", "")
        self._token = os.environ.get("JUPYTERHUB_API_TOKEN", "")
        self._server = os.environ.get("JUPYTERHUB_SERVER_NAME", "")

    @property
    def while_busy(self) -> bool:
        """Whether the server is kept as long as a kernel computes."""
        return self._task is not None

    async def tell(self) -> None:
        """Say that the server is used now.

        Raises:
            HTTPError: 503, the hub cannot be reached; or there is none.
        """
        if not self._url:
            raise HTTPError(503, said("This server belongs to no hub"))
        now = datetime.now(UTC).isoformat()
        body = json.dumps({"servers": {self._server: {"last_activity": now}}, "last_activity": now})
        headers = {"Authorization": f"token {self._token}", "Content-Type": "application/json"}
        request = HTTPRequest(self._url, "POST", headers, body, request_timeout=_PATIENCE)
        try:
            await AsyncHTTPClient().fetch(request)
        except (OSError, HTTPClientError) as error:
            raise HTTPError(503, said("The hub does not answer. Try again.")) from error

    def keep_while_busy(self, wanted: bool) -> None:
        """Begin or cease to look after kernels that compute."""
        if wanted and self._task is None:
            self._task = asyncio.create_task(self._look(), name="cygnet: keep while busy")
        elif not wanted and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _look(self) -> None:
        while True:
            if self._busy():
                with contextlib.suppress(HTTPError):  # the next look tells it again
                    await self.tell()
            await asyncio.sleep(_EVERY)

    async def stop(self) -> None:
        """End the task."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


class ActivityHandler(CygnetHandler):
    """`activity`."""

    @guarded
    async def post(self) -> None:
        """Say to the hub that the server is used; with {while_busy: "yes"} also while a kernel computes."""
        activity: Activity = self.settings["cygnet_activity"]
        wanted = self.body("while_busy").get("while_busy", "")
        if wanted not in ("", "yes", "no"):
            raise HTTPError(400, said("while_busy has to be yes or no"))
        if wanted:
            activity.keep_while_busy(wanted == "yes")
        await activity.tell()
        self.answer({"while_busy": activity.while_busy})
