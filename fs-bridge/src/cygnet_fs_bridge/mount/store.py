"""What the mount asks of the place that holds the files, and the sync service as such a place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .. import errors
from ..client.api import ApiClient
from ..client.batch import BatchClient, SmallFile
from ..client.caller import Caller
from ..client.content import ContentReader
from ..client.dav import DavClient
from ..client.feed import ChangesFeed, FeedItem
from ..client.uploads import Conditions, Uploader
from ..models import Node, Quota

_AT_ONCE = 8  # small files that travel at a time


@dataclass(frozen=True)
class Upload:
    """A file on local disk that is to become the contents of a path.

    `base` is the etag which the target must still have, None if there must be nothing yet.
    """

    source: Path | bytes
    size: int
    mtime: float
    base: str | None


class Store(Protocol):
    """A place that holds files; every method raises ServiceError.

    Attributes:
        feed: whether it tells what others change.
        batches: whether many small files travel in one request.
        keeps_identity: whether a file keeps id and etag when it is moved.
        lifetime: seconds that an answer is believed while no feed tells that it is wrong.
    """

    feed: bool
    batches: bool
    keeps_identity: bool
    lifetime: float

    async def listing(self, path: str) -> tuple[Node, list[Node] | None]:
        """Return what lies at `path`, with the children of a folder."""

    @asynccontextmanager
    def read(self, path: str, start: int, end: int, etag: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give the bytes from `start` up to `end` of the version `etag`, in pieces."""

    async def write(self, path: str, upload: Upload) -> Node:
        """Make a local file the contents of `path`."""

    async def write_many(self, uploads: Sequence[tuple[str, Upload]]) -> list[Node | errors.ServiceError]:
        """Make small contents the contents of paths; return for each what came of it. Tries once."""

    async def read_many(self, paths: Sequence[str], largest: int) -> list[tuple[Node, bytes | None]]:
        """Return small files with their bytes."""

    async def mkdir(self, path: str) -> Node:
        """Make a folder."""

    async def move(self, source: str, destination: str, overwrite: bool) -> Node:
        """Rename or move."""

    async def delete(self, path: str) -> None:
        """Delete a file or a folder."""

    async def delete_many(self, etags: Mapping[str, str | None]) -> dict[str, errors.ServiceError]:
        """Delete files of these versions, and empty folders, in their order; return what went wrong."""

    async def set_mtime(self, path: str, mtime: float) -> None:
        """Set the time stamp of a file."""

    async def quota(self) -> Quota:
        """Return the room in the person's space."""

    def changes(self) -> AsyncIterator[FeedItem]:
        """Give what others change, for as long as the mount lives."""

    async def close(self) -> None:
        """Close connections."""


def _bytes(upload: Upload) -> bytes:
    return upload.source if isinstance(upload.source, bytes) else upload.source.read_bytes()


def _conditions(upload: Upload) -> Conditions:
    return {"mtime": upload.mtime, "if_match": upload.base, "create": upload.base is None}


class ServiceStore:
    """The sync service.

    Args:
        caller: sends the requests; it has a name, so that the changes feed leaves our own changes out.
        user: whose tree.
    """

    feed = True
    batches = True
    keeps_identity = True
    lifetime = 1.0

    def __init__(self, caller: Caller, user: str) -> None:
        self._caller = caller
        self._api = ApiClient(caller)
        self._contents = ContentReader(caller)
        self._dav = DavClient(caller, user)
        self._uploader = Uploader(self._api, self._dav, caller)
        # For what is tried again by others: nobody waits for it, but somebody may come to wait behind it.
        once = Caller(caller.transport, caller.credentials, 0, caller.client)
        self._sender = Uploader(ApiClient(once), DavClient(once, user), once)
        self._batches, self._together = BatchClient(once), True
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._feed = ChangesFeed(caller)

    async def listing(self, path: str) -> tuple[Node, list[Node] | None]:
        """Return what lies at `path`, with the children of a folder."""
        return await self._api.listing(path)

    @asynccontextmanager
    async def read(self, path: str, start: int, end: int, etag: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give a range of one version."""
        async with self._contents.open(path, [(start, end)], etag) as response:
            if response.status != 206 and start:
                raise errors.Unsupported("The service does not answer ranges", path)
            yield response.chunks()

    async def write(self, path: str, upload: Upload) -> Node:
        """Upload a local file; what an answer that got lost has done is recognised and not done twice."""
        try:
            return await self._write(path, upload)
        except (errors.Changed, errors.AlreadyExists):
            node = await self._api.stat(path)
            if node.size == upload.size and abs(node.mtime - upload.mtime) < 1e-5:
                return node
            raise

    async def _write(self, path: str, upload: Upload) -> Node:
        if isinstance(upload.source, bytes):
            return await self._uploader.upload_bytes(path, upload.source, _conditions(upload))
        return await self._uploader.upload(path, upload.source, upload.size, _conditions(upload))

    async def write_many(self, uploads: Sequence[tuple[str, Upload]]) -> list[Node | errors.ServiceError]:
        """Upload small files, in one request if the service takes them so."""
        files = [SmallFile(path, _bytes(upload), _conditions(upload)) for path, upload in uploads]
        if self._together and len(files) > 1:
            try:
                return await self._batches.store(files)
            except (errors.NotFound, errors.Unsupported):
                self._together = False  # a service that does not know batches
            except errors.ServiceError as error:
                return [error] * len(files)
        return list(await asyncio.gather(*(self._write_soon(file) for file in files)))

    async def _write_soon(self, file: SmallFile) -> Node | errors.ServiceError:
        async with self._turns:
            try:
                return await self._sender.upload_bytes(file.path, file.data, file.conditions)
            except errors.ServiceError as error:
                return error

    async def read_many(self, paths: Sequence[str], largest: int) -> list[tuple[Node, bytes | None]]:
        """Fetch small files in one request."""
        return await self._batches.fetch(paths, largest)

    async def mkdir(self, path: str) -> Node:
        """Make a folder."""
        return await self._api.mkdir(path)

    async def move(self, source: str, destination: str, overwrite: bool) -> Node:
        """Rename or move."""
        return await self._api.move(source, destination, overwrite)

    async def delete(self, path: str) -> None:
        """Delete a file or a folder."""
        await self._api.delete([path])

    async def delete_many(self, etags: Mapping[str, str | None]) -> dict[str, errors.ServiceError]:
        """Delete several in one request."""
        return await self._api.delete_unchanged(etags)

    async def set_mtime(self, path: str, mtime: float) -> None:
        """Set the time stamp of a file."""
        await self._dav.set_mtime(path, mtime)

    async def quota(self) -> Quota:
        """Return the room in the person's space."""
        return (await self._api.me()).quota

    def changes(self) -> AsyncIterator[FeedItem]:
        """Follow the changes feed."""
        return self._feed.follow()

    async def close(self) -> None:
        """Close connections."""
        await self._caller.close()
