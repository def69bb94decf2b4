"""A look at what somebody shares, before it is accepted."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tornado.iostream import StreamClosedError

from .base import CygnetHandler, guarded

_KEPT = ("Content-Type", "Content-Length", "Content-Disposition", "Content-Range", "ETag")


class LookHandler(CygnetHandler):
    """`shares/ID/files`, `shares/ID/content` and `shares/ID/preview`."""

    @property
    def content_security_policy(self) -> str:
        """What somebody else wrote runs nothing, fetches nothing and belongs to no origin of ours."""
        return (
            "sandbox; default-src 'none'; img-src 'self' data:; font-src data:; style-src 'unsafe-inline'; "
            "frame-ancestors 'self'"
        )

    @guarded
    async def get(self, share_id: str, part: Any) -> None:
        """Pass on what the service has of it."""
        path = self.get_query_argument("path", "/")
        async with self.provider.look(share_id, part, path) as response:
            for name in _KEPT:
                if name in response.headers:
                    self.set_header(name, response.headers[name])
            self.set_header("X-Content-Type-Options", "nosniff")
            self.set_header("Cache-Control", "private, no-cache")
            with suppress(StreamClosedError):  # whoever looked has gone on
                async for chunk in response.chunks():
                    self.write(chunk)
                    await self.flush()
                await self.finish(
                    set_content_type=response.headers.get("Content-Type", "application/octet-stream")
                )
