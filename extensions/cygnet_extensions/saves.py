"""Saving what somebody else may have saved meanwhile: a save says which contents it began from.

A page sends the hash of what it opened or saved last (`base_hash`, beside the contents). If the file holds
something else by then, nothing is written, and the page asks the person. The time of a file says
nothing here: clocks differ, and a sync client sets it as it likes.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, BinaryIO
from weakref import WeakValueDictionary

import nbformat
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError

from cygnet_fs_bridge.texts import said

Model = dict[str, Any]

#: What a save is refused with when the file holds something else than it began from.
CHANGED = "changed-elsewhere"
_ALGORITHM = "sha256"  # jupyter_server's default for `hash`

_REFUSALS = {
    errno.ESTALE: (409, CHANGED, "Somebody else saved this file a moment before you"),
    errno.EDQUOT: (507, "quota-exceeded", "There is no room left for this in your files"),
    errno.ENOSPC: (507, "quota-exceeded", "There is no room left for this in your files"),
}


def digest(data: bytes) -> str:
    """The hash of contents, as jupyter_server makes it."""
    return hashlib.new(_ALGORITHM, data).hexdigest()


class CheckedSaves:
    """For a contents manager: `save` refuses what began from other contents than the file has now."""

    _locks: WeakValueDictionary[str, asyncio.Lock]

    async def save(self, model: Model, path: str = "") -> Model:
        """Write a model; with `base_hash` only if the file has it, or is gone.

        Who sends `base_hash`, if only null, is told the hash of what was written.

        Raises:
            HTTPError: 409, reason `changed-elsewhere`.
        """
        checked, base = "base_hash" in model, model.pop("base_hash", None)
        async with self._lock(path.strip("/")):
            if base is not None:
                await self._check(path, base)
            saved: Model = await super().save(model, path)  # type: ignore[misc]  # of the contents manager
            return saved | await self._hash(path) if checked else saved

    def _lock(self, path: str) -> asyncio.Lock:
        locks = self.__dict__.setdefault("_locks", WeakValueDictionary())
        lock: asyncio.Lock = locks.setdefault(path, asyncio.Lock())
        return lock

    async def _check(self, path: str, base: str) -> None:
        if not await self.file_exists(path):  # type: ignore[attr-defined]
            return  # it was deleted elsewhere: what is seen here is all there is
        if (await self._hash(path))["hash"] != base:
            raise HTTPError(409, said("{path} was changed elsewhere", path=path), reason=CHANGED)

    async def _hash(self, path: str) -> Model:
        model = await self.get(path, content=False, require_hash=True)  # type: ignore[attr-defined]
        return {key: model[key] for key in ("hash", "hash_algorithm")}


@dataclass
class _Saving:
    """A save on its way: the hash that it began from, and then that of what it wrote."""

    base: str | None = None
    written: str | None = None


_SAVING: ContextVar[_Saving | None] = ContextVar("_SAVING", default=None)


class SyncedContents(CheckedSaves, AsyncLargeFileManager):
    """Files of a mount: each save is one write, and done when the service has it.

    jupyter_server's own way copies the file first, and puts the copy back if writing fails: in a synced
    folder that would undo what a colleague was faster to save. And who looks at a file and then opens it anew
    writes over what is saved in between.
    """

    async def save(self, model: Model, path: str = "") -> Model:
        """Write a model; as `CheckedSaves` says, and nothing can come between look and write."""
        before = _SAVING.set(_Saving())
        try:
            return await super().save(model, path)
        finally:
            _SAVING.reset(before)

    async def _check(self, path: str, base: str) -> None:
        """Leave it to the write, which looks at the file that it has open."""
        if (saving := _SAVING.get()) is not None:
            saving.base = base

    async def _hash(self, path: str) -> Model:
        """Tell what was written, which may not be what is there by now."""
        saving = _SAVING.get()
        if saving is None or saving.written is None:
            return await super()._hash(path)
        return {"hash": saving.written, "hash_algorithm": _ALGORITHM}

    async def _save_notebook(
        self, os_path: str, nb: Any, capture_validation_error: dict[str, Any] | None = None
    ) -> None:
        text = io.StringIO()
        await asyncio.to_thread(
            nbformat.write, nb, text, nbformat.NO_CONVERT, capture_validation_error=capture_validation_error
        )
        await self._write(os_path, text.getvalue().encode())

    async def _save_file(self, os_path: str, content: str, format: str | None) -> None:
        await self._write(os_path, decoded(content, format))

    async def _write(self, os_path: str, data: bytes) -> None:
        saving = _SAVING.get() or _Saving()
        with self.perm_to_403(os_path), in_words():
            await asyncio.to_thread(write_through, os_path, data, saving.base)
        saving.written = digest(data)


def decoded(content: str, form: str | None) -> bytes:
    """The bytes that a model's content stands for.

    Raises:
        HTTPError: 400, it is not what `form`, "text" or "base64", says.
    """
    if form not in ("text", "base64"):
        raise HTTPError(400, said("A file's format has to be text or base64"))
    try:
        return content.encode() if form == "text" else base64.b64decode(content)
    except ValueError as error:
        raise HTTPError(400, said("The content cannot be read: {error}", error=str(error))) from error


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what the mount says by numbers into answers that a page can act upon."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        status, reason, message = _REFUSALS[error.errno]
        raise HTTPError(status, message, reason=reason) from error


def write_through(os_path: str, data: bytes, base: str | None = None) -> None:
    """Make `data` the contents of a file; returns when they are durable.

    Args:
        os_path: of the file.
        data: the contents.
        base: hash of what it must hold before, unless it is gone; None: it may hold anything.

    Raises:
        OSError: it cannot be written; ESTALE: it holds something else, or did so before this was saved.
    """
    with _opened(os_path, looked_at=base is not None) as file:
        # A mount keeps to the version that was opened, and says ESTALE when another one was faster.
        if base is not None and file.readable() and digest(file.read()) != base:
            raise OSError(errno.ESTALE, "It was changed elsewhere", os_path)
        file.seek(0)
        file.truncate()
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _opened(os_path: str, looked_at: bool) -> BinaryIO:
    """Open a file to be written, and if it is there and `looked_at` to be read before."""
    try:
        return open(os_path, "r+b" if looked_at else "wb")  # noqa: PTH123 - the name may be bytes
    except FileNotFoundError:
        return open(os_path, "wb")  # noqa: PTH123
