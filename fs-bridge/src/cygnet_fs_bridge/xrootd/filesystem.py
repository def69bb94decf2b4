"""`root://host:port//path` for fsspec: any XRootD server or redirector.

Nothing is cached between calls. A file appears as a whole: it is written under a name of its own beside the
place and then moved there.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fsspec.asyn import sync_wrapper
from fsspec.callbacks import DEFAULT_CALLBACK, Callback

from .. import errors
from ..base import BridgeFileSystem
from ..rangecache import through
from ..ranges import RangesByFile, Slice, spans_of
from ..session_stores import store_of, with_options
from .client import CHUNK, OpenFile, Server, draft_name, library, reading
from .file import XRootDFile
from .listing import Folders

_MODE = 0o644
_FOLDER_MODE = 0o755
_NAMES = re.compile(r"[^?\r\n]*")  # what follows a ? is no part of a name
_LISTS = 8  # folders that are listed or emptied at a time


class XRootDFileSystem(RangesByFile, BridgeFileSystem):
    """The files of one XRootD server or redirector.

    Args:
        hostid: host and port, such as `eospublic.cern.ch:1094`; a user may stand before it with an `@`.
        scheme: `root`, or `roots` for an encrypted connection.
        timeout: seconds that one request may take; a server that sends nothing for 5 s is given up earlier.
        token_file: file with a bearer token; default: that of `store`, then what `BEARER_TOKEN` or
            `BEARER_TOKEN_FILE` says.
        store: name of the session's store whose token is meant; that of the address is found without it.
    """

    protocol = ("root", "roots", "xroot")
    root_marker = "/"
    cachable = True
    file_class = XRootDFile

    def __init__(
        self,
        hostid: str,
        scheme: str = "root",
        timeout: int = 60,
        token_file: str = "",
        store: str = "",
        asynchronous: bool = False,
        loop: asyncio.AbstractEventLoop | None = None,
        **storage_options: Any,
    ) -> None:
        super().__init__(asynchronous=asynchronous, loop=loop, use_listings_cache=False, **storage_options)
        token_file = token_file or with_options(store, {}).get("token_file", "")
        self.server = Server(f"{scheme}://{hostid}", int(timeout), token_file)
        self._flags = library().flags
        self._remote = library().FileSystem(self.server.url("/"))
        self._folders = Folders(self.server)

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, str]:
        scheme, found, rest = str(path).partition("://")
        if not found:
            return {}
        secure = {"scheme": scheme} if scheme == "roots" else {}
        return {"hostid": rest.partition("/")[0], **secure, **store_of(path)}

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, list):
            return [cls._strip_protocol(one) for one in path]
        text = os.fspath(path)
        scheme, found, rest = text.partition("://")
        if found and scheme in cls.protocol:
            text = rest.partition("/")[2]
        return "/" + text.strip("/")

    def _changed(self, path: str) -> str:
        """Return a path below which something is changed.

        Raises:
            InvalidRequest: XRootD would take it for another one, or could never list it again.
        """
        path = self._strip_protocol(path)
        if not _NAMES.fullmatch(path):
            raise errors.InvalidRequest("XRootD has no names with ? or a line break", path)
        return path

    def unstrip_protocol(self, name: str) -> str:
        """Return the address of a path, with host and port."""
        return f"{self.server.address}/{self._strip_protocol(name)}"

    async def _ask(self, function: Any, *args: Any, path: str) -> Any:
        return await self.server.call(function, *args, path=path)

    def _told(self, path: str, stat: Any) -> dict[str, Any]:
        folder = bool(stat.flags & self._flags.StatInfoFlags.IS_DIR)
        return {
            "name": path,
            "size": 0 if folder else int(stat.size),
            "type": "directory" if folder else "file",
            "mtime": float(stat.mtime),
            "id": str(stat.id),
        }

    async def _info(self, path: str, **_: Any) -> dict[str, Any]:
        path = self._strip_protocol(path)
        return self._told(path, await self._ask(self._remote.stat, path, path=path))

    async def _ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        path = self._strip_protocol(path)
        try:
            found = await self._children(path)
        except (errors.NotFound, errors.FolderExpected):
            info = await self._info(path)  # servers call a file a folder that is not there
            if info["type"] == "directory":
                raise
            found = [info]
        return found if detail else sorted(info["name"] for info in found)

    async def _children(self, path: str) -> list[dict[str, Any]]:
        listed = await self._folders.entries(path)
        base = path.rstrip("/")
        # Between reading the names and asking for each, a file may go: it comes without its attributes.
        return [self._told(f"{base}/{one.name}", one.statinfo) for one in listed if one.statinfo is not None]

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        return (await self._slices(path, [(start, end)]))[0]

    async def _slices(self, path: str, wanted: Sequence[Slice]) -> list[bytes]:
        """Read parts of one file as Python slices it, by vector reads."""
        path = self._strip_protocol(path)
        async with reading(self.server, path) as file:
            size, version = await file.version()
            address, spans = f"{self.server.address}/{path}", spans_of(wanted, size)
            return await through(address, version, spans, lambda missing: _parts(file, missing))

    @asynccontextmanager
    async def _writing(self, path: str, mode: str) -> AsyncIterator[OpenFile]:
        """Give a new file that becomes the one at `path` when the block ends well."""
        claimed = mode == "create"
        if claimed:
            await self._claim(path)
        draft = draft_name(path)
        try:
            file = await self.create(draft)
            try:
                yield file
                await file.close()
            except BaseException:
                file.drop()
                raise
            await self.rename_file(draft, path)
        except BaseException:
            await self._forget(draft)
            if claimed:
                await self._forget(path)
            raise

    async def create(self, path: str) -> OpenFile:
        """Make a file that must not exist, and folders above it; give it open for writing."""
        flags = self._flags.OpenFlags
        how = flags.NEW | flags.UPDATE | flags.MAKEPATH
        return await OpenFile.open(self.server, self._changed(path), how, _MODE)

    async def rename_file(self, source: str, target: str) -> None:
        """Move a file over whatever file is at the target."""
        await self._ask(self._remote.mv, self._changed(source), self._changed(target), path=target)

    async def _claim(self, path: str) -> None:
        await (await self.create(path)).close()

    async def _forget(self, path: str) -> None:
        """Delete what an attempt that failed has left; its own error is the one to tell."""
        try:
            await self._ask(self._remote.rm, path, path=path)
        except errors.ServiceError:
            return

    async def _pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        async with self._writing(self._strip_protocol(path), mode) as file:
            await file.write(bytes(value), 0)

    async def _put_file(
        self, lpath: str, rpath: str, callback: Callback = DEFAULT_CALLBACK, mode: str = "overwrite", **_: Any
    ) -> None:
        path, source = self._strip_protocol(rpath), Path(lpath)
        if source.is_dir():
            await self._makedirs(path, exist_ok=True)
            return
        callback.set_size(source.stat().st_size)
        with await asyncio.to_thread(source.open, "rb") as local:
            async with self._writing(path, mode) as file:
                at = 0
                while part := await asyncio.to_thread(local.read, CHUNK):
                    await file.write(part, at)
                    at += len(part)
                    callback.absolute_update(at)

    async def _get_file(
        self, rpath: str, lpath: str, callback: Callback = DEFAULT_CALLBACK, **_: Any
    ) -> None:
        path, target = self._strip_protocol(rpath), Path(lpath)
        if (await self._info(path))["type"] == "directory":
            target.mkdir(parents=True, exist_ok=True)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        async with reading(self.server, path) as file:
            size = await file.size()
            callback.set_size(size)
            with await asyncio.to_thread(target.open, "wb") as local:
                for at in range(0, size, CHUNK):
                    part = await _exactly(file, at, min(CHUNK, size - at), path)
                    await asyncio.to_thread(local.write, part)
                    callback.relative_update(len(part))

    async def _cp_file(self, path1: str, path2: str, **_: Any) -> None:
        source, target = self._strip_protocol(path1), self._strip_protocol(path2)
        if (await self._info(source))["type"] == "directory":
            await self._makedirs(target, exist_ok=True)
            return
        async with reading(self.server, source) as read:
            size = await read.size()
            async with self._writing(target, "overwrite") as written:
                for at in range(0, size, CHUNK):
                    await written.write(await _exactly(read, at, min(CHUNK, size - at), source), at)

    async def _mv(self, path1: str, path2: str, **_: Any) -> None:
        """Move a file or a folder; into `path2` if that is a folder or ends with a slash."""
        source, target = self._strip_protocol(path1), self._strip_protocol(path2)
        if path2.endswith("/") or await self._isdir(target):
            target = f"{target.rstrip('/')}/{source.rpartition('/')[2]}"
        await self._ask(self._remote.mv, self._changed(source), self._changed(target), path=source)

    mv = sync_wrapper(_mv)
    move = mv
    rename = mv

    async def _mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        path = self._changed(path)
        if create_parents:
            await self._makedirs(path)
            return
        if await self._exists(path):  # some servers say yes to this
            raise errors.AlreadyExists("There is something with this name already", path)
        await self._ask(self._remote.mkdir, path, 0, _FOLDER_MODE, path=path)

    async def _makedirs(self, path: str, exist_ok: bool = False) -> None:
        path = self._changed(path)
        try:
            info = await self._info(path)
        except errors.NotFound:
            how = self._flags.MkDirFlags.MAKEPATH
            await self._ask(self._remote.mkdir, path, how, _FOLDER_MODE, path=path)
            return
        if not exist_ok or info["type"] == "file":  # the server would say yes to both
            raise errors.AlreadyExists("There is something with this name already", path)

    async def _rmdir(self, path: str) -> None:
        path = self._changed(path)
        await self._ask(self._remote.rmdir, path, path=path)

    rmdir = sync_wrapper(_rmdir)

    async def _rm_file(self, path: str, **_: Any) -> None:
        path = self._changed(path)
        if (await self._info(path))["type"] == "directory":  # servers delete empty folders by this too
            raise errors.FileExpected("This is a folder", path)
        await self._ask(self._remote.rm, path, path=path)

    async def _rm(
        self, path: str | list[str], recursive: bool = False, batch_size: int | None = None, **_: Any
    ) -> None:
        gate = asyncio.Semaphore(batch_size or _LISTS)
        for one in await self._expand_path(path, recursive=False):
            if (await self._info(one))["type"] == "file":
                await self._rm_file(one)
            elif recursive:
                await self._empty(one, gate)
            else:
                await self._rmdir(one)

    async def _empty(self, path: str, gate: asyncio.Semaphore) -> None:
        """Delete a folder with all in it, deepest first."""
        async with gate:
            children = await self._children(path)
        folders = [child["name"] for child in children if child["type"] == "directory"]
        await asyncio.gather(*(self._empty(folder, gate) for folder in folders))
        async with gate:
            for child in children:
                if child["type"] == "file":
                    await self._ask(self._remote.rm, child["name"], path=child["name"])
            await self._rmdir(path)

    async def _touch(self, path: str, truncate: bool = True, **_: Any) -> None:
        if truncate or not await self._exists(path):
            await self._pipe_file(path, b"")

    touch = sync_wrapper(_touch)

    async def _digest(self, path: str) -> tuple[str, str]:
        path = self._strip_protocol(path)
        answer = await self._ask(self._remote.query, self._flags.QueryCode.CHECKSUM, path, path=path)
        kind, _, digest = answer.decode().rstrip("\0\n ").partition(" ")
        return kind, digest

    digest = sync_wrapper(_digest)
    digest.__doc__ = (
        "Return the kind of checksum that the server has of a file, and the checksum in hexadecimal."
    )

    def ukey(self, path: str) -> str:
        """Return what changes when the file is replaced or written to."""
        info = self.info(path)
        return f"{info['id']}-{info['mtime']:.0f}-{info['size']}"


async def _exactly(file: OpenFile, at: int, size: int, path: str) -> bytes:
    part = await file.read(at, size)
    if len(part) != size:
        raise errors.Changed("The file became shorter while it was read", path)
    return part


async def _parts(file: OpenFile, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    if len(ranges) == 1:
        start, end = ranges[0]
        return [await file.read(start, end - start)]
    return await file.read_vector(ranges)
