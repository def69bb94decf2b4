"""What the bridge's own filesystems have in common: how they open files, and what they tell of versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from fsspec.asyn import AsyncFileSystem
from fsspec.spec import AbstractBufferedFile

# What the stores of fsspec call the time of the last change.
_TIMES = ("mtime", "LastModified", "last_modified", "modified", "updated", "created")


def changed_at(info: Mapping[str, Any]) -> float | None:
    """Return when a file was changed, in unix seconds; None if its store does not tell.

    Args:
        info: what a filesystem tells of it.
    """
    told = next((info[name] for name in _TIMES if info.get(name) is not None), None)
    if isinstance(told, datetime):
        return told.timestamp()
    return float(told) if isinstance(told, (int, float)) else None


class BridgeFileSystem(AsyncFileSystem):
    """A filesystem whose files are of `file_class` and appear as a whole when they are closed."""

    file_class: ClassVar[type[AbstractBufferedFile]]

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: dict[str, Any] | None = None,
        **options: Any,
    ) -> AbstractBufferedFile:
        return self.file_class(
            self,
            self._strip_protocol(path),
            mode=mode,
            block_size=block_size or self.file_class.DEFAULT_BLOCK_SIZE,
            autocommit=autocommit,
            cache_options=cache_options,
            **options,
        )

    def checksum(self, path: str) -> str:
        """Return what changes with the contents of a file."""
        return str(self.ukey(path))

    def modified(self, path: str) -> datetime:
        """Return when a file was changed.

        Raises:
            NotImplementedError: the store does not tell.
        """
        told = changed_at(self.info(path))
        if told is None:
            raise NotImplementedError(f"The store does not tell when {path} was changed")
        return datetime.fromtimestamp(told, UTC)
