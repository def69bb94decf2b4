"""`cygnet://`: the person's tree for everything that speaks fsspec.

`cygnet://Examples/x.root` is `/Examples/x.root` in the tree of whoever is logged in; there is no host in the
address. Names and versions are not cached between calls, so what others change is seen at once; bytes of a
version are, on local disk.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import wait
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from fsspec.asyn import sync_wrapper
from fsspec.callbacks import DEFAULT_CALLBACK, Callback

from . import errors
from .base import BridgeFileSystem
from .client.api import ApiClient
from .client.caller import Caller
from .client.content import ContentReader
from .client.dav import DavClient
from .client.uploads import Conditions, Uploader
from .client.walk import make_folders
from .credentials import Basic, discover
from .files import CygnetFile
from .models import Node
from .rangecache import shared, small, through
from .ranges import RangesByFile, Slice, spans_of
from .transport import Transport

R = TypeVar("R")


def node_info(node: Node) -> dict[str, Any]:
    """Return a node as fsspec tells of files."""
    return {
        "name": node.path,
        "size": 0 if node.is_folder else node.size,
        "type": "directory" if node.is_folder else "file",
        "mtime": node.mtime,
        "etag": node.etag,
        "id": node.id,
        "permissions": node.permissions,
        "mimetype": node.mime,
    }


class CygnetFileSystem(RangesByFile, BridgeFileSystem):
    """The files of a person in the sync service.

    Args:
        url: address of the service; default: `CYGNET_URL`, then `cygnet login`.
        token_file: file with a bearer token; default: `CYGNET_TOKEN_FILE`.
        user: name for an app password.
        password: app password; without it the token file or the login is used.
        patience: for how many seconds a request is tried again while the service is away.
        transport: what carries the requests, for tests.
    """

    protocol = "cygnet"
    root_marker = "/"
    cachable = True
    file_class = CygnetFile

    def __init__(
        self,
        url: str | None = None,
        token_file: str | None = None,
        user: str | None = None,
        password: str | None = None,
        patience: float = 10.0,
        transport: Transport | None = None,
        asynchronous: bool = False,
        loop: asyncio.AbstractEventLoop | None = None,
        **storage_options: Any,
    ) -> None:
        super().__init__(asynchronous=asynchronous, loop=loop, use_listings_cache=False, **storage_options)
        credentials = Basic(user, password) if user and password else None
        endpoint = discover(url, token_file, credentials)
        self._user, self._address = endpoint.user, endpoint.url
        self.caller = Caller.to(endpoint, patience)
        if transport is not None:
            self.caller.transport = transport
        self.api = ApiClient(self.caller)
        self.contents = ContentReader(self.caller)
        self._uploads: Uploader | None = None
        if not asynchronous:
            weakref.finalize(self, _close, self.loop, self.caller)

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, list):
            return [cls._strip_protocol(one) for one in path]
        return "/" + os.fspath(path).removeprefix("cygnet://").strip("/")

    def unstrip_protocol(self, name: str) -> str:
        """Return the address of a path."""
        return f"cygnet://{self._strip_protocol(name).lstrip('/')}"

    async def uploader(self) -> Uploader:
        """Return what writes files; asks the service once who the caller is."""
        if self._uploads is None:
            user = self._user or (await self.api.me()).name
            self._uploads = Uploader(self.api, DavClient(self.caller, user), self.caller)
        return self._uploads

    async def node(self, path: str) -> Node:
        """Return what the service tells of a path."""
        return await self.api.stat(self._strip_protocol(path))

    async def _info(self, path: str, **_: Any) -> dict[str, Any]:
        return node_info(await self.node(path))

    async def _ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        node, children = await self.api.listing(self._strip_protocol(path))
        found = [node_info(child) for child in ([node] if children is None else children)]
        return found if detail else sorted(info["name"] for info in found)

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        if start is None and end is None:
            return await self.contents.whole(self._strip_protocol(path))
        return (await self._slices(path, [(start, end)]))[0]

    async def _slices(self, path: str, wanted: Sequence[Slice]) -> list[bytes]:
        """Return parts of a file as Python slices it; those read before on this machine are here."""
        path = self._strip_protocol(path)
        cache, name = shared(), f"{self._address} {path}"
        plain = [(start or 0, end) for start, end in wanted if end is not None and min(start or 0, end) >= 0]
        if len(plain) == len(wanted) and (cache is None or not await asyncio.to_thread(cache.knows, name)):
            found, etag = await self.contents.ranges_of(path, plain)
            if cache is not None and etag is not None and small(plain):
                pieces = [(start, part) for (start, _), part in zip(plain, found, strict=True)]
                await asyncio.to_thread(cache.write, name, etag, pieces)
            return found
        try:
            return await self._slices_of(name, await self.node(path), wanted)
        except errors.Changed:  # just now; the version that is there after that is what was asked for
            return await self._slices_of(name, await self.node(path), wanted)

    async def _slices_of(self, name: str, node: Node, wanted: Sequence[Slice]) -> list[bytes]:
        if node.is_folder:
            raise errors.FileExpected("This is a folder", node.path)

        async def fetch(missing: list[tuple[int, int]]) -> list[bytes]:
            return await self.contents.ranges(node.path, missing, node.etag)

        return await through(name, node.etag, spans_of(wanted, node.size), fetch)

    async def _pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        path, data = self._strip_protocol(path), bytes(value)
        conditions: Conditions = {"create": mode == "create"}
        uploader = await self.uploader()
        with errors.taken_if(mode == "create"):
            await self._in_folder(path, lambda: uploader.upload_bytes(path, data, conditions))

    async def _put_file(
        self, lpath: str, rpath: str, callback: Callback = DEFAULT_CALLBACK, mode: str = "overwrite", **_: Any
    ) -> None:
        path, source = self._strip_protocol(rpath), Path(lpath)
        if source.is_dir():
            await self._makedirs(path, exist_ok=True)
            return
        size = source.stat().st_size
        callback.set_size(size)
        uploader = await self.uploader()
        conditions: Conditions = {"create": mode == "create", "mtime": source.stat().st_mtime}
        with errors.taken_if(mode == "create"):
            await self._in_folder(path, lambda: uploader.upload(path, source, size, conditions))
        callback.absolute_update(size)

    async def _get_file(
        self, rpath: str, lpath: str, callback: Callback = DEFAULT_CALLBACK, **_: Any
    ) -> None:
        path = self._strip_protocol(rpath)
        node = await self.node(path)
        if node.is_folder:
            Path(lpath).mkdir(parents=True, exist_ok=True)
            return
        callback.set_size(node.size)
        target = Path(lpath)
        target.parent.mkdir(parents=True, exist_ok=True)
        with await asyncio.to_thread(target.open, "wb") as file:
            async with self.contents.open(path, etag=node.etag) as response:
                async for piece in response.chunks():
                    await asyncio.to_thread(file.write, piece)
                    callback.relative_update(len(piece))
            if file.tell() != node.size:
                raise errors.Unavailable("The service sent less than the file has", path)

    async def _in_folder(self, path: str, work: Callable[[], Awaitable[R]]) -> R:
        """Do something at `path`; if its folder is missing make that and do it again."""
        try:
            return await work()
        except errors.NotFound:
            # It may also exist by now, because another copy of the same batch has made it.
            await self._makedirs(self._parent(path), exist_ok=True)
        return await work()

    async def _cp_file(self, path1: str, path2: str, **_: Any) -> None:
        source, target = self._strip_protocol(path1), self._strip_protocol(path2)
        if (await self.node(source)).is_folder:
            await self._makedirs(target, exist_ok=True)
        else:
            await self._in_folder(target, lambda: self.api.copy(source, target, overwrite=True))

    async def _mv(self, path1: str, path2: str, **_: Any) -> None:
        """Move a file or a folder; into `path2` if that is a folder or ends with a slash."""
        source, target = self._strip_protocol(path1), self._strip_protocol(path2)
        if path2.endswith("/") or await self._isdir(target):
            target = f"{target.rstrip('/')}/{source.rpartition('/')[2]}"
        await self.node(source)  # a missing source must not leave new folders behind
        await self._in_folder(target, lambda: self.api.move(source, target, overwrite=True))

    mv = sync_wrapper(_mv)
    move = mv
    rename = mv

    async def _mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        path = self._strip_protocol(path)
        if create_parents and self._parent(path) != path:
            await self._makedirs(self._parent(path), exist_ok=True)
        await self.api.mkdir(path)

    async def _makedirs(self, path: str, exist_ok: bool = False) -> None:
        path = self._strip_protocol(path)
        if path == "/":
            return
        if not exist_ok and await self._exists(path):
            raise errors.AlreadyExists("There is something with this name already", path)
        await make_folders(self.api, path)

    async def _rmdir(self, path: str) -> None:
        path = self._strip_protocol(path)
        node, children = await self.api.listing(path)
        if not node.is_folder:
            raise errors.FolderExpected("This is a file", path)
        if children:
            raise errors.NotEmpty("The folder still has something in it", path)
        await self.api.delete([path])

    rmdir = sync_wrapper(_rmdir)

    async def _rm_file(self, path: str, **_: Any) -> None:
        path = self._strip_protocol(path)
        if (await self.node(path)).is_folder:
            raise errors.FileExpected("This is a folder", path)
        await self.api.delete([path])

    async def _rm(
        self, path: str | list[str], recursive: bool = False, batch_size: int | None = None, **_: Any
    ) -> None:
        """Delete; a folder with all in it goes in one request."""
        for one in await self._expand_path(path, recursive=False):
            node, children = await self.api.listing(one)
            if node.is_folder and children and not recursive:
                raise errors.NotEmpty("The folder still has something in it", one)
            await self.api.delete([one])

    async def _touch(self, path: str, truncate: bool = True, **_: Any) -> None:
        if truncate or not await self._exists(path):
            await self._pipe_file(path, b"")
            return
        dav = (await self.uploader()).dav
        await dav.set_mtime(self._strip_protocol(path), datetime.now(UTC).timestamp())

    touch = sync_wrapper(_touch)

    def ukey(self, path: str) -> str:
        """Return what changes with the contents of a file."""
        info = self.info(path)
        return f"{info['id']}-{info['etag']}"


def _close(loop: asyncio.AbstractEventLoop | None, caller: Caller) -> None:
    """Close the connections; the garbage collector may come here in any thread, also in that of the loop."""
    if loop is not None and loop.is_running():
        closing = asyncio.run_coroutine_threadsafe(caller.close(), loop)
        if asyncio._get_running_loop() is not loop:
            wait([closing], timeout=1)
