"""TUS 1.0 (tus.io/protocols/resumable-upload), with what ownCloud's clients add to it.

An upload begins with POST to a folder; the name is in the metadata. ownCloud's client posts to the root with
a path for a name, the time of modification in `X-OC-Mtime`, and the first bytes in the same request. Answers
carry the headers that PUT would have carried.
"""

from __future__ import annotations

import base64
import binascii
import re
from email.utils import formatdate
from typing import ClassVar
from urllib.parse import urlsplit

from tornado.web import stream_request_body

from ...model.errors import (
    BadRequest,
    ChecksumMismatch,
    CygnetError,
    Forbidden,
    PartChecksumMismatch,
    PreconditionFailed,
    TooLarge,
    UnsupportedMedia,
)
from ...model.names import clean_path
from ...model.node import Node
from ...model.settings import PREFIX
from ...service.incoming import Incoming
from ...service.tus import Plan, Progress
from ...service.uploads import PartIncoming
from ..base import Access
from ..bodies import ABORTS, parse_mtime
from .base import DavHandler

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
ALGORITHMS = "sha1,md5,sha256,adler32"
#: Bytes that clients are asked to send at once. Larger requests are taken, and what came of one stays; but
#: ownCloud's client learns from the answer to the first where to go on, and begins anew without it.
MAX_CHUNK = 16 << 20
BODY = "application/offset+octet-stream"
UPLOADS = r"remote\.php/dav/tus/([A-Za-z0-9]{1,64})"

_NUMBER = re.compile(r"[0-9]{1,15}")


class TusAnswers(DavHandler):
    """What answers to TUS have in common."""

    def check_version(self) -> None:
        """Refuse other versions of the protocol.

        Raises:
            PreconditionFailed: the client speaks another one.
        """
        if self.request.headers.get("Tus-Resumable", VERSION) != VERSION:
            self.set_header("Tus-Version", VERSION)
            raise PreconditionFailed("This service speaks version {version} of TUS.", version=VERSION)

    def offer(self) -> None:
        """Say what can be done."""
        self.set_header("Tus-Resumable", VERSION)
        self.set_header("Tus-Version", VERSION)
        self.set_header("Tus-Extension", EXTENSIONS)
        self.set_header("Tus-Checksum-Algorithm", ALGORITHMS)

    def answer(self, known: Progress) -> None:
        """Say how far it has come."""
        self.set_header("Tus-Resumable", VERSION)
        self.set_header("Upload-Offset", known.offset)
        self.set_header("Cache-Control", "no-store")
        if not known.finished:
            self.set_header("Upload-Expires", formatdate(known.expires, usegmt=True))

    def describe_result(self, known: Progress, node: Node) -> None:
        """Say what came of it, as PUT would."""
        self.describe(node)
        if known.plan.mtime is not None:
            self.set_header("X-OC-MTime", "accepted")

    def number(self, name: str) -> int:
        """The value of a header that counts bytes.

        Raises:
            BadRequest: it is missing, or no number.
        """
        value = self.request.headers.get(name, "")
        if not _NUMBER.fullmatch(value):
            raise BadRequest("The {name} header must be a number of bytes.", name=name)
        return int(value)

    def upload_checksum(self) -> dict[str, str]:
        """What Upload-Checksum announces for the body of this request, e.g. {"SHA1": "hex"}.

        Raises:
            BadRequest: it cannot be read, or is of a kind that is not offered.
        """
        header = self.request.headers.get("Upload-Checksum")
        if header is None:
            return {}
        kind, _, encoded = header.partition(" ")
        if kind.lower() not in ALGORITHMS.split(","):
            raise BadRequest("Checksums can be of these kinds: {algorithms}.", algorithms=ALGORITHMS)
        return {kind.upper(): _decoded(encoded, "Upload-Checksum").hex()}

    def location(self, upload_id: str) -> str:
        """The absolute URL of an upload; a proxy that speaks TLS for us is known by the public address."""
        public = urlsplit(self.services.settings.public_url)
        ours = self.request.host.lower() == public.netloc.lower()
        scheme = public.scheme if ours else self.request.protocol
        return f"{scheme}://{self.request.host}{PREFIX}/remote.php/dav/tus/{upload_id}"


class TusCreation(TusAnswers):
    """POST to a folder: a new upload, for whatever handles folders."""

    _creation: Incoming | PartIncoming | None = None
    _known: Progress | None = None

    async def begin_creation(self) -> None:
        """Look at the headers, and begin the upload unless its whole body comes with this request.

        Raises:
            what `Tus.create` raises. Forbidden: public links take no such uploads.
        """
        self.check_version()
        if self.principal.kind != "user":
            raise Forbidden("Sign in to upload in this way.")
        self.plan = self._parse_plan()
        has_body = self.request.headers.get("Content-Type", "").partition(";")[0].strip() == BODY
        if self.body.announced > self.plan.total:
            raise TooLarge("More bytes come than were announced.")
        if has_body and self.body.announced == self.plan.total:
            self._creation = incoming = self.services.tree.incoming(self._announced())
            self.body.stream_to(incoming, self.plan.total)
            return
        self._known = await self.services.tus.create(self.principal, self.plan, self.conditions)
        if has_body:
            part = self.services.uploads.next_part(self.principal, self._known.id, 0, self.upload_checksum())
            self._creation = part
            self.body.stream_to(part.incoming, self.plan.total)

    def _parse_plan(self) -> Plan:
        metadata = parse_metadata(self.request.headers.get("Upload-Metadata", ""))
        name = metadata.get("filename") or metadata.get("name") or ""
        if not name.strip("/"):
            raise BadRequest('The Upload-Metadata header must name the file in "filename".')
        conditions = self.conditions
        return Plan(
            target=clean_path(f"{self.target.path}/{name}"),
            total=self.number("Upload-Length"),
            mtime=_mtime(metadata.get("mtime")) if "mtime" in metadata else parse_mtime(self.request.headers),
            checksums=parse_checksum(metadata.get("checksum", "")),
            if_match=conditions.if_match,
            if_none_match=conditions.if_none_match,
        )

    async def post(self) -> None:
        """Begin an upload: 201 with its address."""
        self.body.check()
        if self.body.small:
            raise UnsupportedMedia("The body of a new upload must be {body}.", body=BODY)
        known, node = await self._created()
        self.answer(known)
        self.set_header("Location", self.location(known.id))
        self.set_header("Access-Control-Expose-Headers", "Location, Upload-Offset, Tus-Resumable")
        if node is not None:
            self.describe_result(known, node)
        self.set_status(201)

    async def _created(self) -> tuple[Progress, Node | None]:
        """The upload that was begun, and its file if the body was the whole of it."""
        if isinstance(self._creation, Incoming):
            content = await self._creation.finish(self.plan.total, self._announced())
            done = await self.services.tus.store_whole(self.principal, self.plan, content, self.conditions)
            return done[0], done[1]
        known = self._known
        if known is None:
            raise BadRequest("The body is missing.")
        if self._creation is not None:
            content = await self._creation.incoming.finish(checksums=self.upload_checksum())
            await self.services.tus.append(self.principal, known.id, 0, self._creation, content)
            known = await self.services.tus.progress(self.principal, known.id)
        if not known.complete:
            return known, None
        return known, (await self.services.tus.finish(self.principal, known, self.conditions))[0]

    def _announced(self) -> dict[str, str]:
        return {**self.plan.checksums, **self.upload_checksum()}


@stream_request_body
class TusHandler(TusAnswers):
    """An upload that goes on."""

    access: ClassVar[Access] = Access.USER
    part: PartIncoming | None = None
    known: Progress | None = None

    async def begin(self) -> None:
        """Before bytes come, see whether they are the next ones."""
        self.upload_id = self.path_args[0]
        if self.request.method != "PATCH":
            return
        self.check_version()
        if self.request.headers.get("Content-Type", "").partition(";")[0].strip() != BODY:
            raise UnsupportedMedia("The body must be {body}.", body=BODY)
        self.offset, self.announced = self.number("Upload-Offset"), self.upload_checksum()
        known, part = await self.services.tus.receive(
            self.principal, self.upload_id, self.offset, self.announced
        )
        room = known.plan.total - self.offset
        if self.body.announced > room:
            raise TooLarge("More bytes come than were announced.")
        self.known, self.part = known, part
        self.body.stream_to(part.incoming, room)

    async def head(self, _upload: str) -> None:
        """How far it has come."""
        self.body.check()
        known = await self.services.tus.settled(self.principal, self.upload_id)
        self.answer(known)
        self.set_header("Upload-Length", known.plan.total)

    async def patch(self, _upload: str) -> None:
        """Append; the last bytes make the file."""
        self.body.check()
        if self.part is None or self.known is None:
            raise BadRequest("The body is missing.")
        await self._keep(self.part, self.known)
        known = await self.services.tus.progress(self.principal, self.upload_id)
        self.answer(known)
        if known.complete:
            node, _ = await self.services.tus.finish(self.principal, known, self.conditions)
            self.describe_result(known, node)
        self.set_status(204)

    async def _keep(self, part: PartIncoming, known: Progress) -> None:
        try:
            content = await part.incoming.finish(checksums=self.announced)
        except ChecksumMismatch as error:
            raise PartChecksumMismatch(error.message) from error
        if content.size and not known.finished:
            await self.services.tus.append(self.principal, self.upload_id, self.offset, part, content)

    def abandon(self) -> None:
        """What came in the middle of a request stays, unless it was to be checked as a whole."""
        if self.part is None or self.announced or self.known is None or self._finished:
            super().abandon()
        else:
            ABORTS.run(self._keep_what_came(self.part, self.known))

    async def _keep_what_came(self, part: PartIncoming, known: Progress) -> None:
        try:
            await self._keep(part, known)
        except CygnetError:
            await part.incoming.abort()  # somebody else went on, or the body had ended and is stored already

    async def delete(self, _upload: str) -> None:
        """Cancel."""
        self.body.check()
        await self.services.tus.cancel(self.principal, self.upload_id)
        self.set_header("Tus-Resumable", VERSION)
        self.set_status(204)

    def options(self, _upload: str) -> None:
        """What can be done."""
        self.body.check()
        self.offer()
        self.set_status(204)


def parse_metadata(header: str) -> dict[str, str]:
    """The pairs in an Upload-Metadata header.

    Raises:
        BadRequest: it cannot be read.
    """
    found = {}
    for pair in filter(None, (pair.strip() for pair in header.split(","))):
        key, _, encoded = pair.partition(" ")
        try:
            found[key] = _decoded(encoded, "Upload-Metadata").decode()
        except UnicodeDecodeError:
            raise BadRequest("The Upload-Metadata header is not UTF-8.") from None
    return found


def _decoded(encoded: str, header: str) -> bytes:
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        raise BadRequest("The {header} header cannot be read.", header=header) from None


def parse_checksum(value: str) -> dict[str, str]:
    """The checksum of the whole file in the metadata: "SHA1 hex", e.g. {"SHA1": "hex"}; empty for none.

    Raises:
        BadRequest: it cannot be read.
    """
    if not value:
        return {}
    kind, separator, digest = value.replace(":", " ", 1).partition(" ")
    if not separator:
        raise BadRequest("The checksum in the metadata cannot be read.")
    return {kind.upper(): digest.strip()}


def _mtime(value: str | None) -> float:
    """A time in the metadata, seconds since 1970.

    Raises:
        BadRequest: it is none.
    """
    try:
        mtime = float(value or "")
    except ValueError:
        mtime = -1.0
    if not 0 <= mtime < 1 << 40:
        raise BadRequest("The modification time in the metadata is not a time.")
    return mtime
