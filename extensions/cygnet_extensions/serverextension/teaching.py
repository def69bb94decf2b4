"""Groups, classes, the inbox and the gallery: routes of the sync service, passed on as they are."""

from __future__ import annotations

from tornado.web import HTTPError

from cygnet_fs_bridge.texts import said

from .base import CygnetHandler, guarded
from .gateway import Gateway

#: What such a request may carry: a roster is the largest.
MAX_BYTES = 1 << 20
#: What such a request may say in its address.
QUERY = ("view", "path", "q", "tag")


class TeachingHandler(CygnetHandler):
    """`classes`, `groups`, `notices`, `gallery`, and everything below them."""

    @guarded
    async def get(self, route: str) -> None:
        """Ask the service."""
        await self._pass_on(route)

    @guarded
    async def post(self, route: str) -> None:
        """Change something."""
        await self._pass_on(route)

    @guarded
    async def put(self, route: str) -> None:
        """Change something."""
        await self._pass_on(route)

    @guarded
    async def patch(self, route: str) -> None:
        """Change something."""
        await self._pass_on(route)

    @guarded
    async def delete(self, route: str) -> None:
        """Take something away."""
        await self._pass_on(route)

    async def _pass_on(self, route: str) -> None:
        gateway: Gateway = self.settings["cygnet_gateway"]
        if len(self.request.body) > MAX_BYTES:
            raise HTTPError(413, said("This is too large"))
        query = {name: value for name in QUERY if (value := self.get_query_argument(name, ""))} or None
        kind = self.request.headers.get("Content-Type", "application/json")
        answer = await gateway.pass_on(
            self.request.method or "GET", f"api/v1/{route}", query, self.request.body, kind
        )
        self.set_header("Content-Type", "application/json")
        self.finish(answer) if answer else self.set_status(204)
