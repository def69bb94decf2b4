"""Listings of a bucket: ListObjects in both versions, and ListObjectVersions, which has the current ones."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from urllib.parse import quote

from ...service.object_listing import Entry, Page, Wanted, list_objects
from . import xml
from .base import S3Handler
from .errors import InvalidArgument
from .service import owner

MAX_KEYS = 1000


async def send_listing(handler: S3Handler, bucket: str) -> None:
    """Answer with the listing that the request asks for."""
    listing = _Listing(handler, bucket)
    if "versions" in handler.query:
        await listing.versions()
    elif handler.argument("list-type") == "2":
        await listing.second()
    else:
        await listing.first()


class _Listing:
    """A listing and how it is written."""

    def __init__(self, handler: S3Handler, bucket: str) -> None:
        self._handler, self._bucket = handler, bucket
        self._encoded = self._encoding()
        self._limit = handler.number("max-keys", MAX_KEYS, MAX_KEYS)

    def _encoding(self) -> Callable[[str], str]:
        wanted = self._handler.argument("encoding-type")
        if wanted not in ("", "url"):
            raise InvalidArgument("The only encoding-type is url.")
        return (lambda key: quote(key, safe="/~")) if wanted else str

    async def _page(self, after: str) -> Page:
        handler = self._handler
        wanted = Wanted(
            handler.bucket_path(self._bucket),
            handler.argument("prefix"),
            handler.argument("delimiter"),
            after,
            self._limit,
        )
        return await list_objects(handler.services.tree, handler.principal, wanted)

    def _common(self, page: Page) -> list[xml.Item]:
        handler = self._handler
        delimiter = handler.argument("delimiter")
        return [
            ("Name", self._bucket),
            ("Prefix", self._encoded(handler.argument("prefix"))),
            ("Delimiter", self._encoded(delimiter) if delimiter else None),
            ("EncodingType", handler.argument("encoding-type") or None),
            ("MaxKeys", self._limit),
            ("IsTruncated", page.next_after is not None),
        ]

    def _prefixes(self, page: Page) -> list[xml.Item]:
        return [("CommonPrefixes", [("Prefix", self._encoded(prefix))]) for prefix in page.prefixes]

    def _contents(self, entry: Entry, *, owned: bool) -> list[xml.Item]:
        return [
            ("Key", self._encoded(entry.key)),
            ("LastModified", xml.stamp(entry.modified)),
            ("ETag", f'"{entry.etag}"'),
            ("Size", entry.size),
            ("Owner", owner(self._handler) if owned else None),
            ("StorageClass", "STANDARD"),
        ]

    async def first(self) -> None:
        """ListObjects."""
        marker = self._handler.argument("marker")
        page = await self._page(marker)
        rest = None if page.next_after is None else self._encoded(page.next_after)
        entries: list[xml.Item] = [("Contents", self._contents(e, owned=True)) for e in page.entries]
        said: list[xml.Item] = [*self._common(page), ("Marker", self._encoded(marker)), ("NextMarker", rest)]
        self._handler.send_xml(xml.document("ListBucketResult", [*said, *entries, *self._prefixes(page)]))

    async def second(self) -> None:
        """ListObjectsV2."""
        handler = self._handler
        start, token = handler.argument("start-after"), handler.query.get("continuation-token")
        page = await self._page(start if token is None else _after(token))
        owned = handler.argument("fetch-owner") == "true"
        entries: list[xml.Item] = [("Contents", self._contents(e, owned=owned)) for e in page.entries]
        said: list[xml.Item] = [
            *self._common(page),
            ("KeyCount", len(page.entries) + len(page.prefixes)),
            ("StartAfter", self._encoded(start) if start else None),
            ("ContinuationToken", token),
            ("NextContinuationToken", None if page.next_after is None else _token(page.next_after)),
        ]
        handler.send_xml(xml.document("ListBucketResult", [*said, *entries, *self._prefixes(page)]))

    async def versions(self) -> None:
        """ListObjectVersions: the current version of each object, called "null"."""
        marker = self._handler.argument("key-marker")
        page = await self._page(marker)
        rest = None if page.next_after is None else self._encoded(page.next_after)
        entries: list[xml.Item] = [("Version", self._version(entry)) for entry in page.entries]
        said: list[xml.Item] = [
            *self._common(page),
            ("KeyMarker", self._encoded(marker)),
            ("NextKeyMarker", rest),
        ]
        self._handler.send_xml(xml.document("ListVersionsResult", [*said, *entries, *self._prefixes(page)]))

    def _version(self, entry: Entry) -> list[xml.Item]:
        return [*self._contents(entry, owned=True), ("VersionId", "null"), ("IsLatest", True)]


def _token(after: str) -> str:
    return base64.urlsafe_b64encode(after.encode()).decode()


def _after(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise InvalidArgument("The continuation token is not one of ours.") from None
