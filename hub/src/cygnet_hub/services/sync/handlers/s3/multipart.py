"""Uploads in parts, as the methods of an object and of a bucket have them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from ...model.errors import BadRequest
from ...model.names import is_inside
from ...model.node import Content
from ...model.objects import Facts
from ...service import checksums
from ...service.multipart import MAX_PARTS, NamedPart, Plan
from ...service.objects import check_state
from ..ranges import parse_ranges
from . import xml
from .base import S3Handler, expected_of, key_path
from .bodies import Announced, Receiver
from .errors import InvalidArgument
from .service import owner

if TYPE_CHECKING:
    from .objects import ObjectHandler

_RANGE = re.compile(r"bytes=\d+-\d+")


async def begin(handler: ObjectHandler, facts: Facts) -> None:
    """CreateMultipartUpload."""
    headers = handler.request.headers
    algorithm = headers.get("x-amz-checksum-algorithm", checksums.USUAL).upper()
    if algorithm not in checksums.ALGORITHMS:
        raise InvalidArgument("There is no such checksum algorithm.")
    kind = checksums.kind_of(algorithm, headers.get("x-amz-checksum-type", "").upper())
    plan = Plan(handler.path, facts, algorithm, kind)
    upload_id = await handler.services.multipart.begin(handler.principal, plan)
    handler.set_header("x-amz-checksum-algorithm", algorithm)
    handler.set_header("x-amz-checksum-type", kind)
    bucket, key = names(handler)
    told: list[xml.Item] = [("Bucket", bucket), ("Key", key), ("UploadId", upload_id)]
    handler.send_xml(xml.document("InitiateMultipartUploadResult", told))


def names(handler: ObjectHandler) -> tuple[str, str]:
    """Bucket and key, as answers repeat them."""
    base = handler.bucket_path(handler.path_args[0])
    return handler.path_args[0], handler.path.removeprefix(base).removeprefix("/")


def _number(handler: S3Handler) -> int:
    number = handler.number("partNumber", 0, MAX_PARTS + 1)
    if not 1 <= number <= MAX_PARTS:
        raise InvalidArgument(f"The number of a part is between 1 and {MAX_PARTS}.")
    return number


async def check_part(handler: ObjectHandler) -> None:
    """Before the bytes of a part come: whether its upload is open, and what its checksum will be."""
    _number(handler)
    plan = await handler.services.multipart.plan(
        handler.principal, handler.argument("uploadId"), handler.path
    )
    # A part may come with a checksum of another kind than the whole will have; that is verified too.
    handler.announced.kept_algorithm = plan.algorithm


async def put_part(handler: ObjectHandler, source: tuple[str, str] | None) -> None:
    """UploadPart and UploadPartCopy."""
    number = _number(handler)
    if source is None:
        content, found = await handler.receiver.contents()
    else:
        content, found = await _copied(handler, source)
    kind, checksum = handler.announced.algorithm, found[handler.announced.kept_algorithm]
    stored = await handler.services.multipart.put(
        handler.principal, handler.argument("uploadId"), handler.path, number, content, checksum
    )
    if source is None:
        handler.set_header("ETag", f'"{stored.etag}"')
        handler.set_header(f"x-amz-checksum-{kind.lower()}", found[kind])
        return
    told: list[xml.Item] = [("LastModified", xml.stamp(stored.came)), ("ETag", f'"{stored.etag}"')]
    handler.send_xml(xml.document("CopyPartResult", told))


async def _copied(handler: ObjectHandler, source: tuple[str, str]) -> tuple[Content, dict[str, str]]:
    """Bytes of another object as a part."""
    handler.small_body()
    plan = await handler.services.multipart.plan(
        handler.principal, handler.argument("uploadId"), handler.path
    )
    path, _ = key_path(handler.bucket_path(source[0]), source[1])
    found, file = await handler.services.objects.open(handler.principal, path)
    check_state(found, expected_of(handler.request.headers, "x-amz-copy-source-"))
    start, end = _copied_range(handler, found.node.size)
    announced = handler.announced = Announced({})
    announced.kept_algorithm = plan.algorithm
    receiver = Receiver(announced, None, handler.services.tree.incoming(("MD5",)))
    try:
        async for block in file.read(start, end - start):
            await receiver.write(block)
    except BaseException:
        await receiver.abort()
        raise
    return await receiver.contents()


def _copied_range(handler: ObjectHandler, size: int) -> tuple[int, int]:
    header = handler.request.headers.get("x-amz-copy-source-range")
    if header is None:
        return 0, size
    ranges = parse_ranges(header, size) if _RANGE.fullmatch(header) else None
    if ranges is None or int(header.rpartition("-")[2]) >= size:
        raise InvalidArgument("The range to copy does not lie in the object.")
    return ranges[0]


async def complete(handler: ObjectHandler, body: bytes) -> None:
    """CompleteMultipartUpload."""
    request = xml.parse(body, "CompleteMultipartUpload")
    named = [_named(part) for part in xml.below(request, "Part")]
    if len(named) > MAX_PARTS:
        raise BadRequest(f"An upload can have {MAX_PARTS} parts.")
    done = await handler.services.multipart.complete(
        handler.principal,
        handler.argument("uploadId"),
        handler.path,
        named,
        handler.expected,
        handler.announced.of_whole,
    )
    bucket, key = names(handler)
    sums: list[xml.Item] = [(f"Checksum{kind}", value) for kind, value in done.facts.checksums.items()]
    told: list[xml.Item] = [
        ("Location", f"{handler.request.protocol}://{handler.request.host}{handler.request.path}"),
        ("Bucket", bucket),
        ("Key", key),
        ("ETag", f'"{done.etag}"'),
        *sums,
        ("ChecksumType", done.facts.checksum_type or None),
    ]
    handler.send_xml(xml.document("CompleteMultipartUploadResult", told))


def _named(part: Element) -> NamedPart:
    number = xml.value(part, "PartNumber")
    if not (number.isascii() and number.isdecimal() and len(number) < 6):
        raise InvalidArgument("The number of a part is no number.")
    sums = {kind: xml.value(part, f"Checksum{kind}", "") for kind in checksums.ALGORITHMS}
    return NamedPart(int(number), xml.value(part, "ETag").strip('"'), sums)


async def send_parts(handler: ObjectHandler) -> None:
    """ListParts."""
    upload_id = handler.argument("uploadId")
    after = handler.number("part-number-marker", 0, MAX_PARTS)
    limit = handler.number("max-parts", 1000, 1000)
    every = await handler.services.multipart.parts(handler.principal, upload_id, handler.path)
    plan = await handler.services.multipart.plan(handler.principal, upload_id, handler.path)
    rest = [part for part in every if part.number > after]
    shown = rest[:limit]
    bucket, key = names(handler)
    told: list[xml.Item] = [
        ("Bucket", bucket),
        ("Key", key),
        ("UploadId", upload_id),
        ("PartNumberMarker", after),
        ("NextPartNumberMarker", shown[-1].number if shown else after),
        ("MaxParts", limit),
        ("IsTruncated", len(shown) < len(rest)),
        ("ChecksumAlgorithm", plan.algorithm),
        ("ChecksumType", plan.kind),
    ]
    for part in shown:
        said: list[xml.Item] = [
            ("PartNumber", part.number),
            ("LastModified", xml.stamp(part.came)),
            ("ETag", f'"{part.etag}"'),
            ("Size", part.size),
            (f"Checksum{plan.algorithm}", part.checksum),
        ]
        told.append(("Part", said))
    handler.send_xml(xml.document("ListPartsResult", told))


async def send_uploads(handler: S3Handler, bucket: str) -> None:
    """ListMultipartUploads: all that are open, at most a thousand."""
    base, prefix = handler.bucket_path(bucket), handler.argument("prefix")
    told: list[xml.Item] = [
        ("Bucket", bucket),
        ("Prefix", prefix),
        ("MaxUploads", 1000),
        ("IsTruncated", False),
    ]
    for upload in await handler.services.multipart.begun(handler.principal):
        key = upload.plan.path.removeprefix(base).removeprefix("/")
        if not is_inside(upload.plan.path, base) or not key.startswith(prefix):
            continue
        said: list[xml.Item] = [("Key", key), ("UploadId", upload.id), ("Owner", owner(handler))]
        told.append(("Upload", [*said, ("Initiated", xml.stamp(upload.created))]))
    handler.send_xml(xml.document("ListMultipartUploadsResult", told))
