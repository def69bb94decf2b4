"""The JSON of the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from cygnet_fs_bridge.models import Owner

from ...model.notices import Kind
from .operations import RequestModel


@dataclass(frozen=True)
class Notice:
    """Something that the caller should know; which of the last fields apply depends on the kind."""

    id: str
    kind: Kind
    created: float
    read: bool
    who: Owner | None
    item: str
    group: str
    path: str | None
    share: str | None
    group_id: str | None
    handout: str | None
    moment: float | None
    words: str


@dataclass(frozen=True)
class InboxState:
    """How the inbox stands; `version` is another one after every change."""

    version: int
    unread: int


@dataclass(frozen=True)
class Inbox(InboxState):
    """The newest first."""

    notices: list[Notice]


class Marks(RequestModel):
    """Which notices were read; all of them where none are named."""

    ids: Annotated[list[str], Field(max_length=1000)] | None = None
    read: bool = True


class MountReport(RequestModel):
    """What is wrong with the mount of a notebook server."""

    message: str
