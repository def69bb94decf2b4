"""Open files of `root://`: reads stay with one version, and what is written appears when it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fsspec.asyn import sync
from fsspec.spec import AbstractBufferedFile

from .. import errors
from .client import OpenFile, draft_name, library

if TYPE_CHECKING:
    from .filesystem import XRootDFileSystem


class XRootDFile(AbstractBufferedFile):
    """A file of `root://`. Modes: rb, wb, xb; ab writes to the file in its place."""

    DEFAULT_BLOCK_SIZE = 8 << 20

    def __init__(self, fs: XRootDFileSystem, path: str, mode: str = "rb", **options: Any) -> None:
        self._file: Any = None  # an OpenFile while one is open
        self._draft: str | None = None
        super().__init__(fs, path, mode=mode, **options)
        try:
            self._begin()
        except OSError:
            self.closed = True  # there is nothing to write when it is thrown away
            raise

    def _begin(self) -> None:
        if self.mode == "rb":
            if self.details["type"] == "directory":
                raise errors.FileExpected("This is a folder", self.path)
            self._file = self._opened(library().flags.OpenFlags.READ)
            return
        self.fs._changed(self.path)
        if self.mode == "xb" and self.fs.exists(self.path):
            raise errors.AlreadyExists("There is something with this name already", self.path)
        if self.mode == "ab" and self.fs.exists(self.path):
            self._file = self._opened(library().flags.OpenFlags.UPDATE)
            self.loc = self._at = self._sync(self._file.size)

    def _opened(self, flags: int) -> OpenFile:
        file: OpenFile = self._sync(OpenFile.open, self.fs.server, self.path, flags)
        return file

    def _sync(self, function: Any, *args: Any) -> Any:
        return sync(self.fs.loop, function, *args)

    def _fetch_range(self, start: int, end: int) -> bytes:
        data: bytes = self._sync(self._file.read, start, end - start)
        return data

    def _initiate_upload(self) -> None:
        if self._file is None:
            self._draft, self._at = draft_name(self.path), 0
            self._file = self._sync(self.fs.create, self._draft)

    def _upload_chunk(self, final: bool = False) -> bool:
        data = self.buffer.getvalue()
        try:
            self._sync(self._file.write, data, self._at)
        except OSError:
            self.discard()
            self.closed = True
            raise
        self._at += len(data)
        if final and self.autocommit:
            self.commit()
        return True

    def commit(self) -> None:
        """Make what was written the contents of the file."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            self._sync(file.close)
            if self._draft is not None:
                self._sync(self._appear)
        except OSError:
            self.discard()
            raise

    async def _appear(self) -> None:
        if self.mode == "xb":
            await self.fs._claim(self.path)
        await self.fs.rename_file(self._draft, self.path)
        self._draft = None

    def discard(self) -> None:
        """Throw away what was written."""
        if self._file is not None:
            self._file.drop()
            self._file = None
        if self._draft is not None:
            self._sync(self.fs._forget, self._draft)
            self._draft = None

    def close(self) -> None:
        """Close; a file that was written becomes visible."""
        try:
            super().close()
        finally:
            if self.mode == "rb" and self._file is not None:
                self._file.drop()
                self._file = None
