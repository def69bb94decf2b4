"""Open files of `cygnet://`: reads stay with one version, writes go up in chunks and count when closed."""

from __future__ import annotations

from io import SEEK_END
from typing import TYPE_CHECKING, Any

from fsspec.asyn import sync
from fsspec.spec import AbstractBufferedFile

from . import errors
from .client.uploads import Conditions, Uploader

if TYPE_CHECKING:
    from .filesystem import CygnetFileSystem


class CygnetFile(AbstractBufferedFile):
    """A file of `cygnet://`.

    A file open for reading is that of the moment when it was opened: when somebody replaces it, further reads
    raise `errors.Changed` and never mix two versions. A file open for writing appears as a whole when it is
    closed. Modes: rb, wb, ab, xb.
    """

    DEFAULT_BLOCK_SIZE = 8 << 20

    def __init__(self, fs: CygnetFileSystem, path: str, mode: str = "rb", **options: Any) -> None:
        super().__init__(fs, path, mode=mode, **options)
        self._etag: str | None = None
        self._upload: str | None = None
        self._chunks = 0
        self._sent = 0
        try:
            self._begin()
        except OSError:
            self.closed = True  # there is nothing to write when it is thrown away
            raise

    def _begin(self) -> None:
        if self.mode == "rb":
            if self.details["type"] == "directory":
                raise errors.FileExpected("This is a folder", self.path)
            self._etag = self.details["etag"]
        elif self.mode == "ab":
            self._take_up()
        elif self.mode == "xb" and self.fs.exists(self.path):
            raise errors.AlreadyExists("There is something with this name already", self.path)

    def _sync(self, function: Any, *args: Any) -> Any:
        return sync(self.fs.loop, function, *args)

    def _take_up(self) -> None:
        """Begin an append with what is there."""
        try:
            info = self.fs.info(self.path)
        except FileNotFoundError:
            return
        self._etag = info["etag"]
        self.buffer.write(self._sync(self.fs.contents.whole, self.path, self._etag))
        self.loc = self.buffer.tell()

    def _fetch_range(self, start: int, end: int) -> bytes:
        data: bytes = self._sync(self.fs.contents.range, self.path, start, end, self._etag)
        return data

    def _initiate_upload(self) -> None:
        self._uploader: Uploader = self._sync(self.fs.uploader)

    def _upload_chunk(self, final: bool = False) -> bool:
        """Send what is in the buffer; at the end, if all of it is still there, nothing: `commit` sends it."""
        size = self.buffer.seek(0, SEEK_END)
        if final and self._upload is None and size <= self._uploader.chunk_size:
            if self.autocommit:
                self.commit()
            return False
        if size and (final or size >= self.blocksize):
            self._send(self.buffer.getvalue())
        elif not final:
            return False
        if final and self.autocommit:
            self.commit()
        return True

    def _send(self, data: bytes) -> None:
        if self._upload is None:
            self._upload = self._sync(self._uploader.begin)
        self._chunks += 1
        self._sync(self._uploader.chunk, self._upload, self._chunks, data, len(data))
        self._sent += len(data)

    def _conditions(self) -> Conditions:
        if self.mode == "xb":
            return {"create": True}
        return {"if_match": self._etag} if self._etag is not None else {}

    def commit(self) -> None:
        """Make what was written the contents of the file."""
        self._sync(self._commit)

    async def _commit(self) -> None:
        await self.fs._in_folder(self.path, self._finish)

    async def _finish(self) -> None:
        with errors.taken_if(self.mode == "xb"):
            if self._upload is None:
                await self._uploader.upload_bytes(self.path, self.buffer.getvalue(), self._conditions())
            else:
                await self._uploader.finish(self._upload, self.path, self._sent, **self._conditions())

    def discard(self) -> None:
        """Throw away what was written."""
        if self._upload is not None:
            self._sync(self._uploader.cancel, self._upload)
            self._upload = None
