"""Where a person's session keeps things on the host, and who may look into them."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cygnet_spawner.confine import Bind
from cygnet_spawner.identity import Identity
from cygnet_spawner.plan import MountPlan

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Places:
    """Host directories of one person.

    Args:
        data: the platform's data directory.
        folder: the person's folder name.
    """

    data: Path
    folder: str

    @property
    def home(self) -> Path:
        """The home: what is not synced, such as caches, kernels and checkpoints."""
        return self.data / "homes" / self.folder

    @property
    def files(self) -> Path:
        """Where the person's tree is mounted."""
        return self.home / "files"

    @property
    def stores(self) -> Path:
        """Where further stores are mounted, a folder each."""
        return self.home / "stores"

    @property
    def run(self) -> Path:
        """All that lives as long as one server."""
        return self.data / "run" / self.folder

    @property
    def token(self) -> Path:
        """Directory of the token file; the session can read it and not write."""
        return self.run / "token"

    @property
    def state(self) -> Path:
        """Directory of the mount's state file; the mount writes and the session reads it."""
        return self.run / "mount"

    @property
    def cache(self) -> Path:
        """The mount's cache, and its journal of writes that are not acknowledged yet."""
        return self.data / "mount-cache" / self.folder

    def prepare(self, identity: Identity) -> None:
        """Make what is missing. May be called again at any time, while no server of the person runs.

        Raises:
            OSError: the data directory cannot be written.
        """
        for above in (self.data / "homes", self.data / "run", self.data / "mount-cache"):
            above.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.run.mkdir(mode=0o711, exist_ok=True)
        for own in (self.home, self.state, self.cache):
            _own(own, identity)
        _mount_point(self.home, "files", identity)
        # The token directory is the hub's: nobody else can put a file there.
        self.token.mkdir(mode=0o755, exist_ok=True)
        # A point to mount the state directory on, inside the token directory that the session sees.
        (self.token / "mount").mkdir(exist_ok=True)
        (self.run / "passwd").write_text(identity.passwd())
        (self.run / "group").write_text(identity.group())

    def prepare_stores(self, names: Sequence[str], identity: Identity) -> None:
        """Make the folders on which stores are mounted, and take away empty ones of an earlier session.

        Raises:
            OSError: the home cannot be written.
        """
        if not names and not self.stores.is_dir():
            return
        _mount_point(self.home, "stores", identity)
        for left in self.stores.iterdir():
            if left.name not in names:
                with contextlib.suppress(OSError):  # something of the person's own
                    left.rmdir()
        for name in names:
            _mount_point(self.stores, name, identity)

    def put_store_files(self, files: Mapping[str, str], identity: Identity) -> None:
        """Give the session these files with the options of its stores, and none of an earlier session.

        Raises:
            OSError: the data directory cannot be written.
        """
        self.take_store_files()
        folder = self.token / "stores"
        folder.mkdir(mode=0o755, exist_ok=True)
        for name, text in files.items():
            replace_file(folder, name, text, mode=0o600, identity=identity)

    def take_store_files(self) -> None:
        """Remove the files with the options of stores."""
        for file in (self.token / "stores").glob("*"):
            file.unlink()

    def binds(self, plan: MountPlan) -> tuple[Bind, ...]:
        """Translate a plan for this machine.

        The tree is mounted inside the home on the host already, and comes along with it: so the sandbox can
        be made while nobody answers for the mount yet.
        """
        sources = {"home": self.home, "token": self.token, "state": self.state}
        return tuple(
            Bind(str(sources[place.role]), place.target, place.writable)
            for place in plan.places
            if place.role in sources
        )


def _own(path: Path, identity: Identity) -> None:
    """Make a private directory of the session's."""
    path.mkdir(mode=0o700, exist_ok=True)
    if identity.own and path.stat().st_uid != identity.uid:
        os.chown(path, identity.uid, identity.gid)


def _mount_point(folder: Path, name: str, identity: Identity) -> None:
    """Make `name` in a folder of the person's a real directory; anything else of that name is set aside.

    A person rules over their home, and the hub may be root: so no step here follows a link.
    """
    inside = os.open(folder, _DIRECTORY)
    try:
        if _kind(inside, name) not in (None, stat.S_IFDIR):
            os.rename(name, f"{name}.set-aside-{int(time.time())}", src_dir_fd=inside, dst_dir_fd=inside)
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=inside)
        if identity.own:
            os.chown(name, identity.uid, identity.gid, dir_fd=inside, follow_symlinks=False)
    finally:
        os.close(inside)


def _kind(folder: int, name: str) -> int | None:
    try:
        return stat.S_IFMT(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


def set_aside(places: Places) -> None:
    """Move home and unsent writes of an account that is gone out of the way of a new one with its name.

    Raises:
        OSError: the data directory cannot be written.
    """
    for folder in (places.home, places.cache):
        if folder.exists():
            kept = places.data / "removed"
            kept.mkdir(mode=0o700, exist_ok=True)
            folder.rename(kept / f"{places.folder}~{folder.parent.name}-{time.time_ns()}")


def write_durably(path: Path, text: str) -> None:
    """Replace a file of the hub's own so that after a power cut it is the old one or the new one.

    Raises:
        OSError: it cannot be written.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    os.replace(temporary, path)  # noqa: PTH105 - the temporary name is a string
    folder = os.open(path.parent, _DIRECTORY)
    os.fsync(folder)
    os.close(folder)


def replace_file(folder: Path, name: str, text: str, *, mode: int, identity: Identity) -> None:
    """Replace a file at once: readers see the old one or the new one, never a part of it.

    Args:
        folder: its directory, which may be the session's own: no link there is followed.
        name: its name.
        text: its new contents.
        mode: its permissions.
        identity: who is to own it.
    """
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name}-")  # 0600 and exclusive from the start
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fchmod(handle, mode)
        if identity.own:
            os.fchown(handle, identity.uid, identity.gid)
    os.replace(temporary, folder / name)  # noqa: PTH105 - the temporary name is a string


def read_small(path: Path, limit: int = 65_536) -> bytes:
    """Read a file that a session's process wrote: follows no link, waits for no pipe, at most `limit` bytes.

    Raises:
        OSError: it is not there, or it is not a plain file.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.read(handle, limit)
    finally:
        os.close(handle)


def read_state(path: Path) -> dict[str, Any]:
    """What a mount last said about itself in its state file; empty when nothing yet."""
    try:
        state = json.loads(read_small(path))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}
