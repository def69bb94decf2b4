"""Open files of `fixed://`: read from whichever replica answers; written to all replicas when closed."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from fsspec.asyn import sync
from fsspec.spec import AbstractBufferedFile

from .. import errors

if TYPE_CHECKING:
    from .filesystem import FixedFileSystem


class FixedFile(AbstractBufferedFile):
    """A file of `fixed://`. Modes: rb, wb, ab, xb. What is written is collected on local disk."""

    DEFAULT_BLOCK_SIZE = 8 << 20

    def __init__(self, fs: FixedFileSystem, path: str, mode: str = "rb", **options: Any) -> None:
        super().__init__(fs, path, mode=mode, **options)
        self._draft: Any = None
        try:
            self._begin()
        except OSError:
            self.closed = True  # there is nothing to write when it is thrown away
            raise

    def _begin(self) -> None:
        if self.mode == "rb":
            if self.details["type"] == "directory":
                raise errors.FileExpected("This is a folder", self.path)
            return
        there = self.fs.exists(self.path)
        if self.mode == "xb" and there:
            raise errors.AlreadyExists("There is something with this name already", self.path)
        self._draft = tempfile.NamedTemporaryFile(prefix="cygnet-fixed-")  # noqa: SIM115 - closed by commit
        if self.mode == "ab" and there:
            self.fs.get_file(self.path, self._draft.name)
            self.loc = self._draft.seek(0, 2)

    def _upload_chunk(self, final: bool = False) -> bool:
        self._draft.write(self.buffer.getvalue())
        if final and self.autocommit:
            self.commit()
        return True

    def commit(self) -> None:
        """Write the replicas."""
        mode = "create" if self.mode == "xb" else "overwrite"
        try:
            self._draft.flush()
            sync(self.fs.loop, self.fs._put_file, self._draft.name, self.path, mode=mode)
        finally:
            self.discard()

    def discard(self) -> None:
        """Throw away what was written."""
        self._draft.close()
