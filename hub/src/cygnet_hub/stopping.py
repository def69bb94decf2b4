"""How far the end of a person's server is, while its mount still saves what was written."""

from __future__ import annotations

from jupyterhub.handlers import BaseHandler
from tornado import web


class StoppingHandler(BaseHandler):
    """`/hub/stopping`: words for the page where the person waits; 204 when nothing stops."""

    def check_xsrf_cookie(self) -> None:
        """Let a page's script ask: it reads, and changes nothing."""

    @web.authenticated
    async def get(self) -> None:
        """Say how many changes are still to be saved."""
        spawner = self.current_user.spawner
        self.set_header("Cache-Control", "no-store")
        if spawner.pending != "stop":
            self.set_status(204)
            return
        self.finish(await self.render_template("stopping.html", unsent=getattr(spawner, "unsent", 0)))
