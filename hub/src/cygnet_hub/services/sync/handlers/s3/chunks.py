"""Bodies in chunks (aws-chunked): taken apart, and the signature of each chunk checked.

A body is a row of chunks, each a line with its size in hex and perhaps its signature, its bytes, and a line
end; a chunk of no bytes ends it. After that may come trailers: a checksum, and a signature of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from .errors import IncompleteBody
from .signature import ChunkSigner

#: Longest line between chunks, and most lines of trailers.
MAX_LINE = 4096
MAX_TRAILERS = 20

_HEAD = re.compile(rb"([0-9A-Fa-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?")
_EMPTY = hashlib.sha256().hexdigest()
_SIGNATURE = "x-amz-trailer-signature"


class ChunkedBody:
    """A body in chunks, on its way in.

    Args:
        signer: checks the signatures of the chunks; None where they have none.
        trailing: whether trailers were announced.
    """

    def __init__(self, signer: ChunkSigner | None, *, trailing: bool) -> None:
        self._signer, self._trailing = signer, trailing
        self._buffer = bytearray()
        self._step = self._head
        self._left = 0
        self._signature = ""
        self._sha256 = hashlib.sha256()
        self._lines: list[str] = []
        self._over = False
        self.trailers: dict[str, str] = {}

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes of chunks that `data` completes or continues.

        Raises:
            IncompleteBody: it is not in chunks. WrongSignature: a chunk is not what was signed.
        """
        self._buffer += data
        while self._buffer:
            if self._over:
                raise IncompleteBody("Something follows the end of the body.")
            if self._left:
                yield self._take()
            elif not self._step():
                return

    def finish(self) -> dict[str, str]:
        """The trailers, once everything has come.

        Raises:
            IncompleteBody: it has not.
        """
        if not self._over:
            raise IncompleteBody("The body ended before its last chunk.")
        return self.trailers

    def _take(self) -> bytes:
        part = bytes(memoryview(self._buffer)[: self._left])
        del self._buffer[: len(part)]
        self._left -= len(part)
        if self._signer:
            self._sha256.update(part)
        return part

    def _line(self) -> bytes | None:
        """The next line without its end; None: it has not come yet."""
        end = self._buffer.find(b"\r\n", 0, MAX_LINE)
        if end < 0:
            if len(self._buffer) >= MAX_LINE:
                raise IncompleteBody("The body is not in chunks as it was announced.")
            return None
        line = bytes(memoryview(self._buffer)[:end])
        del self._buffer[: end + 2]
        return line

    def _head(self) -> bool:
        line = self._line()
        if line is None:
            return False
        match = _HEAD.fullmatch(line)
        if match is None or (self._signer is not None and match[2] is None):
            raise IncompleteBody("The body is not in chunks as it was announced.")
        self._left, self._signature = int(match[1], 16), (match[2] or b"").decode()
        self._sha256 = hashlib.sha256()
        if self._left:
            self._step = self._tail
        else:
            self._check()
            self._step = self._trailer
        return True

    def _tail(self) -> bool:
        line = self._line()
        if line is None:
            return False
        if line:
            raise IncompleteBody("A chunk is longer than its line says.")
        self._check()
        self._step = self._head
        return True

    def _check(self) -> None:
        if self._signer is not None:
            self._signer.check("PAYLOAD", (_EMPTY, self._sha256.hexdigest()), self._signature)

    def _trailer(self) -> bool:
        line = self._line()
        if line is None:
            return False
        if line:
            self._keep(line)
            return True
        if self._trailing:
            self._read_trailers()
        elif self._lines:
            raise IncompleteBody("Trailers came that were not announced.")
        self._over = True
        return True

    def _keep(self, line: bytes) -> None:
        if len(self._lines) >= MAX_TRAILERS:
            raise IncompleteBody("The body ends in too many trailers.")
        self._lines.append(line.decode("latin-1"))

    def _read_trailers(self) -> None:
        for line in self._lines:
            name, _, value = line.partition(":")
            self.trailers[name.strip().lower()] = value.strip()
        signature = self.trailers.pop(_SIGNATURE, "")
        if self._signer is not None:
            signed = "".join(f"{name}:{value}\n" for name, value in self.trailers.items())
            self._signer.check("TRAILER", (hashlib.sha256(signed.encode()).hexdigest(),), signature)
