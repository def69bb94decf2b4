"""The changes feed: server-sent events, taken up again where they broke off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from .. import errors
from ..models import Change, Json, as_object
from ..transport import Request
from .caller import Caller, with_query

_SILENCE = 45.0  # the service sends a comment every 15 s
_PAUSES = (0.1, 0.3, 1.0, 2.0, 5.0)


@dataclass
class Event:
    """One server-sent event (WHATWG HTML, 9.2)."""

    name: str = "message"
    id: str | None = None
    data: str = ""


@dataclass
class _Lines:
    """Cuts a stream of bytes into events."""

    buffer: bytes = b""
    event: Event = field(default_factory=Event)

    def feed(self, chunk: bytes) -> list[Event]:
        *lines, self.buffer = (self.buffer + chunk).replace(b"\r\n", b"\n").split(b"\n")
        return [event for line in lines if (event := self._line(line.decode("utf-8", "replace"))) is not None]

    def _line(self, line: str) -> Event | None:
        if not line:
            done, self.event = self.event, Event()
            return done if done.data else None
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self.event.name = value
        elif name == "id":
            self.event.id = value
        elif name == "data":
            self.event.data += ("\n" if self.event.data else "") + value
        return None


@dataclass(frozen=True)
class Connected:
    """The feed is connected; `fresh` says that earlier changes may have been missed: drop all caches."""

    fresh: bool


@dataclass(frozen=True)
class Disconnected:
    """The feed has broken off; it is being connected again."""

    error: errors.ServiceError


FeedItem = Change | Connected | Disconnected


class ChangesFeed:
    """Follows the changes that others make.

    Args:
        caller: sends the request; if it has a name, its own changes are left out.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._cursor: str | None = None

    async def follow(self) -> AsyncIterator[FeedItem]:
        """Give changes for as long as the caller listens; connects again by itself."""
        failures = 0
        while True:
            try:
                async for item in self._listen():
                    failures = 0
                    yield item
                error = errors.Unavailable("The service ended the changes feed")
            except errors.ServiceError as broken:
                yield Disconnected(broken)
            else:
                yield Disconnected(error)
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
            failures += 1

    async def _listen(self) -> AsyncIterator[FeedItem]:
        query = {"cursor": self._cursor} if self._cursor is not None else {}
        target = with_query("api/v1/changes", query)
        request = Request("GET", target, {"Accept": "text/event-stream"}, silence=_SILENCE)
        resumed, lines = self._cursor is not None, _Lines()
        async with self._caller.open(request) as response:
            async for chunk in response.chunks():
                for event in lines.feed(chunk):
                    for item in self._understood(event, resumed):
                        yield item

    def _understood(self, event: Event, resumed: bool) -> list[FeedItem]:
        data = _json(event.data)
        cursor = event.id or data.get("cursor")
        if cursor is not None:
            self._cursor = str(cursor)
        if event.name == "hello":
            return [Connected(fresh=not resumed)]
        if event.name == "reset":
            self._cursor = None if cursor is None else str(cursor)
            return [Connected(fresh=True)]
        if event.name != "change":
            return []
        try:
            return [Change.from_json(data)]
        except ValueError:
            # A kind of change that this version does not know may have touched anything.
            return [Connected(fresh=True)]


def _json(text: str) -> Json:
    try:
        return as_object(json.loads(text), "event")
    except ValueError:
        return {}
