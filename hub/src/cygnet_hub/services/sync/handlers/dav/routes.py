"""The addresses of the WebDAV doors, relative to the service's prefix."""

from __future__ import annotations

import re

from tornado.web import RequestHandler

from . import macaroons
from .bulk import BULK, BulkHandler
from .doors import FILES
from .files import FilesHandler
from .history import TRASH, VERSIONS, TrashHandler, VersionsHandler
from .reports import ROOT, TAGS, RootHandler, TagsHandler
from .tus import UPLOADS as TUS_UPLOADS
from .tus import TusHandler
from .uploads import UPLOADS, UploadsHandler


def _without_names(pattern: str) -> str:
    """No group may be caught: handlers read the encoded path, where an encoded slash stays one."""
    return re.sub(r"\?P<\w+>", "?:", pattern)


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (rf"(?:{'|'.join(map(_without_names, FILES))})(?:/.*)?", FilesHandler),
    (rf"{_without_names(UPLOADS)}(?:/.*)?", UploadsHandler),
    (TUS_UPLOADS, TusHandler),
    (BULK, BulkHandler),
    (ROOT, RootHandler),
    (TAGS, TagsHandler),
    (rf"{_without_names(TRASH)}(?:/.*)?", TrashHandler),
    (rf"{_without_names(VERSIONS)}(?:/.*)?", VersionsHandler),
    *macaroons.ROUTES,
]
