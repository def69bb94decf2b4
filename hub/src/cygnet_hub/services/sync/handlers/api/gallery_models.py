"""The JSON of the gallery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from cygnet_fs_bridge.models import Owner

from .operations import RequestModel
from .requests import Path


@dataclass(frozen=True)
class Entry:
    """A notebook in the gallery; `path` only to who published it."""

    id: str
    name: str
    title: str
    about: str
    tags: list[str]
    author: Owner
    group: str
    size: int
    published: float
    mine: bool
    path: str | None


@dataclass(frozen=True)
class Tag:
    """A tag, and how many of the entries that were searched have it."""

    tag: str
    count: int


@dataclass(frozen=True)
class Entries:
    """The newest first."""

    entries: list[Entry]
    tags: list[Tag]


class Publication(RequestModel):
    """A notebook to publish."""

    path: Path
    about: str = ""
    tags: Annotated[list[str], Field(max_length=50)] = []
    group: str = ""
