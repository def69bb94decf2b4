"""The data directory: is it ours, is it free, and who holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cygnet_hub.config.layout import DATA_VERSION, Layout
from cygnet_hub.errors import PlatformError


def check(layout: Layout) -> None:
    """Look at the data directory without touching it.

    Raises PlatformError when it is not a directory, holds something else, or is of a newer version.
    """
    data = layout.data
    try:
        contents = {path.name for path in data.iterdir()}
    except FileNotFoundError:
        return
    except (NotADirectoryError, PermissionError) as wrong:
        raise PlatformError(f"{data} cannot be a data directory: {wrong.strerror}.") from wrong
    if layout.version.name in contents:
        _check_version(layout)
    elif contents - {layout.settings.name, layout.own_config.name, layout.lock.name}:
        raise PlatformError(f"{data} is not empty and not a data directory of Cygnet; choose another.")


def _check_version(layout: Layout) -> None:
    text = layout.version.read_text(encoding="ascii", errors="replace").strip()
    if not text.isdecimal():
        raise PlatformError(f"{layout.version} does not hold a version number.")
    if int(text) > DATA_VERSION:
        raise PlatformError(
            f"{layout.data} was made by a newer Cygnet (data version {text}, this one knows {DATA_VERSION}). "
            "Nothing was changed."
        )


@contextmanager
def locked(layout: Layout) -> Iterator[None]:
    """Hold the data directory; the kernel lets go of it when this process ends, however it ends.

    Raises PlatformError when another process holds it.
    """
    check(layout)
    if not layout.data.exists():
        _make(layout.data, 0o711)
    with _lock_file(layout) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise PlatformError(f"{layout.data} is in use by another `cygnet up`.") from held
        yield


def in_use(layout: Layout) -> bool:
    """Say whether a `cygnet up` serves the directory now."""
    if not layout.lock.exists():
        return False
    with _lock_file(layout) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def _lock_file(layout: Layout) -> Iterator[int]:
    try:
        descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except PermissionError as denied:
        raise PlatformError(
            f"This account may not use {layout.data}: it belongs to somebody else."
        ) from denied
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def prepare(layout: Layout) -> None:
    """Make the folders; those with secrets in them for the owner alone.

    The directory itself can be passed through by everybody: notebook sessions of other uids have their homes
    below it.
    """
    _make(layout.data, 0o711)
    for folder in layout.private_folders:
        _make(folder, 0o700)
    _make(layout.homes, 0o711)
    if not layout.version.exists():
        layout.version.write_text(f"{DATA_VERSION}\n", encoding="ascii")


def _make(folder: Path, mode: int) -> None:
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except (PermissionError, FileExistsError, NotADirectoryError) as wrong:
        raise PlatformError(f"Cannot make {folder}: {wrong.strerror}.") from wrong
    if folder.stat().st_uid == os.geteuid() and folder.stat().st_mode & 0o777 != mode:
        folder.chmod(mode)
