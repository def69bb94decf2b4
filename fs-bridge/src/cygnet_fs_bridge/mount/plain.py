"""Any fsspec filesystem as the place that a mount shows: S3, XRootD, HTTP, a folder of this machine.

Such a store has no changes feed and no conditions on writes: what others do shows after some seconds, and a
file that somebody else replaced is noticed just before it would be written over.
"""

from __future__ import annotations

import asyncio
import functools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import fsspec
from fsspec.implementations.http import HTTPFileSystem

from .. import errors
from ..base import changed_at
from ..client.feed import FeedItem
from ..models import Node, Owner, Quota
from .foreign import as_service_error
from .store import Upload

_READ_ONLY, _WRITABLE = "G", "GDNVWCK"
_PIECE = 8 << 20  # most bytes of one request
_AT_ONCE = 8
_SLOWEST = 1e6  # bytes a second: who takes less is away
# What keeps objects by name: a folder is there as long as something is in it.
_OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "oss"}


@dataclass(frozen=True)
class Address:
    """What to mount.

    Args:
        url: any address of fsspec; the mount shows what is at it and below.
        options: options of the filesystem, such as `endpoint_url` and keys.
        read_only: whether nothing may be changed.
    """

    url: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    read_only: bool = False


def open_store(address: Address, patience: float) -> PlainStore:
    """Return the store that an address names.

    Args:
        address: its address.
        patience: seconds that one call may take; writes have a second more for each megabyte.

    Raises:
        NotConfigured: there is no such kind of store, or it cannot be mounted.
    """
    url = address.url
    if url.partition(":")[0] == "memory":
        raise errors.NotConfigured("memory:// is empty in every process: there is nothing to mount")
    try:
        fs, base = fsspec.url_to_fs(url, **{**address.options, "skip_instance_cache": True})
    except (ValueError, ImportError, TypeError) as error:
        raise errors.NotConfigured(f"{url} cannot be mounted: {error}") from error
    fs.dircache.use_listings_cache = False
    kind = WebStore if isinstance(fs, HTTPFileSystem) else PlainStore
    return kind(fs, base.rstrip("/"), patience, address.read_only)


class PlainStore:
    """A store of fsspec, below one path of it.

    Args:
        fs: the filesystem.
        base: the path, without a slash at its end.
        patience: seconds that one call may take.
        read_only: whether nothing may be changed.
    """

    feed = False
    batches = False
    keeps_identity = False
    lifetime = 5.0

    def __init__(
        self, fs: fsspec.AbstractFileSystem, base: str, patience: float, read_only: bool = False
    ) -> None:
        self._fs, self._base, self._patience = fs, base, patience
        self._permissions = _READ_ONLY if read_only else _WRITABLE
        self._turns = asyncio.Semaphore(_AT_ONCE)
        names = {fs.protocol} if isinstance(fs.protocol, str) else set(fs.protocol)
        self._folders_vanish = bool(names & _OBJECT_STORES)
        self._replaces = fs.async_impl or "file" in names  # others refuse to move over a file
        self._kept: set[str] = set()  # folders that are to be there though nothing is in them
        self._ours: Counter[str] = Counter()  # our own changes of files, which a store's clock may not tell

    def _at(self, path: str) -> str:
        return self._base + path.rstrip("/") or "/"

    def _path(self, name: str) -> str:
        return "/" + str(name).removeprefix(self._base).strip("/")

    async def _ask(self, method: str, path: str, *args: Any, size: int = 0, **options: Any) -> Any:
        """Call the filesystem with a limit, and raise its errors as those of a service."""
        try:
            async with asyncio.timeout(self._patience + size / _SLOWEST):
                return await self._call(method, *args, **options)
        # Each filesystem has errors of its own; what one means is decided in one place.
        except Exception as error:
            raise as_service_error(error, path) from error

    def _call(self, method: str, *args: Any, **options: Any) -> Awaitable[Any]:
        coroutine = getattr(self._fs, f"_{method}", None) if self._fs.async_impl else None
        if coroutine is None:
            return asyncio.to_thread(functools.partial(getattr(self._fs, method), *args, **options))
        # Its sessions belong to the loop of fsspec, which runs in a thread of its own.
        running = asyncio.run_coroutine_threadsafe(coroutine(*args, **options), self._fs.loop)
        return asyncio.wrap_future(running)

    async def _info(self, path: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = await self._ask("info", path, self._at(path))
        return found

    async def _children(self, path: str) -> list[Mapping[str, Any]]:
        found = await self._ask("ls", path, self._at(path), detail=True)
        return [one for one in found if self._path(one["name"]) != path]

    def _node(self, path: str, info: Mapping[str, Any]) -> Node:
        folder = info["type"] == "directory"
        changed, size = changed_at(info), 0 if folder else int(info.get("size") or 0)
        mark = info.get("id") or info.get("ino") or ""
        tag = info.get("ETag") or info.get("etag") or f"{mark}-{changed}-{size}-{self._ours[path]}"
        return Node(
            id=self._at(path),
            name=path.rpartition("/")[2],
            path=path,
            kind="folder" if folder else "file",
            size=size,
            mtime=changed or 0.0,
            etag=str(tag),
            permissions=self._permissions,
            owner=Owner("", ""),
        )

    def _folder(self, path: str) -> Node:
        return self._node(path, {"type": "directory"})

    @property
    def root(self) -> Node:
        """The top folder, as far as it is known without asking."""
        return self._folder("/")

    async def listing(self, path: str) -> tuple[Node, list[Node] | None]:
        """Return what lies at `path`, with the children of a folder."""
        node = await self._stat(path)
        if not node.is_folder:
            return node, None
        try:
            found = {self._path(one["name"]): one for one in await self._children(path)}
        except errors.NotFound:
            if path != "/" and path not in self._kept:
                raise
            found = {}
        nodes = [self._node(name, info) for name, info in found.items()]
        kept = [self._folder(one) for one in self._kept if _parent(one) == path and one not in found]
        return node, nodes + kept

    async def _stat(self, path: str) -> Node:
        if path == "/":
            return self.root
        try:
            return self._node(path, await self._info(path))
        except errors.NotFound:
            if path not in self._kept:
                raise
            return self._folder(path)

    @asynccontextmanager
    async def read(self, path: str, start: int, end: int, etag: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give the bytes from `start` up to `end`, if it is still the version `etag`."""
        yield self._pieces(path, start, end, etag)

    async def _pieces(self, path: str, start: int, end: int, etag: str) -> AsyncIterator[bytes]:
        for at in range(start, end, _PIECE):
            until = min(at + _PIECE, end)
            # Both at once: a store has no reads on a condition, and nobody waits for the question alone.
            data, now = await asyncio.gather(
                self._ask("cat_file", path, self._at(path), start=at, end=until, size=until - at),
                self._stat(path),
            )
            if now.etag != etag or len(data) != until - at:
                raise errors.Changed("Somebody else changed it in the meantime", path)
            yield data

    async def write(self, path: str, upload: Upload) -> Node:
        """Make a local file the contents of `path`, unless somebody else has changed what is there."""
        there = await self._present(path)
        if there is not None and there.etag != upload.base:
            if there.is_folder or not await self._same(there, upload):
                raise errors.Changed("Somebody else changed it in the meantime", path)
            return there  # an answer that got lost: it is written already
        if isinstance(upload.source, bytes):
            await self._ask("pipe_file", path, self._at(path), upload.source, size=upload.size)
        else:
            await self._ask("put_file", path, str(upload.source), self._at(path), size=upload.size)
        self._ours[path] += 1
        return await self._stat(path)

    async def _present(self, path: str) -> Node | None:
        try:
            return await self._stat(path)
        except errors.NotFound:
            return None

    async def _same(self, there: Node, upload: Upload) -> bool:
        """Whether a file has the contents of an upload already."""
        if there.size != upload.size:
            return False
        source = upload.source if isinstance(upload.source, Path) else None
        at = 0
        async for piece in self._pieces(there.path, 0, there.size, there.etag):
            own = _part(source, at, len(piece)) if source else bytes(upload.source)[at : at + len(piece)]
            if own != piece:
                return False
            at += len(piece)
        return True

    async def write_many(self, uploads: Sequence[tuple[str, Upload]]) -> list[Node | errors.ServiceError]:
        """Write small files, some at a time."""
        return list(await asyncio.gather(*(self._write_one(path, upload) for path, upload in uploads)))

    async def _write_one(self, path: str, upload: Upload) -> Node | errors.ServiceError:
        async with self._turns:
            try:
                return await self.write(path, upload)
            except errors.ServiceError as error:
                return error

    async def read_many(self, paths: Sequence[str], largest: int) -> list[tuple[Node, bytes | None]]:
        """Refuse: each file is a request of its own."""
        raise errors.Unsupported("The store has no batches")

    async def mkdir(self, path: str) -> Node:
        """Make a folder; where folders come and go with what is in them, it is kept in memory."""
        if self._folders_vanish and "/" in self._at(path).strip("/"):  # not a bucket
            self._kept.add(path)
            return self._folder(path)
        await self._ask("mkdir", path, self._at(path), create_parents=False)
        return await self._stat(path)

    async def move(self, source: str, destination: str, overwrite: bool) -> Node:
        """Rename or move; where a store cannot, copy and delete."""
        node = await self._stat(source)
        if overwrite and (node.is_folder or not self._replaces):
            await self.delete(destination)
        if not self._fs.async_impl:
            await self._ask("mv", source, self._at(source), self._at(destination), recursive=True)
        elif hasattr(self._fs, "_mv"):
            await self._ask("mv", source, self._at(source), self._at(destination))
        else:
            await self._copy(node, destination)
            await self.delete(source)
        self._emptied(source)
        self._ours[destination] += 1
        return await self._stat(destination)

    async def _copy(self, node: Node, destination: str) -> None:
        if not node.is_folder:
            await self._ask("cp_file", node.path, self._at(node.path), self._at(destination), size=node.size)
            return
        _, children = await self.listing(node.path)
        self._kept.add(destination)
        for child in children or ():
            await self._copy(child, f"{destination}/{child.name}")

    async def delete_many(self, etags: Mapping[str, str | None]) -> dict[str, errors.ServiceError]:
        """Refuse: each removal is a request of its own."""
        raise errors.Unsupported("The store has no batches")

    async def delete(self, path: str) -> None:
        """Delete a file or a folder."""
        node = await self._stat(path)
        try:
            if node.is_folder:
                await self._ask("rm", path, self._at(path), recursive=True)
            else:
                await self._ask("rm_file", path, self._at(path))
        except errors.NotFound:
            if path not in self._kept:
                raise
        self._kept = {one for one in self._kept if one != path and not one.startswith(f"{path}/")}
        self._emptied(path)

    def _emptied(self, path: str) -> None:
        """Keep the folder of what went away: nobody has removed that."""
        if self._folders_vanish and (folder := _parent(path)) != "/":
            self._kept.add(folder)

    async def set_mtime(self, path: str, mtime: float) -> None:
        """Refuse: stores set the time by themselves."""
        raise errors.Unsupported("The store keeps no time stamps of ours")

    async def quota(self) -> Quota:
        """Return that nothing is known of a limit."""
        return Quota(0)

    async def changes(self) -> AsyncIterator[FeedItem]:
        """Give nothing."""
        return
        yield

    async def close(self) -> None:
        """Do nothing: the connections end with the process."""


class WebStore(PlainStore):
    """What an HTTP server lists; read only. A folder is what a page links to with a slash at its end."""

    def __init__(self, fs: HTTPFileSystem, base: str, patience: float, read_only: bool = True) -> None:
        super().__init__(fs, base, patience, read_only=True)
        self._known = {"/"}

    def _at(self, path: str) -> str:
        ending = "/" if path in self._known and path != "/" else ""
        return self._base + quote(path) + ending

    def _path(self, name: str) -> str:
        return unquote(super()._path(name))

    async def _info(self, path: str) -> Mapping[str, Any]:
        return {"type": "directory"} if path in self._known else await super()._info(path)

    async def _children(self, path: str) -> list[Mapping[str, Any]]:
        """List a page; sizes are asked for, because a page does not tell them."""
        found = [one for one in await super()._children(path) if _parent(self._path(one["name"])) == path]
        self._known |= {self._path(one["name"]) for one in found if str(one["name"]).endswith("/")}
        return list(await asyncio.gather(*(self._told(one["name"]) for one in found)))

    async def _told(self, name: str) -> Mapping[str, Any]:
        async with self._turns:
            try:
                return {**await self._info(self._path(name)), "name": name}
            except (errors.NotFound, errors.Forbidden):
                return {"type": "file", "size": 0, "name": name}


def _parent(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _part(file: Path, at: int, size: int) -> bytes:
    with file.open("rb") as source:
        source.seek(at)
        return source.read(size)
