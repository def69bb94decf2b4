"""Uploads of any size: one request for small files, chunks that can be sent again for big ones."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from pathlib import Path
from typing import TypedDict

from .. import errors
from ..models import Node
from ..transport import Body, file_body
from .api import ApiClient, upload_headers
from .caller import Caller
from .dav import DavClient

CHUNK_SIZE = 64 << 20
_SMALL = 4 << 20  # read as a whole, so that its checksum can be sent ahead


class Conditions(TypedDict, total=False):
    """What an upload asks for; the meaning is that of `upload_headers`."""

    mtime: float | None
    if_match: str | None
    create: bool


class Uploader:
    """Writes files through the JSON API, and big ones by chunks (NG chunking of the ownCloud dialect).

    Args:
        api: client of the tree.
        dav: client of the same person's tree over WebDAV.
        caller: sends the chunks.
        chunk_size: bytes of a chunk; files up to this size go in one request.
    """

    def __init__(self, api: ApiClient, dav: DavClient, caller: Caller, chunk_size: int = CHUNK_SIZE) -> None:
        self.dav = dav
        self._api, self._caller = api, caller
        self.chunk_size = chunk_size

    async def begin(self, total: int | None = None) -> str:
        """Open an upload by chunks, return its address; `total` lets the quota be checked now."""
        target = self.dav.uploads + f"cygnet-{secrets.token_hex(12)}"
        headers = {} if total is None else {"OC-Total-Length": str(total)}
        await self._caller.call("MKCOL", target, headers=headers)
        return target

    async def chunk(self, upload: str, index: int, body: Body, size: int) -> None:
        """Send chunk number `index`, counted from 1; sending one again replaces it."""
        await self._caller.call(
            "PUT", f"{upload}/{index:016d}", headers={"Content-Length": str(size)}, body=body
        )

    async def finish(
        self,
        upload: str,
        path: str,
        total: int,
        *,
        mtime: float | None = None,
        if_match: str | None = None,
        create: bool = False,
    ) -> Node:
        """Make the chunks the contents of `path`; the conditions are those of `upload_headers`."""
        headers = upload_headers(total, mtime=mtime)
        del headers["Content-Length"], headers["Content-Type"]
        headers |= {"Destination": self.dav.destination(path), "OC-Total-Length": str(total)}
        if create:
            headers["Overwrite"] = "F"
        if if_match is not None:
            headers["If"] = f'<{headers["Destination"]}> (["{if_match}"])'
        await self._caller.call("MOVE", f"{upload}/.file", headers=headers, path=path)
        return await self._api.stat(path)

    async def upload(self, path: str, source: Path, size: int, conditions: Conditions) -> Node:
        """Write the first `size` bytes of a local file to `path`, in one request or by chunks."""
        if size <= self.chunk_size:
            body, sha1 = await _body(source, size)
            return await self._api.put(path, body, upload_headers(size, **conditions, sha1=sha1))
        address = await self.begin(size)
        for index, start in enumerate(range(0, size, self.chunk_size), start=1):
            length = min(self.chunk_size, size - start)
            await self.chunk(address, index, file_body(source, start, length), length)
        return await self.finish(address, path, size, **conditions)

    async def upload_bytes(self, path: str, data: bytes, conditions: Conditions) -> Node:
        """Write bytes to `path` in one request."""
        return await self._api.put(path, data, upload_headers(len(data), **conditions, sha1=_sha1(data)))

    async def cancel(self, upload: str) -> None:
        """Throw an unfinished upload away."""
        try:
            await self._caller.call("DELETE", upload)
        except errors.NotFound:
            return


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


async def _body(source: Path, size: int) -> tuple[Body, str]:
    """Return a body and its checksum; a large file has none, since it would have to be read twice."""
    if size > _SMALL:
        return file_body(source, 0, size), ""
    data = (await asyncio.to_thread(source.read_bytes))[:size]
    return data, _sha1(data)
