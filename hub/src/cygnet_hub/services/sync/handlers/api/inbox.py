"""The inbox: what the caller should know, told at once."""

from __future__ import annotations

from typing import Any, ClassVar

from tornado.iostream import StreamClosedError

from ...model.notices import InboxState, Notice
from ..base import Access
from . import inbox_models as models
from .base import ApiHandler
from .events import KEEP_ALIVE_SECONDS, EventsHandler
from .operations import operation


class NoticesHandler(ApiHandler):
    """The caller's inbox."""

    access: ClassVar[Access] = Access.USER

    @operation({200: models.Inbox})
    async def get(self) -> None:
        """GET notices: notices, the newest first, how many are unread, and the version of the inbox."""
        notices, state = await self.services.inbox.listing(self.principal)
        names = {one.facts.who for one in notices if one.facts.who}
        people = {name: (await self.owner(name)).to_json() for name in names}
        shown = [_wire(one, people.get(one.facts.who)) for one in notices]
        self.send({"notices": shown, **_state(state)})


class NoticesReadHandler(ApiHandler):
    """What was read."""

    access: ClassVar[Access] = Access.USER

    @operation({200: models.InboxState}, body=models.Marks)
    async def post(self) -> None:
        """POST notices/read {ids?, read?}: marked as read, or as new; without ids all of them."""
        marks = self.read(models.Marks)
        ids = None if marks.ids is None else [int(one) for one in marks.ids if _is_id(one)]
        self.send(_state(await self.services.inbox.mark(self.principal, ids, read=marks.read)))


class MountReportHandler(ApiHandler):
    """What a notebook server says of its mount."""

    access: ClassVar[Access] = Access.USER

    @operation({204: None}, body=models.MountReport)
    async def post(self) -> None:
        """POST notices/mount {message}: the mount is in trouble; with an empty message not any more."""
        await self.services.inbox.report(self.principal, self.read(models.MountReport).message)
        self.set_status(204)


class NoticeEventsHandler(EventsHandler):
    """Word of the inbox, as it happens."""

    access: ClassVar[Access] = Access.USER

    @operation({200: models.InboxState})
    async def get(self) -> None:
        """GET notices/events: how the inbox stands; to who accepts events, one `inbox` after each change."""
        state = await self.services.inbox.state(self.principal)
        if "text/event-stream" not in self.request.headers.get("Accept", ""):
            self.send(_state(state))
            return
        self.begin_events()
        try:
            self.event("inbox", _state(state))
            await self.flush()
            await self._follow(state)
        except StreamClosedError:
            return

    async def _follow(self, state: InboxState) -> None:
        inbox = self.services.inbox
        while not self.gone and not inbox.stopped:
            now = await inbox.wait(self.principal, state.version, KEEP_ALIVE_SECONDS)
            if not await self.still_welcome():
                return
            if now.version == state.version:
                self.keep_alive()
            else:
                self.event("inbox", _state(now))
            state = now
            await self.flush()


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _state(state: InboxState) -> dict[str, Any]:
    return {"version": state.version, "unread": state.unread}


def _wire(notice: Notice, who: Any) -> dict[str, Any]:
    facts = notice.facts
    return {
        "id": str(notice.id),
        "kind": notice.kind,
        "created": notice.created,
        "read": notice.read,
        "who": who,
        "item": facts.item,
        "group": facts.group,
        "path": facts.path or None,
        "share": facts.share or None,
        "group_id": facts.group_id or None,
        "handout": facts.handout or None,
        "moment": facts.moment,
        "words": facts.words,
    }
