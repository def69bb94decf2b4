"""ROOT files for the viewer: parts of one file, and the page that draws them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from jupyter_server.utils import ensure_async
from tornado.web import HTTPError

from ..contents import FsspecContentsManager
from .base import CygnetHandler, guarded

#: Built with the Files site, which has the same viewer.
PAGE = Path(__file__).parent.parent / "root_viewer" / "viewer.html"
#: What one request may ask for: the baskets of a branch come a few at a time.
MAX_BYTES = 64 << 20

Range = tuple[int, int]


class ViewerHandler(CygnetHandler):
    """`root-viewer`."""

    @guarded
    async def get(self) -> None:
        """Send the page of the viewer, to be put into a frame that has no origin."""
        try:
            page = await asyncio.to_thread(PAGE.read_bytes)
        except FileNotFoundError:
            raise HTTPError(404, "The ROOT viewer was not built with this extension") from None
        # As text: opened by itself it would have the origin of this server.
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Cache-Control", "private, no-cache")
        self.finish(page, set_content_type="text/plain; charset=utf-8")


class BytesHandler(CygnetHandler):
    """`bytes`."""

    @guarded
    async def get(self) -> None:
        """Send some ranges of a file, one behind the other; headers tell its ETag and size."""
        path = self.get_query_argument("path")
        ranges = [_range(word) for word in self.get_query_arguments("range")]
        if sum(end - start for start, end in ranges) > MAX_BYTES:
            raise HTTPError(413, "This is too much for one request")
        manager = self.contents_manager
        if not manager.allow_hidden and await ensure_async(manager.is_hidden(path)):
            raise HTTPError(404, f"There is nothing at {path}")
        data, version, size = await asyncio.to_thread(_read, manager, path, ranges)
        self.set_header("ETag", f'"{version}"')
        self.set_header("X-File-Size", str(size))
        self.set_header("Cache-Control", "no-store")
        self.finish(data, set_content_type="application/octet-stream")


def _range(word: str) -> Range:
    """Read `START-END`, the end not included.

    Raises:
        HTTPError: 400, it is none.
    """
    start, _, end = word.partition("-")
    if not (
        start.isascii() and start.isdecimal() and end.isascii() and end.isdecimal() and int(start) <= int(end)
    ):
        raise HTTPError(400, "A range has to be START-END")
    return int(start), int(end)


def _read(manager: Any, path: str, ranges: list[Range]) -> tuple[bytes, str, int]:
    """Return the bytes, and version and size of the file.

    Raises:
        HTTPError: 404, it is not there, or a folder.
    """
    try:
        if isinstance(manager, FsspecContentsManager):
            return _read_remote(manager, path, ranges)
        return _read_local(manager._get_os_path(path), ranges)
    except (FileNotFoundError, IsADirectoryError):
        raise HTTPError(404, f"There is no file at {path}") from None


def _read_remote(manager: FsspecContentsManager, path: str, ranges: list[Range]) -> tuple[bytes, str, int]:
    """Read through fsspec: all ranges in one request, where the filesystem can do that."""
    address, files = manager._address(path), manager.filesystem
    about = files.info(address)
    if about["type"] == "directory":
        raise IsADirectoryError(path)
    starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
    parts = files.cat_ranges([address] * len(ranges), starts, ends, on_error="raise")
    return b"".join(parts), str(about.get("etag", "")), int(about["size"])


def _read_local(path: str, ranges: list[Range]) -> tuple[bytes, str, int]:
    with Path(path).open("rb", buffering=0) as file:
        about = os.fstat(file.fileno())
        parts = [os.pread(file.fileno(), end - start, start) for start, end in ranges]
    return b"".join(parts), f"{about.st_mtime_ns:x}-{about.st_size:x}", about.st_size
