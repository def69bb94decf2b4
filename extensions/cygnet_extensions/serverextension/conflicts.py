"""A file that was changed elsewhere while it was open: what differs, and the two made one."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tornado.web import HTTPError

from cygnet_fs_bridge.texts import said

from .base import CygnetHandler, guarded
from .documents import Document, resolve
from .history import History


class CompareHandler(CygnetHandler):
    """`compare`."""

    @guarded
    async def post(self) -> None:
        """Compare what a page holds, {path, base_hash, type, format, content}, with the file as it is now."""
        asked = self._asked()
        path = asked["path"]
        now = await self._now(path, asked["type"], asked["format"])
        history = History(self.settings["cygnet_gateway"])
        began, author = await asyncio.gather(
            history.with_hash(path, asked["base_hash"]), history.author(path)
        )
        base = Document.of(asked["type"], began) if began is not None else None
        found = await asyncio.to_thread(resolve, base, Document.of_model(asked), Document.of_model(now))
        about = {"hash": now["hash"], "changed": now["last_modified"].isoformat(), "author": author}
        self.answer({**about, **found.to_json()})

    async def _now(self, path: str, kind: str, form: str) -> dict[str, Any]:
        """The model of the file; without content if it is no notebook any more, or no text."""
        get = self.contents_manager.get
        try:
            model: dict[str, Any] = await get(path, content=True, type=kind, format=form, require_hash=True)
        except HTTPError as error:
            if error.status_code != 400:
                raise
            model = await get(path, content=False, type="file", require_hash=True)
        return model

    def _asked(self) -> dict[str, Any]:
        try:
            asked = json.loads(self.request.body)
        except ValueError:
            asked = None
        needed = ("path", "base_hash", "type", "content")
        if not isinstance(asked, dict) or any(key not in asked for key in needed):
            raise HTTPError(400, said("The request has to have path, base_hash, type and content"))
        kind = asked["type"] if asked["type"] == "notebook" else "file"
        form = "json" if kind == "notebook" else asked.get("format") or "text"
        content = asked["content"]
        if not isinstance(content, dict if kind == "notebook" else str):
            raise HTTPError(400, said("The content does not fit the type"))
        return {**asked, "type": kind, "format": form, "content": content}
