"""An object: stored, read, described, copied, tagged, deleted, and uploaded in parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, unquote

from tornado.web import stream_request_body

from ...model.errors import BadRequest, PreconditionFailed, Unsupported
from ...model.objects import Expected, Facts, StoredObject
from ...service.checksums import FULL
from ...service.objects import CopyRequest, check_state
from ...service.tree import OpenFile
from ..bodies import MAX_SMALL
from ..download import send_file
from ..ranges import http_date
from . import errors, multipart, xml
from .base import S3Handler, expected_of, key_path, no_acl, only_current
from .bodies import Memory, Target
from .subresources import checked_tags, parse_tags, send_acl, send_tags

#: Headers that are kept with an object and given back with it.
KEPT = (
    "content-type",
    "content-disposition",
    "content-encoding",
    "content-language",
    "cache-control",
    "expires",
)
#: Arguments that change them in one answer.
_RESPONSE = "response-"
_META = "x-amz-meta-"
MAX_METADATA = 8192


@stream_request_body
class ObjectHandler(S3Handler):
    """A file in a bucket, or, where the key ends in a slash, a folder."""

    def _is_plain(self) -> bool:
        return not self.request.query

    async def begin(self) -> Target:
        """Before a body comes, refuse what can be refused already."""
        bucket, key = self.path_args
        self.path, self.is_folder = key_path(self.bucket_path(bucket), key)
        only_current(self.argument("versionId"))
        if self.request.method == "POST" and "uploadId" in self.query:
            self.announced.is_about_the_whole()
        if self.request.method != "PUT" or self._asks_for_part_of() or self._source() is not None:
            return Memory()
        if "uploadId" in self.query:
            await multipart.check_part(self)
        elif not self.is_folder:
            self.facts = facts_of(self.said)
            await self._check_put()
        return self.services.tree.incoming(("MD5",))  # which is the etag

    async def _check_put(self) -> None:
        """Refuse a large body before it comes; a short one is here as soon as the refusal would be."""
        size = self.announced.size
        if size is None or size > MAX_SMALL:
            await self.services.objects.check_put(self.principal, self.path, size, self.expected)

    def _asks_for_part_of(self) -> bool:
        return bool(self.query.keys() & {"tagging", "acl", "retention", "legal-hold"})

    def _source(self) -> tuple[str, str] | None:
        """Bucket and key of what is to be copied, if the request copies."""
        header = self.request.headers.get("x-amz-copy-source")
        if header is None:
            return None
        name, _, version = header.removeprefix("/").partition("?")
        only_current(dict(parse_qsl(version)).get("versionId", ""))
        bucket, slash, key = unquote(name).partition("/")
        if not slash:
            raise errors.InvalidArgument("The header x-amz-copy-source must name a bucket and a key.")
        return bucket, key

    async def get(self, _bucket: str, _key: str) -> None:
        """GetObject, and what is known of the object besides."""
        self.body.check()
        if "uploadId" in self.query:
            await multipart.send_parts(self)
        elif "tagging" in self.query:
            found = await self.services.objects.stat(self.principal, self.path, folder=self.is_folder)
            send_tags(self, dict(found.facts.tags))
        elif "acl" in self.query:
            await self.services.objects.stat(self.principal, self.path, folder=self.is_folder)
            send_acl(self)
        elif self._asks_for_part_of() or self.query.keys() & {"torrent", "attributes"}:
            raise Unsupported("The service does not have this of S3.")
        else:
            await self._send()

    async def head(self, _bucket: str, _key: str) -> None:
        """HeadObject."""
        self.body.check()
        await self._send()

    async def _send(self) -> None:
        if self.is_folder:
            self._send_folder(await self.services.objects.stat(self.principal, self.path, folder=True))
            return
        found, file = await self.services.objects.open(self.principal, self.path)
        expected = self.expected
        check_state(found, replace(expected, none_match=None, since=None))
        if not self._is_news(found, expected):
            self.set_status(304)
            self.set_header("ETag", f'"{found.etag}"')
            return
        shown = replace(file.node, etag=found.etag, mtime=found.modified)
        self._describe(found)
        await self._send_bytes(found, OpenFile(shown, file.content, file.disk, file.glanced))

    def _is_news(self, found: StoredObject, expected: Expected) -> bool:
        """Whether it is not what the client has already."""
        try:
            check_state(found, replace(expected, match=None, until=None))
        except PreconditionFailed:
            return False
        return True

    async def _send_bytes(self, found: StoredObject, file: OpenFile) -> None:
        part = self.number("partNumber", 0, 10_000)
        if part:
            self.request.headers["Range"] = _range_of_part(found, part)
            self.set_header("x-amz-mp-parts-count", max(len(found.facts.parts), 1))
        await send_file(self, file, attachment=True, headers=self._content_headers(found))

    def _describe(self, found: StoredObject) -> None:
        facts = found.facts
        for name, value in facts.metadata.items():
            self.set_header(_META + name, value)
        if facts.tags:
            self.set_header("x-amz-tagging-count", len(facts.tags))
        # Checksums are of the whole; with a part of it they would be taken for those of the part.
        if (
            self.request.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED"
            and not self._is_partial()
        ):
            for kind, checksum in facts.checksums.items():
                self.set_header(f"x-amz-checksum-{kind.lower()}", checksum)
            if facts.checksums:
                self.set_header("x-amz-checksum-type", facts.checksum_type or FULL)

    def _is_partial(self) -> bool:
        return "Range" in self.request.headers or "partNumber" in self.query

    def _content_headers(self, found: StoredObject) -> dict[str, str]:
        kept = {name.title(): value for name, value in found.facts.headers.items()}
        asked = {
            name.removeprefix(_RESPONSE).title(): value
            for name, value in self.query.items()
            if name.removeprefix(_RESPONSE) in KEPT and name.startswith(_RESPONSE)
        }
        if any(not _is_plain(value) for value in asked.values()):
            raise errors.InvalidArgument("A header in the address has characters that headers cannot have.")
        return kept | asked

    def _send_folder(self, found: StoredObject) -> None:
        self.set_header("Content-Type", "application/x-directory")
        self.set_header("Content-Length", "0")
        self.set_header("ETag", f'"{found.etag}"')
        self.set_header("Last-Modified", http_date(found.modified))

    async def put(self, bucket: str, _key: str) -> None:
        """PutObject, CopyObject, UploadPart, UploadPartCopy, PutObjectTagging."""
        self.body.check()
        source = self._source()
        if "uploadId" in self.query:
            await multipart.put_part(self, source)
        elif "tagging" in self.query:
            await self.services.objects.tag(self.principal, self.path, parse_tags(self.small_body()))
        elif self._asks_for_part_of():
            self._put_acl()
        elif source is not None:
            await self._copy(source)
        elif self.is_folder:
            await self._put_folder()
        else:
            await self._put()

    def _put_acl(self) -> None:
        self.small_body()
        if "acl" not in self.query:
            raise Unsupported("The service does not have this of S3.")
        no_acl(self.said)

    async def _put(self) -> None:
        content, found = await self.receiver.contents()
        kind = self.announced.algorithm
        facts = replace(self.facts, checksums=found, checksum_type=FULL)
        stored = await self.services.objects.put(self.principal, self.path, content, facts, self.expected)
        self.set_header("ETag", f'"{stored.etag}"')
        self.set_header(f"x-amz-checksum-{kind.lower()}", found[kind])
        self.set_header("x-amz-checksum-type", FULL)

    async def _put_folder(self) -> None:
        content, _ = await self.receiver.contents()
        await self.services.tree.forget(content)
        if content.size:
            raise BadRequest("A key that ends in a slash is a folder, which has no contents.")
        await self.services.objects.make_folder(self.principal, self.path)
        self.set_header("ETag", f'"{content.checksums.md5}"')

    async def _copy(self, source: tuple[str, str]) -> None:
        self.small_body()
        path, folder = key_path(self.bucket_path(source[0]), source[1])
        if self.is_folder or folder:
            await self._copy_folder(path, folder)
            return
        anew = self.request.headers.get("x-amz-metadata-directive", "COPY").upper() == "REPLACE"
        tags = self.request.headers.get("x-amz-tagging-directive", "COPY").upper() == "REPLACE"
        said = facts_of(self.said)
        if path == self.path and not (anew or tags):
            raise BadRequest("A copy of an object onto itself must change something of it.")
        stored = await self.services.objects.copy(
            self.principal,
            CopyRequest(
                path,
                self.path,
                said if anew else None,
                said.tags if tags else None,
                expected_of(self.request.headers, "x-amz-copy-source-"),
                self.expected,
            ),
        )
        self._tell_copy(stored.etag, stored.modified)

    async def _copy_folder(self, path: str, folder: bool) -> None:
        """A folder's marker is copied by making another folder."""
        if not (folder and self.is_folder):
            raise BadRequest("A folder cannot be copied to a file, or the other way round.")
        found = await self.services.objects.stat(self.principal, path, folder=True)
        await self.services.objects.make_folder(self.principal, self.path)
        self._tell_copy(found.etag, found.modified)

    def _tell_copy(self, etag: str, modified: float) -> None:
        told: list[xml.Item] = [("LastModified", xml.stamp(modified)), ("ETag", f'"{etag}"')]
        self.send_xml(xml.document("CopyObjectResult", told))

    async def post(self, _bucket: str, _key: str) -> None:
        """CreateMultipartUpload and CompleteMultipartUpload."""
        body = self.small_body()
        if "uploads" in self.query:
            await multipart.begin(self, facts_of(self.said))
        elif "uploadId" in self.query:
            await multipart.complete(self, body)
        else:
            raise Unsupported("The service does not have this of S3.")

    async def delete(self, _bucket: str, _key: str) -> None:
        """DeleteObject, AbortMultipartUpload, DeleteObjectTagging."""
        self.small_body()
        objects = self.services.objects
        if "uploadId" in self.query:
            await self.services.multipart.abort(self.principal, self.argument("uploadId"), self.path)
        elif "tagging" in self.query:
            await objects.tag(self.principal, self.path, {})
        else:
            await objects.delete(self.principal, self.path, folder=self.is_folder, expected=self.expected)
        self.set_status(204)


def facts_of(headers: Mapping[str, str]) -> Facts:
    """What the headers say of an object besides its bytes.

    Raises:
        BadRequest: too much, or nothing that can be kept. NoAccessLists, Unsupported: see `no_acl`.
    """
    no_acl(headers)
    kept = {name: headers[name] for name in KEPT if name in headers}
    codings = [part.strip() for part in kept.pop("content-encoding", "").split(",")]
    coding = ", ".join(part for part in codings if part and part != "aws-chunked")
    if coding:
        kept["content-encoding"] = coding
    metadata = {name[len(_META) :]: value for name, value in headers.items() if name.startswith(_META)}
    if sum(len(name) + len(value) for name, value in metadata.items()) > MAX_METADATA:
        raise errors.MetadataTooLarge(f"The metadata can have {MAX_METADATA} bytes together.")
    tags = checked_tags(parse_qsl(headers.get("x-amz-tagging", ""), keep_blank_values=True))
    return Facts(kept, metadata, tags=tags)


def _is_plain(value: str) -> bool:
    return all(" " <= character <= "~" for character in value)


def _range_of_part(found: StoredObject, number: int) -> str:
    """The bytes of one part of an object, as a Range header has them."""
    sizes = found.facts.parts or (found.node.size,)
    if number > len(sizes):
        raise errors.InvalidArgument("The object has no part of this number.")
    start = sum(sizes[: number - 1])
    return f"bytes={start}-{start + sizes[number - 1] - 1}"
