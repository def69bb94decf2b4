"""`fixed://NAME/path` for fsspec: the stores of a table as one, with replicas, quorum and failover.

A file is written once: replacing or deleting it needs every store that may hold a replica, since one that is
away would come back with the old contents. Reading needs one replica.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from fsspec.asyn import sync_wrapper
from fsspec.callbacks import DEFAULT_CALLBACK, Callback

from .. import errors
from ..base import BridgeFileSystem
from ..ranges import RangesByFile, Slice
from .file import FixedFile
from .node import AllFailed, Node, definite, first
from .placement import Epoch, Place, Table, find, load

R = TypeVar("R")


class FixedFileSystem(RangesByFile, BridgeFileSystem):
    """The files of a table of epochs.

    Args:
        name: name of the table; it comes first in the address.
        table: file of the table; default: looked for by its name (see `placement.find`).
        hedge: seconds of silence after which the next replica is asked too.
        limit: seconds that one call of a store may take; writes have a second more for each megabyte.
    """

    protocol = "fixed"
    root_marker = "/"
    cachable = True
    file_class = FixedFile

    def __init__(
        self,
        name: str,
        table: str | os.PathLike[str] | None = None,
        hedge: float = 0.5,
        limit: float = 30.0,
        asynchronous: bool = False,
        loop: asyncio.AbstractEventLoop | None = None,
        **storage_options: Any,
    ) -> None:
        super().__init__(asynchronous=asynchronous, loop=loop, use_listings_cache=False, **storage_options)
        self._name, self._hedge, self._limit = name, hedge, limit
        self._file = Path(table) if table else find(name)
        self._stamp: tuple[int, int] | None = None
        self._nodes: dict[tuple[str, str, str], Node] = {}
        self.table()

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, str]:
        _, found, rest = str(path).partition("://")
        return {"name": rest.partition("/")[0]} if found else {}

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, list):
            return [cls._strip_protocol(one) for one in path]
        text = os.fspath(path)
        if text.startswith("fixed://"):
            text = text.removeprefix("fixed://").partition("/")[2]
        return "/" + "/".join(filter(None, text.split("/")))

    def unstrip_protocol(self, name: str) -> str:
        """Return the address of a path, with the name of the table."""
        return f"fixed://{self._name}{self._strip_protocol(name)}"

    def table(self) -> Table:
        """Return the table; read anew when its file has changed."""
        stat = self._file.stat()
        stamp = (stat.st_ino, stat.st_mtime_ns)
        if stamp != self._stamp:
            self._table, self._stamp = load(self._file), stamp
        return self._table

    def node(self, place: Place) -> Node:
        """Return the store of a place."""
        key = (place.name, place.url, repr(place.options))
        if key not in self._nodes:
            self._nodes[key] = Node(place, self._limit)
        return self._nodes[key]

    def nodes(self, epochs: Iterable[Epoch]) -> list[Node]:
        """Return the stores of some epochs, each once."""
        return list(dict.fromkeys(self.node(place) for epoch in epochs for place in epoch.places))

    def owners(self, path: str) -> list[Node]:
        """Return the stores that have to hold a file, in the order in which they are asked."""
        path = self._strip_protocol(path)
        return [self.node(place) for place in self.table().epoch(path).owners(path)]

    async def _read(self, path: str, ask: Callable[[Node], Awaitable[R]]) -> R:
        """Ask the replicas of a path one after another; then the other nodes, where it may still lie.

        After a cluster has grown, a file is at its old place until it is moved.
        """
        epoch = self.table().epoch(path)
        ranked = [self.node(place) for place in epoch.ranked(path)]
        owners, others = ranked[: epoch.replicas], ranked[epoch.replicas :]
        try:
            return await first(_trusted_first(owners), ask, self._hedge)
        except AllFailed as failed:
            told = failed.told
        try:
            return await first(_trusted_first(others), ask, self._hedge)
        except AllFailed:
            raise _verdict(epoch, path, told) from None

    async def replica(self, path: str) -> Node:
        """Return a store that has a file and answers.

        Raises:
            OSError: there is no such file, or no replica is there.
        """
        path = self._strip_protocol(path)

        async def ask(node: Node) -> Node:
            if (await node.info(path))["type"] == "directory":
                raise errors.FileExpected("This is a folder", path)
            return node

        return await self._read(path, ask)

    async def _info(self, path: str, **_: Any) -> dict[str, Any]:
        path = self._strip_protocol(path)
        if path == "/":
            return {"name": path, "size": 0, "type": "directory"}
        epochs = self.table().epochs_below(path)
        try:
            return await self._read(path, lambda node: node.info(path))
        except FileNotFoundError:
            # A folder may lie only in the clusters of other epochs.
            own = self.table().epoch(path)
            others = self.nodes(epoch for epoch in epochs if epoch is not own)
            for found in await asyncio.gather(*(node.info(path) for node in others), return_exceptions=True):
                if isinstance(found, dict) and found["type"] == "directory":
                    return found
            raise

    async def _ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        path = self._strip_protocol(path)
        found = await self.merged(path)
        if not found:
            info = await self._info(path)  # an empty folder, a file, or nothing
            found = {path: info} if info["type"] != "directory" else {}
        return [found[name] for name in sorted(found)] if detail else sorted(found)

    async def merged(self, path: str) -> dict[str, dict[str, Any]]:
        """Return what is in a folder, of all stores together.

        Raises:
            Unavailable: so many stores are away that something might be missing.
        """
        epochs = self.table().epochs_below(path)
        nodes = self.nodes(epochs)
        answers = await asyncio.gather(*(node.children(path) for node in nodes), return_exceptions=True)
        told = dict(zip(nodes, answers, strict=True))
        for epoch in epochs:
            away = [
                answer for answer in map(told.get, self.nodes([epoch])) if isinstance(answer, BaseException)
            ]
            if len(away) >= epoch.quorum:
                raise away[0]
        found: dict[str, dict[str, Any]] = {}
        for answer in answers:
            for info in answer if isinstance(answer, list) else ():
                found.setdefault(info["name"], info)
        return found

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        path = self._strip_protocol(path)
        return await self._read(
            path, lambda node: node.ask(node.store._cat_file(node.at(path), start=start, end=end), path)
        )

    async def _slices(self, path: str, wanted: Sequence[Slice]) -> list[bytes]:
        """Read parts of one file in one call of one store."""
        path = self._strip_protocol(path)
        starts, ends = [start for start, _ in wanted], [end for _, end in wanted]

        def ask(node: Node) -> Awaitable[list[bytes]]:
            names = [node.at(path)] * len(wanted)
            return node.ask(node.store._cat_ranges(names, starts, ends, on_error="raise"), path)

        return await self._read(path, ask)

    async def _get_file(
        self, rpath: str, lpath: str, callback: Callback = DEFAULT_CALLBACK, **_: Any
    ) -> None:
        path = self._strip_protocol(rpath)
        info = await self._info(path)
        if info["type"] == "directory":
            Path(lpath).mkdir(parents=True, exist_ok=True)
            return
        Path(lpath).parent.mkdir(parents=True, exist_ok=True)
        callback.set_size(info["size"])
        with await asyncio.to_thread(Path(lpath).open, "wb") as file:
            at = 0
            while part := await self._cat_file(path, at, at + FixedFile.DEFAULT_BLOCK_SIZE):
                await asyncio.to_thread(file.write, part)
                at += len(part)
                callback.absolute_update(at)
        if at != info["size"]:
            raise errors.Changed("The file changed while it was read", path)

    async def _write(
        self, path: str, put: Callable[[Any, str], Awaitable[Any]], size: int, mode: str = "overwrite"
    ) -> None:
        """Write all replicas; a new file needs a quorum of them, a replaced one all."""
        epoch, owners = self.table().epoch(path), self.owners(path)
        there = await asyncio.gather(*(node.info(path) for node in owners), return_exceptions=True)
        present = [info for info in there if isinstance(info, dict)]
        away = [error for error in there if isinstance(error, BaseException) and not definite(error)]
        if any(info["type"] == "directory" for info in present):
            raise errors.FileExpected("This is a folder", path)
        if present and mode == "create":
            raise errors.AlreadyExists("There is something with this name already", path)
        needed = epoch.replicas if present else epoch.quorum
        if len(owners) - len(away) < needed:
            raise away[0]
        wanted = [node for node, told in zip(owners, there, strict=True) if told not in away]
        done = await asyncio.gather(*(node.write(path, put, size) for node in wanted), return_exceptions=True)
        failed = [error for error in done if error is not None]
        if len(wanted) - len(failed) >= needed:
            return
        if not present:
            await asyncio.gather(*(node.remove(path) for node in wanted), return_exceptions=True)
        raise failed[0]

    async def _pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        path, data = self._strip_protocol(path), bytes(value)
        await self._write(path, lambda store, name: store._pipe_file(name, data), len(data), mode)

    async def _put_file(
        self, lpath: str, rpath: str, callback: Callback = DEFAULT_CALLBACK, mode: str = "overwrite", **_: Any
    ) -> None:
        path, source = self._strip_protocol(rpath), Path(lpath)
        if source.is_dir():
            await self._makedirs(path, exist_ok=True)
            return
        size = source.stat().st_size
        callback.set_size(size)
        await self._write(path, lambda store, name: store._put_file(str(source), name), size, mode)
        callback.absolute_update(size)

    async def _cp_file(self, path1: str, path2: str, **_: Any) -> None:
        source, target = self._strip_protocol(path1), self._strip_protocol(path2)
        if (await self._info(source))["type"] == "directory":
            await self._makedirs(target, exist_ok=True)
            return
        with tempfile.TemporaryDirectory(prefix="cygnet-fixed-") as folder:
            await self._get_file(source, f"{folder}/copy")
            await self._put_file(f"{folder}/copy", target)

    async def _everywhere(self, path: str, ask: Callable[[Node], Awaitable[Any]]) -> list[Any]:
        """Do something in all stores that may have something below a path; each has to answer."""
        nodes = self.nodes(self.table().epochs_below(path))
        answers = await asyncio.gather(*(ask(node) for node in nodes), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not definite(answer):
                raise answer
        return list(answers)

    async def _mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        path = self._strip_protocol(path)
        if await self._exists(path):
            raise errors.AlreadyExists("There is something with this name already", path)
        if not create_parents and not await self._exists(self._parent(path)):
            raise errors.NotFound("There is no such folder", self._parent(path))
        await self._makedirs(path, exist_ok=True)

    async def _makedirs(self, path: str, exist_ok: bool = False) -> None:
        path = self._strip_protocol(path)
        if await self._exists(path):
            if not exist_ok or not await self._isdir(path):
                raise errors.AlreadyExists("There is something with this name already", path)
            return
        await self._everywhere(
            path, lambda node: node.ask(node.store._makedirs(node.at(path), exist_ok=True), path)
        )

    async def _rmdir(self, path: str) -> None:
        path = self._strip_protocol(path)
        if (await self._info(path))["type"] != "directory":
            raise errors.FolderExpected("This is a file, not a folder", path)
        if await self.merged(path):
            raise errors.NotEmpty("The folder still has something in it", path)
        await self._everywhere(path, lambda node: node.ask(_remove_folder(node, path), path))

    rmdir = sync_wrapper(_rmdir)

    async def _rm_file(self, path: str, **_: Any) -> None:
        path = self._strip_protocol(path)
        if (await self._info(path))["type"] == "directory":
            raise errors.FileExpected("This is a folder", path)
        # All must be there before the first replica goes: one that is away would bring the file back.
        await self._everywhere(path, lambda node: node.info(path))
        await self._everywhere(path, lambda node: node.remove(path))

    async def _rm(
        self, path: str | list[str], recursive: bool = False, batch_size: int | None = None, **_: Any
    ) -> None:
        for one in await self._expand_path(path, recursive=False):
            if (await self._info(one))["type"] != "directory":
                await self._rm_file(one)
                continue
            if recursive:
                for child in await self.merged(one):
                    await self._rm(child, recursive=True)
            await self._rmdir(one)

    async def _touch(self, path: str, truncate: bool = True, **_: Any) -> None:
        if truncate or not await self._exists(path):
            await self._pipe_file(path, b"")

    touch = sync_wrapper(_touch)

    def ukey(self, path: str) -> str:
        """Return what changes when the file is replaced."""
        info = self.info(path)
        return f"{path}-{info['size']}"


def _trusted_first(nodes: Iterable[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: not node.trusted)


def _verdict(epoch: Epoch, path: str, told: Sequence[BaseException]) -> BaseException:
    """Return what the errors of all owners of a file mean together.

    What has been written lies on a quorum of them, so that as many must be away for it to be hidden.
    """
    away = [error for error in told if not definite(error)]
    if len(away) >= epoch.quorum:
        return away[0]
    other = next(
        (error for error in told if definite(error) and not isinstance(error, FileNotFoundError)), None
    )
    return other or errors.NotFound("There is no such file or folder", path)


async def _remove_folder(node: Node, path: str) -> None:
    rmdir = getattr(node.store, "_rmdir", None)
    if rmdir is None:
        return  # object stores have no folders
    try:
        await rmdir(node.at(path))
    except (FileNotFoundError, NotImplementedError):
        return
