"""Folders and files by path: list, make, move, copy, delete, search."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from cygnet_fs_bridge import models as wire

from ...model.conditions import NO_CONDITIONS, Conditions
from ...model.errors import CygnetError
from ...model.names import clean_path
from ..base import Access
from . import answers, requests
from .base import ApiHandler
from .listing import send_listing
from .operations import PATH, Parameter, operation

MAX_FOUND = 1000
LIMIT = Parameter("limit", "how many at most", {"type": "integer", "minimum": 0, "default": 100})


class FilesHandler(ApiHandler):
    """A node and its children."""

    access: ClassVar[Access] = Access.USER
    looks_at_tree: ClassVar[bool] = True

    @operation({200: answers.Listing}, parameters=(PATH,), errors=(404,))
    async def get(self) -> None:
        """GET files?path=/a: {node, children}; children is null for a file."""
        await send_listing(self, self.principal, self.path_argument())


class FoldersHandler(ApiHandler):
    """New folders."""

    access: ClassVar[Access] = Access.USER

    @operation({201: wire.Node}, body=requests.NewFolder, errors=(404, 405, 409, 412, 423, 507))
    async def post(self) -> None:
        """POST folders {path}: 201 with the node."""
        made = await self.services.tree.make_folder(
            self.principal, clean_path(self.read(requests.NewFolder).path)
        )
        self.send(await self.node(made), 201)


class RelocateHandler(ApiHandler):
    """Moving and copying."""

    access: ClassVar[Access] = Access.USER

    @operation({200: wire.Node}, body=requests.Relocation, errors=(404, 405, 409, 412, 423, 507))
    async def post(self, verb: str) -> None:
        """POST files/move or files/copy {source, destination, overwrite}: the node at its new place."""
        body = self.read(requests.Relocation)
        source, destination = clean_path(body.source), clean_path(body.destination)
        act = self.services.tree.move if verb == "move" else self.services.tree.copy
        node, _ = await act(self.principal, source, destination, overwrite=body.overwrite)
        self.send(await self.node(node))


class DeleteHandler(ApiHandler):
    """Deleting several at once."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.Deleted}, body=requests.Deletion)
    async def post(self) -> None:
        """POST files/delete {paths, etags, only_empty}: {deleted, failed}; what fails stops nothing else."""
        body = self.read(requests.Deletion)
        # All at once, because they are committed together then; in their order, because the writer keeps it.
        errors = await asyncio.gather(*(self._delete(path, body) for path in body.paths))
        tried = list(zip(body.paths, errors, strict=True))
        failed = [
            {"path": path, "error": {"code": error.code, "message": self.words_of(error)}}
            for path, error in tried
            if error is not None
        ]
        self.send({"deleted": [path for path, error in tried if error is None], "failed": failed})

    async def _delete(self, path: str, body: requests.Deletion) -> CygnetError | None:
        etag = body.etags.get(path)
        conditions = NO_CONDITIONS if etag is None else Conditions(if_match=(etag,))
        try:
            await self.services.tree.delete(
                self.principal, clean_path(path), conditions=conditions, only_empty=body.only_empty
            )
        except CygnetError as error:
            return error
        return None


class SearchHandler(ApiHandler):
    """Finding by name."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.Nodes}, parameters=(Parameter("q", "words in the name"), LIMIT))
    async def get(self) -> None:
        """GET search?q=words&limit=100: {nodes} whose names contain every word."""
        limit = self.number_argument("limit", 100, MAX_FOUND)
        found = await self.services.tree.search(self.principal, self.argument("q")[:1000], limit)
        self.send({"nodes": await self.nodes(found)})
