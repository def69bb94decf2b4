"""The changes feed, as server-sent events (WHATWG HTML, section 9.2) or by long poll."""

from __future__ import annotations

from typing import ClassVar

from tornado.iostream import StreamClosedError

from cygnet_fs_bridge import models as wire

from ...service.changes import Batch, Change
from ..base import Access
from . import answers
from .events import KEEP_ALIVE_SECONDS, EventsHandler
from .operations import Parameter, operation

LONGEST_POLL = 60


class ChangesHandler(EventsHandler):
    """What happens in the caller's tree."""

    access: ClassVar[Access] = Access.USER

    @operation(
        {200: answers.Changes},
        parameters=(
            Parameter("cursor", "where to go on from; without one the answer is only where the feed is"),
            Parameter("wait", "seconds to wait for something", {"type": "integer", "minimum": 0}),
            Parameter("client", "name of a listener that cannot send X-Cygnet-Client"),
        ),
    )
    async def get(self) -> None:
        """GET changes?cursor=C: events for as long as it is read, or with `wait` seconds one JSON answer."""
        cursor = self.request.headers.get("Last-Event-ID") or self.argument("cursor") or None
        if "text/event-stream" in self.request.headers.get("Accept", ""):
            await self._stream(cursor)
            return
        seconds = self.number_argument("wait", 0, LONGEST_POLL)
        batch = await self._next(cursor, seconds)
        changes = [wire_change(change).to_json() for change in batch.changes]
        self.send({"cursor": batch.cursor, "reset": batch.reset, "changes": changes})

    async def _next(self, cursor: str | None, seconds: float) -> Batch:
        if cursor is None:
            return await self.services.changes.since(self.principal, None)
        return await self.services.changes.wait(self.principal, cursor, seconds)

    async def _stream(self, cursor: str | None) -> None:
        self.begin_events()
        try:
            batch = await self._next(cursor, 0)
            if cursor is None or batch.reset:
                cursor = batch.cursor
            self.event("hello", {"cursor": cursor}, cursor)
            self._tell(batch)
            await self.flush()
            await self._follow(batch.cursor)
        except StreamClosedError:
            return

    async def _follow(self, cursor: str) -> None:
        """Send what happens until the listener leaves, the service stops, or the credential is refused."""
        while not self.gone and not self.services.changes.stopped:
            batch = await self._next(cursor, KEEP_ALIVE_SECONDS)
            if not await self.still_welcome():
                return
            cursor = batch.cursor
            if not self._tell(batch):
                self.keep_alive()
            await self.flush()

    def _tell(self, batch: Batch) -> bool:
        """Write the events of a batch; the last carries the cursor to go on from."""
        if batch.reset:
            self.event("reset", {"cursor": batch.cursor}, batch.cursor)
        for change in batch.changes:
            last = change is batch.changes[-1]
            self.event("change", wire_change(change).to_json(), batch.cursor if last else None)
        return batch.reset or bool(batch.changes)


def wire_change(change: Change) -> wire.Change:
    """A change as the wire models have it."""
    return wire.Change(
        op=change.op,  # type: ignore[arg-type]  # the journal's kinds are the wire's
        path=change.path,
        kind=change.kind,
        old_path=change.old_path,
        node=str(change.node),
        etag=change.etag or None,
    )
