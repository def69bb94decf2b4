"""How long a person's server may still go unused, asked by its pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from jupyterhub.handlers import BaseHandler
from tornado import web

#: Where the allowed time, in seconds, is among the settings of the hub's application.
SETTING = "cygnet_idle_seconds"


class IdleHandler(BaseHandler):
    """`/hub/idle`: what the idle culler will look at.

    A page asks the hub and not its own server: every request to that would count as use.
    """

    def check_xsrf_cookie(self) -> None:
        """Let a page's script ask: it reads, and changes nothing."""

    @web.authenticated
    async def get(self) -> None:
        """Say {allowed, unused} in seconds; null while the person's server does not run."""
        spawner = self.current_user.spawner
        answer: dict[str, float] | None = None
        if spawner.ready and spawner.orm_spawner.last_activity is not None:
            unused = datetime.now(UTC).replace(tzinfo=None) - spawner.orm_spawner.last_activity
            answer = {"allowed": self.settings[SETTING], "unused": max(0.0, unused.total_seconds())}
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(answer))
