"""A bucket: what is in it, what is set for it, and many objects deleted at once."""

from __future__ import annotations

import asyncio
from xml.etree.ElementTree import Element

from tornado.web import stream_request_body

from ...model.errors import CygnetError, Forbidden, Unsupported
from ...model.objects import Expected
from . import errors, xml
from .base import BUCKETS, REGION, S3Handler, key_path, no_acl, only_current
from .listing import send_listing
from .multipart import send_uploads
from .subresources import LISTING, send_setting

MAX_DELETED = 1000


@stream_request_body
class BucketHandler(S3Handler):
    """A space of the person who asks."""

    async def get(self, bucket: str) -> None:
        """ListObjects and its relatives, and settings."""
        self.body.check()
        self.bucket_path(bucket)
        if "uploads" in self.query:
            await send_uploads(self, bucket)
        elif not send_setting(self):
            await send_listing(self, bucket)

    def head(self, bucket: str) -> None:
        """HeadBucket."""
        self.body.check()
        self.bucket_path(bucket)
        self.set_header("x-amz-bucket-region", REGION)
        self.set_header("Content-Length", "0")

    def put(self, bucket: str) -> None:
        """CreateBucket of one that is there, which is fine; settings cannot be made."""
        self.small_body()
        if self.query.keys() - LISTING:
            self._put_setting()
            return
        if bucket not in BUCKETS:
            raise Forbidden("Buckets are your spaces; others are not made by S3.")
        no_acl(self.said)
        self.set_header("Location", f"/{bucket}")

    def _put_setting(self) -> None:
        if "acl" not in self.query:
            raise Unsupported("Settings of buckets are not made by S3.")
        no_acl(self.said)

    def delete(self, bucket: str) -> None:
        """DeleteBucket: a space is not deleted by S3."""
        self.small_body()
        self.bucket_path(bucket)
        raise errors.BucketNotEmpty("Your spaces are not deleted by S3.")

    async def post(self, bucket: str) -> None:
        """DeleteObjects."""
        body = self.small_body()
        base = self.bucket_path(bucket)
        if "delete" not in self.query:
            raise Unsupported("Uploads by forms are not accepted here.")
        request = xml.parse(body, "Delete")
        named = xml.below(request, "Object")
        if not 1 <= len(named) <= MAX_DELETED:
            raise errors.MalformedXml(f"Between one and {MAX_DELETED} objects can be deleted at once.")
        quiet = xml.value(request, "Quiet", "false") == "true"
        # All at once, so that the database commits them in groups.
        told = await asyncio.gather(*(self._delete(base, item) for item in named))
        self.send_xml(xml.document("DeleteResult", [i for i in told if not quiet or i[0] == "Error"]))

    async def _delete(self, base: str, item: Element) -> xml.Item:
        key, etag = xml.value(item, "Key"), xml.value(item, "ETag", "").strip('"')
        try:
            only_current(xml.value(item, "VersionId", ""))
            path, folder = key_path(base, key)
            expected = Expected(match=(etag,) if etag else None)
            await self.services.objects.delete(self.principal, path, folder=folder, expected=expected)
        except CygnetError as error:
            return "Error", [("Key", key), ("Code", errors.code_of(error.code)), ("Message", error.message)]
        return "Deleted", [("Key", key)]
