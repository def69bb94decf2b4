"""What files were before: their versions at the service, the difference to now, and going back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tornado.web import HTTPError

from cygnet_fs_bridge.errors import NotConfigured, ServiceError
from cygnet_fs_bridge.texts import said

from ..notebooks.light import MAX_BYTES
from ..saves import digest
from .base import CygnetHandler, guarded
from .documents import Document, differences
from .gateway import Gateway

#: Older versions are not looked through for what a page began with.
_MOST_LOOKED_AT = 12


def service_path(path: str) -> str:
    """The service's path of a path of the notebook server."""
    return "/" + path.strip("/")


@dataclass(frozen=True)
class History:
    """The versions of files, asked for at the service."""

    gateway: Gateway

    async def versions(self, path: str) -> list[dict[str, Any]]:
        """Return the versions of a file as the service lists them, the current one first."""
        answer = await self._ask("GET", "versions", path)
        return list(json.loads(answer)["versions"])

    async def content(self, path: str, version: str) -> bytes:
        """Return the contents of a version."""
        return await self._ask("GET", f"versions/{quote(version, safe='')}/content", path)

    async def restore(self, path: str, version: str) -> None:
        """Make a version the current one."""
        body = json.dumps({"path": service_path(path)}).encode()
        target = f"api/v1/versions/{quote(version, safe='')}/restore"
        await self.gateway.pass_on("POST", target, None, body, "application/json")

    async def create(self, path: str, data: bytes) -> None:
        """Make a new file."""
        query = {"path": service_path(path)}
        await self.gateway.pass_on(
            "PUT", "api/v1/content", query, data, "application/octet-stream", create=True
        )

    async def with_hash(self, path: str, wanted: str) -> bytes | None:
        """Return the contents of the newest version that has a hash; None if none is known."""
        try:
            for version in (await self.versions(path))[:_MOST_LOOKED_AT]:
                if version["size"] <= 4 * MAX_BYTES:
                    data = await self.content(path, version["id"])
                    if digest(data) == wanted:
                        return data
        except (NotConfigured, ServiceError):
            return None  # it was saved nowhere else, or the service is away: one can go on without
        return None

    async def author(self, path: str) -> str | None:
        """Return the name of who wrote the current version; None where that is not known."""
        try:
            current, *_ = await self.versions(path)
        except (NotConfigured, ServiceError, ValueError):
            return None
        return str(current["author"]["display_name"])

    async def _ask(self, method: str, target: str, path: str) -> bytes:
        query = {"path": service_path(path)}
        return await self.gateway.pass_on(method, f"api/v1/{target}", query, b"", "")


class _HistoryHandler(CygnetHandler):
    @property
    def history(self) -> History:
        """The versions at the service."""
        return History(self.settings["cygnet_gateway"])


class VersionsHandler(_HistoryHandler):
    """`versions`."""

    @guarded
    async def get(self) -> None:
        """List the versions of the file at `path`, the current one first."""
        self.answer({"versions": await self.history.versions(self.get_query_argument("path"))})


class VersionCompareHandler(_HistoryHandler):
    """`versions/ID/compare`."""

    @guarded
    async def get(self, version: str) -> None:
        """Say how the file at `path` differs now from what it was then."""
        path = self.get_query_argument("path")
        kind = "notebook" if path.endswith(".ipynb") else "file"
        before = Document.of(kind, await self.history.content(path, version))
        model = await self.contents_manager.get(path, content=True, type=kind)
        now = Document.of_model(model)
        cells = await asyncio.to_thread(differences, before, now)
        self.answer({"cells": None if cells is None else [cell.to_json() for cell in cells]})


class VersionRestoreHandler(_HistoryHandler):
    """`versions/ID/restore` and `versions/ID/copy`."""

    @guarded
    async def post(self, version: str, verb: str) -> None:
        """Make a version of `path` the current one, or a new file `to`; say the hash of its contents."""
        given = self.body("path", "to")
        path, to = given.get("path", ""), given.get("to", "")
        if not path or (verb == "copy" and not to):
            raise HTTPError(400, said("path or to is missing"))
        data = await self.history.content(path, version)
        await (self.history.restore(path, version) if verb == "restore" else self.history.create(to, data))
        self.answer({"hash": digest(data)})
