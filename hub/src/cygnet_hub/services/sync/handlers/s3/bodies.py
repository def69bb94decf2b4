"""The body of a request of S3 on its way in: out of its chunks, checked against what was announced of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Protocol

from ...model.errors import BadRequest, ChecksumMismatch, TooLarge, Unsupported
from ...model.node import Content
from ...service import checksums
from ...service.incoming import Incoming
from .chunks import ChunkedBody
from .errors import IncompleteBody, InvalidArgument, OtherContents
from .signature import ChunkSigner

#: XML that lists ten thousand parts with their checksums.
MAX_XML = 8 << 20
_PREFIX = "x-amz-checksum-"
_PLAIN = ("", "UNSIGNED-PAYLOAD")
_SIGNED = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
_UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


class Target(Protocol):
    """Where the bytes of a body go."""

    async def write(self, data: bytes) -> None:
        """Take the next ones."""
        ...

    async def abort(self) -> None:
        """Forget them."""
        ...


class Memory:
    """A small body, kept in memory."""

    def __init__(self) -> None:
        self.data = bytearray()

    async def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            TooLarge: they are too many.
        """
        if len(self.data) + len(data) > MAX_XML:
            raise TooLarge("The request is larger than a request of this kind can be.")
        self.data += data

    async def abort(self) -> None:
        """Forget them."""
        self.data.clear()


class Announced:
    """What the headers of a request say of its body.

    Args:
        headers: names in lower case.

    Raises:
        BadRequest: they cannot be true together, or cannot be read.
        Unsupported: the body is in a form that is not known here.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.form = headers.get("x-amz-content-sha256", "")
        self.chunked = self.form in _SIGNED or self.form == _UNSIGNED
        self.signed_chunks = self.form in _SIGNED
        if self.form.startswith("STREAMING-") and not self.chunked:
            raise Unsupported("Bodies of this form (x-amz-content-sha256) are not accepted here.")
        self.trailing = self.form.endswith("-TRAILER")
        self.sha256 = "" if self.chunked or self.form in _PLAIN else self.form
        if self.sha256 and len(self.sha256) != 64:
            raise InvalidArgument("The header x-amz-content-sha256 cannot be read.")
        self.md5 = _md5(headers.get("content-md5"))
        self.size = _size(headers, chunked=self.chunked)
        self.checksum = _checksum(headers)
        self.of_whole: tuple[str, str] | None = None
        self.algorithm = self.checksum[0] if self.checksum else _announced_algorithm(headers)
        self.kept_algorithm = self.algorithm

    def is_about_the_whole(self) -> None:
        """The checksum in the headers is not of this body, but of what the parts of an upload make."""
        self.of_whole, self.checksum = self.checksum, None


def _md5(value: str | None) -> str:
    if value is None:
        return ""
    digest = checksums.decode(value)
    if len(digest) != 16:
        raise InvalidDigest("The header Content-MD5 cannot be read.")
    return digest.hex()


class InvalidDigest(BadRequest):
    """A digest that cannot be one."""

    code = "InvalidDigest"


def _size(headers: Mapping[str, str], *, chunked: bool) -> int | None:
    name = "x-amz-decoded-content-length" if chunked else "content-length"
    value = headers.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) < 18):
        raise InvalidArgument(f"The header {name} is not a number.")
    return int(value)


def _checksum(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """The kind and value of the checksum in the headers, if there is one."""
    found = [
        (name[len(_PREFIX) :].upper(), value)
        for name, value in headers.items()
        if name.startswith(_PREFIX) and name[len(_PREFIX) :].upper() in checksums.ALGORITHMS
    ]
    if len(found) > 1:
        raise BadRequest("Only one checksum can be sent with a request.")
    return found[0] if found else None


def _announced_algorithm(headers: Mapping[str, str]) -> str:
    """The kind of the checksum that comes as a trailer; else the usual one."""
    name = headers.get("x-amz-trailer", "").strip().lower()
    known = name.removeprefix(_PREFIX).upper()
    return known if name.startswith(_PREFIX) and known in checksums.ALGORITHMS else checksums.USUAL


class Receiver:
    """One body, on its way to `target`.

    Args:
        announced: what was said of it.
        signer: checks chunks that are signed.
        target: where its bytes go.
    """

    def __init__(self, announced: Announced, signer: ChunkSigner | None, target: Target) -> None:
        self._announced, self.target = announced, target
        chunks = signer if announced.signed_chunks else None
        self._chunked = ChunkedBody(chunks, trailing=announced.trailing) if announced.chunked else None
        kinds = {announced.algorithm, announced.kept_algorithm}
        self._checkers = {kind: checksums.checker(kind) for kind in kinds}
        self._size = 0

    async def write(self, data: bytes) -> None:
        """Take the next bytes as they came."""
        if self._chunked is None:
            await self._pass_on(data)
            return
        for part in self._chunked.feed(data):
            await self._pass_on(part)

    async def _pass_on(self, data: bytes) -> None:
        self._size += len(data)
        if self._announced.size is not None and self._size > self._announced.size:
            raise IncompleteBody("More bytes came than were announced.")
        for checker in self._checkers.values():
            checker.update(data)
        await self.target.write(data)

    async def abort(self) -> None:
        """Forget what came."""
        await self.target.abort()

    def _settle(self) -> dict[str, str]:
        """Check everything that can be checked without the contents' own digests; the checksums by kind."""
        trailers = self._chunked.finish() if self._chunked else {}
        announced = self._announced
        if announced.size is not None and self._size != announced.size:
            raise IncompleteBody(f"{announced.size} bytes were announced and {self._size} came.")
        found = {kind: checksums.encode(checker.digest()) for kind, checker in self._checkers.items()}
        actual = found[announced.algorithm]
        expected = (
            announced.checksum[1]
            if announced.checksum
            else trailers.get(_PREFIX + announced.algorithm.lower())
        )
        if expected is not None and expected != actual:
            raise ChecksumMismatch(f"The {announced.algorithm} of what came is {actual}, not {expected}.")
        return found

    async def contents(self) -> tuple[Content, dict[str, str]]:
        """The durable contents of a body that goes to disk, and its checksums by kind.

        Raises:
            IncompleteBody, ChecksumMismatch, OtherContents: it is not what was announced.
        """
        incoming = self.target
        if not isinstance(incoming, Incoming):
            raise TypeError("only a body that goes to disk has contents")
        try:
            found = self._settle()
        except BaseException:
            await incoming.abort()
            raise
        announced = self._announced
        given = {"SHA256": announced.sha256, "MD5": announced.md5}
        try:
            content = await incoming.finish(checksums={kind: value for kind, value in given.items() if value})
        except ChecksumMismatch as error:
            raise OtherContents(error.message) if "SHA256" in error.message else error from None
        return content, found

    def small(self) -> bytes:
        """The bytes of a body that was kept in memory, checked likewise."""
        self._settle()
        memory = self.target
        data = bytes(memory.data) if isinstance(memory, Memory) else b""
        announced = self._announced
        if announced.sha256 and hashlib.sha256(data).hexdigest() != announced.sha256:
            raise OtherContents("The body is not the one that was signed.")
        if announced.md5 and hashlib.md5(data, usedforsecurity=False).hexdigest() != announced.md5:
            raise ChecksumMismatch("The MD5 of the body is not the one that was announced.")
        return data
