"""Reading contents: one range, many ranges in one request, or a whole file as a stream."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from .. import errors
from ..transport import Request, Response
from .caller import Caller, with_query

Range = tuple[int, int]  # first byte, byte after the last

# A request line has room for about this many ranges; servers refuse very long headers.
_MOST_RANGES = 256
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(?:\d+|\*)")


def _range_header(ranges: Sequence[Range]) -> str:
    return "bytes=" + ",".join(f"{start}-{end - 1}" for start, end in ranges)


def _spans(text: str) -> Range | None:
    match = _CONTENT_RANGE.fullmatch(text.strip())
    return (int(match[1]), int(match[2]) + 1) if match else None


def split_multipart(content_type: str, body: bytes) -> dict[Range, memoryview]:
    """Return the parts of a `multipart/byteranges` body (RFC 9110, 14.6) by their ranges.

    Raises:
        ValueError: the body is not well formed, or shorter than it says.
    """
    match = re.search(r'boundary="?([^";]+)"?', content_type)
    if match is None:
        raise ValueError("multipart answer without a boundary")
    delimiter, view, parts = b"--" + match[1].encode(), memoryview(body), {}
    position = body.find(delimiter)
    while position >= 0 and body[position + len(delimiter) :][:2] != b"--":
        head_end = body.find(b"\r\n\r\n", position)
        if head_end < 0:
            raise ValueError("multipart answer cut inside a header")
        span = _part_range(body[position:head_end])
        start, length = head_end + 4, span[1] - span[0]
        if start + length > len(body):
            raise ValueError("multipart answer cut inside a part")
        parts[span] = view[start : start + length]
        position = body.find(delimiter, start + length)
    return parts


def _part_range(head: bytes) -> Range:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-range":
            span = _spans(value.decode("latin-1"))
            if span is not None:
                return span
    raise ValueError("multipart answer has a part without a range")


def _from_parts(parts: Mapping[Range, memoryview | bytes], wanted: Range) -> bytes:
    start, end = wanted
    for (first, last), data in parts.items():
        # The service may merge ranges that touch, and cuts those that reach past the end of the file.
        if first <= start and (end <= last or start < last):
            return bytes(data[start - first : min(end, last) - first])
    return b""


class ContentReader:
    """Reads the contents of files by `GET`.

    Args:
        caller: sends the requests.
        target: percent-encoded address of contents, to which the query is added.
    """

    def __init__(self, caller: Caller, target: str = "api/v1/content") -> None:
        self._caller = caller
        self._target = target

    @asynccontextmanager
    async def open(
        self, path: str, ranges: Sequence[Range] = (), etag: str | None = None
    ) -> AsyncIterator[Response]:
        """Open contents as a stream.

        Args:
            path: the file.
            ranges: parts of it; default: all of it.
            etag: version to read; Changed is raised when the file has another one.
        """
        headers = {"Range": _range_header(ranges)} if ranges else {}
        if etag is not None:
            headers["If-Match"] = f'"{etag}"'
        request = Request("GET", with_query(self._target, {"path": path}), headers)
        with errors.meaning({errors.Unsupported: errors.FileExpected}):
            async with self._caller.open(request, path) as response:
                _check_version(response, etag, path)
                yield response

    async def ranges(self, path: str, wanted: Sequence[Range], etag: str | None = None) -> list[bytes]:
        """Return the bytes of each range, in their order, with as few requests as the service allows.

        A range that reaches past the end is cut there; one that begins past the end gives no bytes.
        """
        return (await self.ranges_of(path, wanted, etag))[0]

    async def ranges_of(
        self, path: str, wanted: Sequence[Range], etag: str | None = None
    ) -> tuple[list[bytes], str | None]:
        """Return what `ranges` does, all of one version, and the etag of that as far as the service tells."""
        found: list[bytes] = [b""] * len(wanted)
        order = sorted((i for i, (start, end) in enumerate(wanted) if end > start), key=lambda i: wanted[i])
        for first in range(0, len(order), _MOST_RANGES):
            batch = order[first : first + _MOST_RANGES]
            parts, told = await self._fetch(path, [wanted[i] for i in batch], etag)
            etag = told or etag
            for i in batch:
                found[i] = _from_parts(parts, wanted[i])
        return found, etag

    async def _fetch(
        self, path: str, wanted: Sequence[Range], etag: str | None
    ) -> tuple[Mapping[Range, memoryview | bytes], str | None]:
        try:
            async with self.open(path, merged(wanted), etag) as response:
                told = response.headers.get("ETag")
                strong = None if told is None or told.startswith("W/") else told.strip('"')
                return await _parts(response, path), strong
        except errors.InvalidRequest as error:
            if error.status == 416:
                return {}, etag
            raise

    async def range(self, path: str, start: int, end: int, etag: str | None = None) -> bytes:
        """Return the bytes from `start` up to `end`; as in `ranges`."""
        return (await self.ranges(path, [(start, end)], etag))[0]

    async def whole(self, path: str, etag: str | None = None) -> bytes:
        """Return all bytes of a file."""
        async with self.open(path, (), etag) as response:
            return await response.read()


def merged(wanted: Sequence[Range]) -> list[Range]:
    """Return the ranges, which are sorted by their start, with those that touch or overlap made one."""
    result: list[Range] = []
    for start, end in wanted:
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _check_version(response: Response, etag: str | None, path: str) -> None:
    told = response.headers.get("ETag")
    if etag is not None and told is not None and told.removeprefix("W/").strip('"') != etag:
        raise errors.Changed("Somebody else changed it in the meantime", path, status=412)


async def _parts(response: Response, path: str) -> Mapping[Range, memoryview | bytes]:
    body = await response.read()
    if response.status != 206:
        return {(0, len(body)): body}
    kind = response.headers.get("Content-Type", "")
    if kind.startswith("multipart/byteranges"):
        try:
            return split_multipart(kind, body)
        except ValueError as error:
            raise errors.Unavailable(f"The answer of the service is damaged: {error}", path) from error
    span = _spans(response.headers.get("Content-Range", ""))
    if span is None or span[1] - span[0] != len(body):
        raise errors.Unavailable("The answer of the service is shorter than it says", path)
    return {span: body}
