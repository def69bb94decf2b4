"""What is remembered of transfers that broke off, so that the next run goes on where they ended.

Each has a small file in the state folder, which the process at work keeps locked: the lock ends with the
process, however that ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from .. import errors

#: Seconds after which a record that nobody used is thrown away; the service forgets uploads after a day.
_LIFETIME = 7 * 86400.0


def state_folder() -> Path:
    """Return where records are kept: below `XDG_STATE_HOME`, by default `~/.local/state`."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "cygnet" / "transfers"


class Record:
    """What is known of one transfer; made by `Ledger.held`."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file, self._path = file, path

    def load(self) -> dict[str, Any]:
        """Return what an earlier run saved; nothing if there was none, or its file is damaged."""
        self._file.seek(0)
        try:
            found = json.loads(self._file.read())
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def save(self, **known: Any) -> None:
        """Remember this instead of what was there."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(known))
        self._file.flush()

    def forget(self) -> None:
        """Remove the record: the transfer is done."""
        self._path.unlink(missing_ok=True)


class Ledger:
    """The records of all transfers of this person on this machine.

    Args:
        folder: where they are; default: `state_folder()`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or state_folder()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._prune(time.time() - _LIFETIME)

    def _prune(self, before: float) -> None:
        for path in self._folder.glob("*.json"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    @staticmethod
    def key(*what: str) -> str:
        """Return a short name for a transfer, made from all that tells it from others."""
        return hashlib.sha256("\0".join(what).encode("utf-8", "surrogateescape")).hexdigest()[:24]

    @contextmanager
    def held(self, key: str) -> Iterator[Record]:
        """Give the record of a transfer, which nobody else can have meanwhile.

        Raises:
            Busy: another process is at this transfer.
        """
        path = self._folder / f"{key}.json"
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise errors.Busy("Another `cygnet` is at this transfer already") from None
            record = Record(file, path)
            try:
                yield record
            finally:
                if not record.load():
                    record.forget()
