"""Sending file contents: ranges, conditions, and headers under which they can do no harm."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from ..model.conditions import ANY, parse_etags
from ..model.errors import PreconditionFailed
from ..model.node import Node
from ..service.tree import OpenFile
from .base import BaseHandler
from .digests import digest, kinds_of
from .ranges import Range, http_date, parse_ranges

#: What a browser may show by itself: nothing in these can carry script. All else is saved to disk.
_SHOWN = frozenset(
    {"text/plain", "text/csv", "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"}
)
_SHOWN_FAMILIES = ("audio/", "video/")

#: Even if a browser did render it: no script, no requests, an origin of its own.
CONTENT_POLICY = (
    "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'"
)


def disposition(name: str, *, attachment: bool) -> str:
    """The value of Content-Disposition (RFC 6266) for a file of this name."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    kind = "attachment" if attachment else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


#: Bytes of several parts of a file that are read together.
IN_ONE_GO = 1 << 20

#: The headers under which contents of users are served.
PROTECTION = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


def protect(handler: BaseHandler) -> None:
    """Set the headers under which contents of users are served."""
    handler.gives_contents = True
    for name, value in PROTECTION.items():
        handler.set_header(name, value)


def file_headers(node: Node, *, attachment: bool = False) -> dict[str, str]:
    """The headers of a file: type, etag, time, name and protection."""
    mime = node.mime
    shown = mime in _SHOWN or mime.startswith(_SHOWN_FAMILIES)
    return {
        **PROTECTION,
        "Content-Type": mime + ("; charset=utf-8" if mime.startswith("text/") else ""),
        "Content-Disposition": disposition(node.name, attachment=attachment or not shown),
        "ETag": f'"{node.etag}"',
        "Last-Modified": http_date(node.mtime),
        "Accept-Ranges": "bytes",
    }


def contents_headers(file: OpenFile, *, attachment: bool = False) -> dict[str, str]:
    """`file_headers` of an open version, with its checksums."""
    headers = file_headers(file.node, attachment=attachment)
    return headers | {"OC-Checksum": file.content.checksums.header()}


def part_headers(part: Range, size: int) -> dict[str, str]:
    """The headers of an answer with a part of a file that has `size` bytes."""
    start, end = part
    return {"Content-Range": f"bytes {start}-{end - 1}/{size}"}


def check_unchanged(node: Node, if_match: str | None) -> None:
    """Compare a file that is to be read with an If-Match header.

    Raises:
        PreconditionFailed: it is another version.
    """
    expected = parse_etags(if_match)
    if expected is not None and not {ANY, node.etag} & {*expected}:
        raise PreconditionFailed("The file has changed.")


def describe(handler: BaseHandler, node: Node, *, attachment: bool = False) -> None:
    """Set the headers of a file."""
    handler.gives_contents = True
    _set(handler, file_headers(node, attachment=attachment))


def _set(handler: BaseHandler, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        handler.set_header(name, value)


async def send_file(
    handler: BaseHandler,
    file: OpenFile,
    *,
    attachment: bool = False,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Answer GET or HEAD with a file, the ranges of it that are asked for, or "not modified".

    Args:
        handler: of the request.
        file: an open version.
        attachment: whether the browser must save it.
        headers: of the answer, besides or instead of the usual ones.

    Raises:
        RangeNotSatisfiable: see `parse_ranges`.
    """
    handler.gives_contents = True
    _set(handler, contents_headers(file, attachment=attachment) | dict(headers or {}))
    if wanted := handler.request.headers.get("Want-Digest"):
        known = await handler.services.late_sums.of(file, kinds_of(wanted))
        if asked := digest(wanted, known):
            handler.set_header("Digest", asked)
    if _not_modified(handler, file.node):
        handler.set_status(304)
        handler.clear_header("Content-Type")
        return
    size = file.content.size
    ranges = parse_ranges(_range_header(handler, file.node), size)
    if ranges is None:
        await _send(handler, file, (0, size))
    elif len(ranges) == 1:
        handler.set_status(206)
        _set(handler, part_headers(ranges[0], size))
        await _send(handler, file, ranges[0])
    else:
        await _send_parts(handler, file, ranges)


def _not_modified(handler: BaseHandler, node: Node) -> bool:
    known = parse_etags(handler.request.headers.get("If-None-Match"))
    if known is not None:
        return any(etag in (ANY, node.etag, f"W/{node.etag}") for etag in known)
    since = parse_date(handler.request.headers.get("If-Modified-Since"))
    return since is not None and int(node.mtime) <= since


def parse_date(header: str | None) -> float | None:
    """The time in a header (RFC 9110 5.6.7), in seconds since 1970; None where there is none to be read."""
    try:
        return None if header is None else parsedate_to_datetime(header).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _range_header(handler: BaseHandler, node: Node) -> str | None:
    """The Range header, if what it is about is still the same (If-Range)."""
    expected = handler.request.headers.get("If-Range")
    if expected is None or expected in (f'"{node.etag}"', http_date(node.mtime)):
        return handler.request.headers.get("Range")
    return None


async def _send(handler: BaseHandler, file: OpenFile, span: Range) -> None:
    handler.set_header("Content-Length", span[1] - span[0])
    if handler.request.method == "HEAD":
        return
    await _pour(handler, file.read(span[0], span[1] - span[0]))


async def _send_parts(handler: BaseHandler, file: OpenFile, ranges: list[Range]) -> None:
    boundary, size = secrets.token_hex(16), file.content.size
    heads = [
        f"\r\n--{boundary}\r\nContent-Type: {file.node.mime}\r\n"
        f"Content-Range: bytes {a}-{b - 1}/{size}\r\n\r\n"
        for a, b in ranges
    ]
    tail = f"\r\n--{boundary}--\r\n"
    total = sum(len(head) for head in heads) + sum(b - a for a, b in ranges) + len(tail)
    handler.set_status(206)
    handler.set_header("Content-Type", f"multipart/byteranges; boundary={boundary}")
    handler.clear_header("Content-Disposition")
    handler.set_header("Content-Length", total)
    if handler.request.method == "HEAD":
        return
    for few in _together([*zip(heads, ranges, strict=True)]):
        await _pour(handler, _read(file, few))
    handler.write(tail)


def _together(parts: Sequence[tuple[str, Range]]) -> Iterator[list[tuple[str, Range]]]:
    """Parts that are read in one go: as many as fit into memory, or a large one alone."""
    few: list[tuple[str, Range]] = []
    for part in parts:
        if few and sum(end - start for _, (start, end) in (*few, part)) > IN_ONE_GO:
            yield few
            few = []
        few.append(part)
    yield few


async def _read(file: OpenFile, parts: Sequence[tuple[str, Range]]) -> AsyncIterator[bytes]:
    """Parts with their heads: several are read in one go."""
    if len(parts) == 1:
        head, (start, end) = parts[0]
        yield head.encode()
        async for block in file.read(start, end - start):
            yield block
        return
    found = await file.gather([span for _, span in parts])
    yield b"".join(head.encode() + data for (head, _), data in zip(parts, found, strict=True))


async def _pour(handler: BaseHandler, blocks: AsyncIterator[bytes]) -> None:
    handler.note_down()  # before the first byte of it is given out
    async for block in blocks:
        handler.write(block)
        await handler.flush()  # waits for a slow receiver, so that memory stays flat
