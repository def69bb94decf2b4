"""`s3://` and `http(s)://`: fsspec's own, with the parts of files that were read kept on the machine.

Parts near one another travel in one request, and versions are never mixed: each request names the etag
(RFC 9110, 13.1.1). A file of which the server tells no strong etag, or no length, is read as ever.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import s3fs
from aiohttp import ClientError, ClientResponse
from fsspec.implementations import http

from . import errors
from .client.content import split_multipart
from .rangecache import Range, through
from .ranges import RangesByFile, Slice, merged, spans_of
from .session_stores import store_of, with_options

# A round trip costs more than these bytes on any network.
_GAP = 64 << 10
_MOST = 100  # ranges of a request: Apache answers more than 200 with the whole file

# Servers that answer several ranges with the whole file.
_one_at_a_time: set[str] = set()


class WebFileSystem(RangesByFile):
    """What both have in common: the store says what a file is now, and gets bytes of that version.

    Args:
        store: name of the session's store whose options are meant; those of the address are found without it.
    """

    def __init__(self, *arguments: Any, store: str = "", **options: Any) -> None:
        super().__init__(*arguments, **with_options(store, options))

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, Any]:
        return store_of(path)

    async def _cat_file(
        self, path: str, *version: str, start: int | None = None, end: int | None = None, **options: Any
    ) -> bytes:
        """Read a file, or a part of it as Python slices it."""
        if version or options or (start is None and end is None):
            whole: bytes = await super()._cat_file(path, *version, start=start, end=end, **options)
            return whole
        return (await self._slices(path, [(start, end)]))[0]

    async def _slices(self, path: str, wanted: Sequence[Slice]) -> list[bytes]:
        try:
            return await self._slices_now(path, wanted)
        except errors.Changed:  # just now; the version that is there after that is what was asked for
            return await self._slices_now(path, wanted)

    async def _slices_now(self, path: str, wanted: Sequence[Slice]) -> list[bytes]:
        info = await self._now(path)
        if info.get("size") is None or not str(info.get("ETag")).startswith('"'):
            read = super()._cat_file
            return list(await asyncio.gather(*(read(path, start=start, end=end) for start, end in wanted)))
        etag: str = info["ETag"]
        place = self._place(path, info)

        async def fetch(missing: list[Range]) -> list[bytes]:
            return await _together(missing, lambda blocks: self._blocks(place, blocks, etag))

        return await through(self._address(path), etag, spans_of(wanted, info["size"]), fetch)

    def _address(self, path: str) -> str:
        """Return what tells a file from all others."""
        raise NotImplementedError

    async def _now(self, path: str) -> Mapping[str, Any]:
        """Return what the server tells of a file at this moment."""
        raise NotImplementedError

    def _place(self, path: str, info: Mapping[str, Any]) -> str:
        """Return where the bytes of a file are asked for."""
        return path

    async def _blocks(self, path: str, blocks: Sequence[Range], etag: str) -> Mapping[Range, bytes]:
        """Return ranges of a version of a file. Raises `errors.Changed` if that is not there any more."""
        got = await asyncio.gather(*(self._version_bytes(path, *block, etag) for block in blocks))
        return dict(zip(blocks, got, strict=True))

    async def _version_bytes(self, path: str, start: int, end: int, etag: str) -> bytes:
        """Return one range, as `_blocks` does several."""
        raise NotImplementedError


async def _together(
    spans: Sequence[Range], get: Callable[[Sequence[Range]], Awaitable[Mapping[Range, bytes]]]
) -> list[bytes]:
    blocks = merged((span for span in spans if span[0] < span[1]), _GAP)
    got = await get(blocks) if blocks else {}
    return [_cut(got, start, end) for start, end in spans]


def _cut(blocks: Mapping[Range, bytes | memoryview], start: int, end: int) -> bytes:
    around = (block for block in blocks if block[0] <= start < end <= block[1])
    return next((bytes(blocks[block][start - block[0] : end - block[0]]) for block in around), b"")


class S3FileSystem(WebFileSystem, s3fs.S3FileSystem):
    """`s3fs.S3FileSystem` with all of its arguments."""

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, Any]:
        return {**s3fs.S3FileSystem._get_kwargs_from_urls(path), **store_of(path)}

    def _address(self, path: str) -> str:
        return f"{self.s3.meta.endpoint_url}/{self._strip_protocol(path)}"

    async def _now(self, path: str) -> Mapping[str, Any]:
        info: dict[str, Any] = await self._info(path, refresh=True)
        return {} if self.split_path(path)[2] else info  # a version that somebody named is for s3fs

    async def _version_bytes(self, path: str, start: int, end: int, etag: str) -> bytes:
        bucket, key, _ = self.split_path(path)
        span = {"Range": f"bytes={start}-{end - 1}", "IfMatch": etag}
        try:
            answer = await self._call_s3("get_object", Bucket=bucket, Key=key, **span)
        except OSError as error:
            if error.errno == errno.EINVAL:  # what s3fs makes of "precondition failed"
                raise errors.Changed("It is another file now", path) from error
            raise
        async with answer["Body"] as body:
            data: bytes = await body.read()
        return data


class HTTPFileSystem(WebFileSystem, http.HTTPFileSystem):
    """`fsspec.implementations.http.HTTPFileSystem` with all of its arguments."""

    def _address(self, path: str) -> str:
        return path

    async def _now(self, path: str) -> Mapping[str, Any]:
        info: dict[str, Any] = await self._info(path)
        return info

    def _place(self, path: str, info: Mapping[str, Any]) -> str:
        """Return where the server has sent on who asked what the file is, unless that is another server."""
        found = str(info.get("url") or path)
        return found if _server(found) == _server(path) else path

    async def _blocks(self, path: str, blocks: Sequence[Range], etag: str) -> Mapping[Range, bytes]:
        found: dict[Range, bytes] = {}
        for first in range(0, len(blocks), _MOST):
            some = blocks[first : first + _MOST]
            alone = len(some) == 1 or _server(path) in _one_at_a_time
            parts = None if alone else await self._at_once(path, some, etag)
            if parts is None:
                break
            found |= parts
        left = [block for block in blocks if block not in found]
        return {**found, **await super()._blocks(path, left, etag)}

    async def _at_once(self, path: str, blocks: Sequence[Range], etag: str) -> dict[Range, bytes] | None:
        """Ask for ranges in one request (RFC 9110, 14.6); None if the server does not know that."""
        found: dict[Range, bytes] = {}
        with suppress(ClientError, ValueError):  # some say that it is wrong, some hang up
            async with self._asked(path, blocks, etag) as answer:
                kind = answer.headers.get("Content-Type", "")
                if answer.status == 206 and kind.startswith("multipart/byteranges"):
                    parts = split_multipart(kind, await answer.read())
                    found = {block: _cut(parts, *block) for block in blocks}
                else:
                    answer.close()  # it may be the whole file
        if found and all(len(data) == end - start for (start, end), data in found.items()):
            return found
        _one_at_a_time.add(_server(path))
        return None

    async def _version_bytes(self, path: str, start: int, end: int, etag: str) -> bytes:
        async with self._asked(path, [(start, end)], etag) as answer:
            data: bytes = await answer.read()
        return data if answer.status == 206 else data[start:end]  # not every server knows ranges

    @asynccontextmanager
    async def _asked(self, path: str, blocks: Sequence[Range], etag: str) -> AsyncIterator[ClientResponse]:
        spans = ",".join(f"{start}-{end - 1}" for start, end in blocks)
        wanted = {"Range": f"bytes={spans}", "If-Match": etag}
        options = {**self.kwargs, "headers": {**self.kwargs.get("headers", {}), **wanted}}
        session = await self.set_session()
        async with session.get(self.encode_url(path), **options) as answer:
            if answer.status == 412:
                raise errors.Changed("It is another file now", path)
            self._raise_not_found_for_status(answer, path)
            yield answer


def _server(address: str) -> str:
    told = urlsplit(address)
    return f"{told.scheme}://{told.netloc}"
