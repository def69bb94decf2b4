"""Other ways to look at files: folders as zip archives, notebooks as pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar

from tornado.iostream import StreamClosedError

from ...model.names import base_name, clean_path
from ...model.principal import Principal
from ...service.archive import zip_stream
from ...service.tree import OpenFile
from ..base import Access
from ..download import disposition, protect
from .base import ApiHandler
from .operations import ARCHIVE, PAGE, PATH, operation

#: A page of somebody's notebook: no script, no requests, an origin of its own.
PREVIEW_POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


class ArchiveHandler(ApiHandler):
    """Several files and folders as one zip archive."""

    access: ClassVar[Access] = Access.USER

    @operation({200: ARCHIVE}, parameters=(PATH,), errors=(404,))
    async def get(self) -> None:
        """GET archive?path=/a&path=/b: a zip archive, made while it is sent."""
        paths = [clean_path(path) for path in self.arguments_of("path")] or ["/"]
        name = base_name(paths[0]) if len(paths) == 1 else "files"
        await send_archive(self, self.principal, paths, name)


class PreviewHandler(ApiHandler):
    """A notebook as a page."""

    access: ClassVar[Access] = Access.USER

    @operation({200: PAGE}, parameters=(PATH,), errors=(404, 405, 413, 415))
    async def get(self) -> None:
        """GET preview?path=/a.ipynb: a page without script, for a frame."""
        await send_preview(self, await self.services.tree.open(self.principal, self.path_argument()))


async def send_archive(handler: ApiHandler, principal: Principal, paths: list[str], name: str) -> None:
    """Answer with a zip archive; a failure in the middle breaks the connection, so that nobody takes it for
    whole.
    """
    blocks = zip_stream(handler.services.tree, principal, paths)
    first = await anext(blocks)
    protect(handler)
    handler.set_header("Content-Type", "application/zip")
    handler.set_header("Content-Disposition", disposition(f"{name or 'files'}.zip", attachment=True))
    handler.write(first)
    try:
        await _pour(handler, blocks)
    except StreamClosedError:
        return
    except BaseException:
        handler.request.connection.close()  # type: ignore[union-attr]  # HTTP/1 has it
        raise


async def _pour(handler: ApiHandler, blocks: AsyncIterator[bytes]) -> None:
    async for block in blocks:
        handler.write(block)
        await handler.flush()


async def send_preview(handler: ApiHandler, file: OpenFile) -> None:
    """Answer with the page of a notebook."""
    page = await handler.services.previews.page(file)
    protect(handler)
    handler.set_header("Content-Security-Policy", PREVIEW_POLICY)
    handler.set_header("Content-Type", "text/html; charset=utf-8")
    handler.write(page)
