"""File contents: writing extents that never change, reading stretches of them. Everything here blocks."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from fsspec import AbstractFileSystem

from ..model.errors import Damaged
from ..model.node import Content, Piece
from .digests import IDENTITY, KINDS, Digests
from .folders import sync_folder
from .storage import open_storage
from .sums import Summer, verified, widened

BLOCK = 1 << 20
#: Bytes that are read where they are found: a range that reaches over two blocks is of them too.
GLANCE = 128 << 10
#: A whole file up to this size is read by itself and checked as a whole: it lies in a block with many others.
FEW = 16 << 10


class Contents:
    """Extents in a file system of fsspec.

    Args:
        filesystem: where they are.
        root: the folder in it.
    """

    def __init__(self, filesystem: AbstractFileSystem, root: str) -> None:
        self.filesystem = filesystem
        self.root = root.rstrip("/")
        self._local: bool = filesystem.protocol == ("file", "local")

    @classmethod
    def open(cls, url: str) -> Contents:
        """The contents behind an fsspec URL. Blocks."""
        contents = cls(*open_storage(url))
        if contents._local:
            contents._make_folders()
        return contents

    @property
    def local(self) -> bool:
        """Whether they are in a directory of this machine."""
        return self._local

    @property
    def never_waits(self) -> bool:
        """Whether `glance` is known not to wait for a disk, so that it may be called where nothing may."""
        return self._local and bool(self.filesystem.tells_what_is_at_hand)

    def _make_folders(self) -> None:
        """Have all folders from the beginning: no write has to wonder whether their names are on disk."""
        root = Path(self.root)
        for number in range(256):
            (root / f"{number:02x}").mkdir(mode=0o700, exist_ok=True)
        sync_folder(root)  # another process may have made them, and not flushed their names yet

    def path(self, key: str) -> str:
        """Where the extent `key` lies; spread over 256 folders."""
        return f"{self.root}/{key[:2]}/{key}"

    def check(self) -> None:
        """Ask the storage for its folder; whatever this raises, it does not answer."""
        self.filesystem.invalidate_cache(self.root)
        self.filesystem.info(self.root)

    def digests(self, announced: Iterable[str] = ()) -> Digests:
        """The digests of a file that is about to come.

        Args:
            announced: kinds of checksums that it will be compared with, e.g. {"SHA1"}.
        """
        # Files elsewhere come no faster than all can be computed, and reading them back goes the same way.
        return Digests(IDENTITY.union(announced) if self._local else KINDS)

    def create(self, digests: Digests | None = None) -> ExtentWriter:
        """A new extent, to be written; `digests`: to be computed of it, else all."""
        return ExtentWriter(self, digests or Digests())

    def read(self, piece: Piece, *, waits: bool = True) -> Iterator[bytes]:
        """The bytes of a piece, in blocks of at most 1 MiB, each verified before it is handed on.

        Args:
            waits: for the disk, if it has to; else it is to be local files, and few bytes.

        Raises:
            Damaged: they are not there, or not what was stored.
            BlockingIOError: the disk would have to be waited for.
        """
        offset, length = widened(piece.offset, piece.length) if piece.sums else (piece.offset, piece.length)
        try:
            runs = self._runs(piece, offset, length, waits=waits)
            whole = verified(runs, piece.sums, offset) if piece.sums else runs
            yield from _cut(whole, piece.offset - offset, piece.length)
        except FileNotFoundError:
            raise Damaged("The contents of this file are missing from the storage.") from None
        except ValueError as error:
            raise Damaged(
                "The stored contents of this file are damaged: {error}.", error=str(error)
            ) from error

    def _runs(self, piece: Piece, offset: int, length: int, *, waits: bool) -> Iterator[bytes]:
        """Up to `length` bytes, as many as there are: few by one question, many by an open file."""
        path = self.path(piece.key)
        if not waits:
            yield self.filesystem.at_hand(path, offset, offset + length)
            return
        if length <= BLOCK:
            yield self.filesystem.cat_file(path, start=offset, end=offset + length)
            return
        with self.filesystem.open(path, "rb", **self._reading(piece)) as file:
            file.seek(offset)
            while length > 0 and (data := file.read(min(BLOCK, length))):
                length -= len(data)
                yield data

    def stretch(
        self, content: Content, start: int, end: int, *, waits: bool = True
    ) -> Generator[bytes, None, None]:
        """The bytes of `content` from `start` up to `end`, in blocks of at most 1 MiB; see `read`."""
        position = 0
        for piece in content.pieces:
            first, last = max(start, position), min(end, position + piece.length)
            if first < last:
                offset = piece.offset + first - position
                yield from self.read(replace(piece, offset=offset, length=last - first), waits=waits)
            position += piece.length

    def glance(self, content: Content, start: int, end: int) -> tuple[int, bytes] | None:
        """The bytes from `start` to `end` if they are few and in memory: reading costs less than waiting.

        Returns:
            `start` with them; None when it is better to wait.

        Raises:
            Damaged: they are not what was stored.
        """
        if end - start > GLANCE or not self._local:
            return None
        digest = content.checksums.sha256 if (start, end) == (0, content.size) else ""
        alone = bool(digest) and end <= FEW
        pieces = tuple(replace(piece, sums=b"") for piece in content.pieces) if alone else content.pieces
        try:
            data = b"".join(self.stretch(replace(content, pieces=pieces), start, end, waits=False))
        except BlockingIOError:
            return None
        summed = all(piece.sums for piece in pieces)
        if digest and not summed and digest != hashlib.sha256(data).hexdigest():
            raise Damaged("The stored contents of this file are not what was stored.")
        return start, data

    def delete(self, key: str) -> None:
        """Remove an extent that nothing refers to; one that is gone already is fine."""
        try:
            self.filesystem.rm_file(self.path(key))
        except FileNotFoundError:
            return

    def keys(self) -> Iterator[tuple[str, int]]:
        """Every stored extent and its size in bytes; half-written ones are left out."""
        for path, info in self.filesystem.find(self.root, detail=True).items():
            name = path.rpartition("/")[2]
            if not name.endswith(".part"):
                yield name, int(info["size"])

    def older_than(self, before: float) -> list[tuple[str, str]]:
        """Stored objects, half-written ones too, last changed before a time: (name, path)."""
        found = self.filesystem.find(self.root, detail=True)
        return [(path.rpartition("/")[2], path) for path, info in found.items() if _changed(info) < before]

    def _reading(self, piece: Piece) -> dict[str, Any]:
        if self._local:
            return {}
        return {"block_size": min(max(piece.length, 1), 8 * BLOCK), "cache_type": "readahead"}


def _changed(info: dict[str, Any]) -> float:
    """When an object was last changed; file systems say it in different ways."""
    value = info.get("mtime", info.get("LastModified", info.get("created", 0.0)))
    return float(value.timestamp() if isinstance(value, datetime) else value)


def _cut(runs: Iterable[bytes], skip: int, length: int) -> Iterator[bytes]:
    """The `length` bytes that come after the first `skip`, which are within the first run."""
    for run in runs:
        part = run[skip : skip + length] if skip or len(run) > length else run
        skip, length = 0, length - len(part)
        yield part
        if length == 0:
            return
    raise Damaged("The stored contents of this file are shorter than they should be.")


class ExtentWriter:
    """One extent being written and hashed. It exists only after `finish` has returned.

    Args:
        contents: where it will be.
        digests: of all its bytes.
    """

    def __init__(self, contents: Contents, digests: Digests) -> None:
        self._contents = contents
        self._key = secrets.token_hex(16)
        self._file: Any = None
        self._summer = Summer()
        self.digests = digests

    def write(self, data: bytes) -> None:
        """Append."""
        if self._file is None:
            self._file = self._contents.filesystem.open(self._contents.path(self._key), "wb")
        end = self.digests.begin(data)
        self._file.write(data)
        self._summer.update(data)
        end()

    def finish(self) -> Content:
        """Make it durable; of no bytes no extent is made."""
        if self._file is None:
            return Content(0, (), self.digests.checksums())
        self._file.close()
        size = self.digests.size
        piece = Piece(self._key, 0, size, self._summer.sums())
        return Content(size, (piece,), self.digests.checksums())

    def discard(self) -> None:
        """Leave nothing."""
        if self._file is None:
            return
        self._file.discard()
        if not self._file.closed:
            # fsspec's files store what they have when they are collected, unless they are closed.
            self._file.closed = True
