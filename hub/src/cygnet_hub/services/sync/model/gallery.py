"""What the gallery holds: notebooks that people show to everybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import BadRequest, UnsupportedMedia
from .node import Node

MAX_ABOUT = 500
MAX_TAGS = 10
MAX_TAG = 40
#: Notebooks that one person may have in the gallery.
MAX_ENTRIES = 200
#: Characters of the texts of a notebook that are searched.
MAX_WORDS = 50_000

_HEADING = re.compile(r"^#{1,2}\s+(.+?)\s*#*$", re.MULTILINE)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class NewEntry:
    """What somebody says of a notebook that they publish."""

    about: str = ""
    tags: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class GalleryEntry:
    """A notebook in the gallery, as it was when it was published.

    Args:
        node: in the tree of who published it, with the version that is shown.
        author: account name.
        group: the group in whose name it was published; empty: none.
        published: seconds since 1970.
    """

    id: int
    node: Node
    author: str
    group: str
    title: str
    about: str
    tags: tuple[str, ...]
    published: float


def clean_about(text: str) -> str:
    """A description as it is stored.

    Raises:
        BadRequest: it is too long.
    """
    if len(text) > MAX_ABOUT:
        raise BadRequest("The description can have {most} characters at most.", most=MAX_ABOUT)
    return _SPACES.sub(" ", text).strip()


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are stored: lower case, each once.

    Raises:
        BadRequest: too many, or one is too long.
    """
    found = tuple(dict.fromkeys(filter(None, (_SPACES.sub(" ", tag).strip().casefold() for tag in tags))))
    if len(found) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in found):
        raise BadRequest("There can be {most} tags of {longest} characters.", most=MAX_TAGS, longest=MAX_TAG)
    return found


def read_notebook(name: str, data: bytes) -> tuple[str, str]:
    """The title of a notebook, which is its first heading or else its name, and its text.

    Raises:
        UnsupportedMedia: it is no notebook.
    """
    try:
        cells = json.loads(data)["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnsupportedMedia("This file is not a notebook that can be shown.") from None
    found = next((heading[1] for text in texts if (heading := _HEADING.search(text))), "")
    title = found or name.removesuffix(".ipynb")
    return _SPACES.sub(" ", title)[:200], _SPACES.sub(" ", " ".join(texts))[:MAX_WORDS]
