"""What was deleted, and what files were before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from cygnet_fs_bridge import models as wire

from ...model.errors import CygnetError, NotFound
from ...model.names import clean_path
from ...model.node import guess_mime
from ...service.tree import OpenFile
from ...store.history import TrashRow, VersionRow
from ..base import Access
from ..download import send_file
from . import answers, requests
from .base import ApiHandler
from .operations import CONTENTS, GETTING, PAGE, PATH, operation
from .views import send_preview


class TrashHandler(ApiHandler):
    """All that was deleted of one's own files."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.Trash})
    async def get(self) -> None:
        """GET trash: {items}, the newest first."""
        rows = await self.services.history.deleted(self.principal)
        people = {name: (await self.owner(name)).to_json() for name in {row.actor for row in rows}}
        self.send({"items": [_trashed(row, people[row.actor]) for row in rows]})

    @operation({204: None})
    async def delete(self) -> None:
        """DELETE trash: everything in it is deleted for ever."""
        await self.services.history.purge(self.principal, None)
        self.set_status(204)


class TrashRestoreHandler(ApiHandler):
    """Bringing back."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.Restored}, body=requests.Ids)
    async def post(self) -> None:
        """POST trash/restore {ids}: {restored, failed}; what fails does not stop the rest."""

        async def restore(node_id: int) -> dict[str, Any]:
            return await self.node(await self.services.history.bring_back(self.principal, node_id))

        restored, failed = await _each(self.read(requests.Ids).ids, restore, self.words_of)
        self.send({"restored": restored, "failed": failed})


class TrashDeleteHandler(ApiHandler):
    """Deleting for ever."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.Purged}, body=requests.Ids)
    async def post(self) -> None:
        """POST trash/delete {ids}: {deleted, failed}; what fails does not stop the rest."""

        async def purge(node_id: int) -> str:
            await self.services.history.purge(self.principal, node_id)
            return str(node_id)

        deleted, failed = await _each(self.read(requests.Ids).ids, purge, self.words_of)
        self.send({"deleted": deleted, "failed": failed})


class VersionsHandler(ApiHandler):
    """What a file was before."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.Versions}, parameters=(PATH,), errors=(404,))
    async def get(self) -> None:
        """GET versions?path=/a: {versions}, the current one first."""
        node = await self.services.tree.stat(self.principal, self.path_argument())
        rows = await self.services.history.versions(self.principal, node.id)
        people = {name: (await self.owner(name)).to_json() for name in {row.author for row in rows}}
        versions = [_version(row, people[row.author], current=row.id == node.version_id) for row in rows]
        self.send({"versions": versions})


class VersionHandler(ApiHandler):
    """One version of a file."""

    async def open(self, version_id: str) -> OpenFile:
        """The version, of the file that `path` names."""
        node = await self.services.tree.stat(self.principal, self.path_argument())
        return await self.services.history.open(self.principal, node.id, number(version_id))


class VersionContentHandler(VersionHandler):
    """The contents of a version."""

    access: ClassVar[Access] = Access.USER

    @operation({200: CONTENTS, 206: CONTENTS, 304: None}, parameters=GETTING, errors=(404, 405, 416, 500))
    async def get(self, version_id: str) -> None:
        """GET versions/ID/content?path=/a: as `content`."""
        file = await self.open(version_id)
        await send_file(self, file, attachment=self.argument("download") == "1")

    @operation({200: CONTENTS, 206: CONTENTS, 304: None}, parameters=GETTING, errors=(404, 405, 416))
    async def head(self, version_id: str) -> None:
        """HEAD versions/ID/content?path=/a: the headers of GET."""
        await self.get(version_id)


class VersionPreviewHandler(VersionHandler):
    """A version of a notebook, as a page."""

    access: ClassVar[Access] = Access.USER

    @operation({200: PAGE}, parameters=(PATH,), errors=(404, 405, 413, 415))
    async def get(self, version_id: str) -> None:
        """GET versions/ID/preview?path=/a.ipynb: as `preview`."""
        await send_preview(self, await self.open(version_id))


class VersionRestoreHandler(ApiHandler):
    """Going back to a version."""

    access: ClassVar[Access] = Access.USER

    @operation({200: wire.Node}, body=requests.OnePath, errors=(404, 409, 412, 423, 507))
    async def post(self, version_id: str) -> None:
        """POST versions/ID/restore {path}: the node; what it was until now stays as a version."""
        node = await self.services.tree.stat(self.principal, clean_path(self.read(requests.OnePath).path))
        after = await self.services.history.revert(self.principal, node.id, number(version_id))
        self.send(await self.node(after))


def number(text: str) -> int:
    """The number in an id.

    Raises:
        NotFound: it is none, so nothing has it.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound("This is no longer here.")
    return int(text)


async def _each(
    ids: list[str], act: Callable[[int], Awaitable[Any]], words: Callable[[CygnetError], str]
) -> tuple[list[Any], list[dict[str, Any]]]:
    """Do it with each; return what came of those that went well, and the errors of the others."""
    done: list[Any] = []
    failed: list[dict[str, Any]] = []
    for one in ids:
        try:
            done.append(await act(number(one)))
        except CygnetError as error:
            failed.append({"id": one, "error": {"code": error.code, "message": words(error)}})
    return done, failed


def _trashed(row: TrashRow, by: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(row.node),
        "name": row.name,
        "path": row.path,
        "kind": "folder" if row.folder else "file",
        "size": row.size,
        "mtime": row.mtime,
        "mime": "httpd/unix-directory" if row.folder else guess_mime(row.name),
        "deleted": row.deleted,
        "deleted_by": by,
    }


def _version(row: VersionRow, author: dict[str, Any], *, current: bool) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "size": row.size,
        "mtime": row.mtime,
        "created": row.created,
        "author": author,
        "current": current,
    }
