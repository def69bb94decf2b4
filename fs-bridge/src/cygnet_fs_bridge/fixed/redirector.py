"""A redirector in front of HTTP stores: answers with the computed place of a file, and moves no contents.

The place is a temporary redirect (RFC 9110, 15.4.8); further replicas are links of it (RFC 6249).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiohttp import web

from .filesystem import FixedFileSystem
from .metalink import metalink

R = TypeVar("R")

_METALINK = "application/metalink4+xml"


class Redirector:
    """Answers GET and HEAD of files.

    Args:
        fs: the filesystem, whose nodes are HTTP servers.
    """

    def __init__(self, fs: FixedFileSystem) -> None:
        self._fs = fs

    def app(self) -> web.Application:
        """Return the application that serves it."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        path = f"/{request.match_info['path']}"
        try:
            if _METALINK in request.headers.get("Accept", ""):
                return web.Response(text=await self._ask(metalink(self._fs, path)), content_type=_METALINK)
            return await self._redirect(path)
        except (FileNotFoundError, IsADirectoryError) as error:
            raise web.HTTPNotFound(text=f"{error}\n") from error
        except OSError as error:
            raise web.HTTPServiceUnavailable(text=f"{error}\n") from error

    async def _redirect(self, path: str) -> web.Response:
        place = await self._ask(self._fs.replica(path))
        others = [node.address(path) for node in self._fs.owners(path) if node is not place]
        address = place.address(path)
        if not address.startswith(("http://", "https://")):
            raise web.HTTPNotImplemented(text=f"{place.place.name} is no HTTP server\n")
        links = ", ".join(f"<{one}>; rel=duplicate; pri={n}" for n, one in enumerate(others, 2))
        return web.Response(status=307, headers={"Location": address, **({"Link": links} if links else {})})

    async def _ask(self, work: Coroutine[Any, Any, R]) -> R:
        # The connections of the stores belong to the loop of fsspec.
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._fs.loop))
