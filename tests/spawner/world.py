"""A hub with the local spawner, run as root or as an account without any privilege."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.spawner.credential_service import CredentialService
from tests.spawner.small_hub import Person, SmallHub

SCRATCH = 1  # uid and gid of `daemon`: an account without any privilege that every Debian has
HERE = Path(__file__).parent
# A mount table of its own, in which the scratch account reaches Python, wherever root keeps it, and
# /dev/fuse, which machines without udev leave to root. Then: that account, without privileges.
AS_SCRATCH = """
set -e
base=$1; shift
held=$(mktemp -d)
mount --bind "$base" "$held"
above=$base
while [ "$above" != / ]; do
  above=$(dirname "$above")
  [ $(( 0$(stat -c %a "$above") & 1 )) = 1 ] || closed=$above
done
if [ -n "${closed:-}" ]; then
  mount -t tmpfs -o mode=755 tmpfs "$closed"
  mkdir -p "$base"
  mount --bind "$held" "$base"
fi
node=$(mktemp -d)
mount -t tmpfs -o mode=755,dev tmpfs "$node"
if [ -e /dev/fuse ]; then mknod -m 666 "$node/fuse" c 10 229; mount --bind "$node/fuse" /dev/fuse; fi
exec setpriv --reuid=1 --regid=1 --clear-groups --bounding-set=+all --inh-caps=-all "$@"
"""  # fmt: skip


def as_scratch_account() -> list[str]:
    """Prefix that runs a command as the scratch account; only root can use it."""
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", AS_SCRATCH, "sh", sys.base_prefix]


@dataclass
class World:
    """A running hub and what belongs to it."""

    folder: Path
    hub: SmallHub
    service: CredentialService
    own_numbers: bool

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def ask(self, person: Person, wanted: dict[str, Any]) -> dict[str, Any]:
        """Let `inside.py` try things from a terminal of the person's running server."""
        home = self.data / "homes" / person.name
        owner = home.stat()
        for name, text in (
            ("inside.py", (HERE / "inside.py").read_text()),
            ("wanted.json", json.dumps(wanted)),
        ):
            (home / name).write_text(text)
            os.chown(home / name, owner.st_uid, owner.st_gid)
        result = home / "answer.json"
        result.unlink(missing_ok=True)
        person.terminal("python ~/inside.py ~/wanted.json ~/answer.json > ~/inside.log 2>&1")
        deadline = time.monotonic() + 30
        while not result.exists():
            assert time.monotonic() < deadline, (home / "inside.log").read_text()
            time.sleep(0.05)
        return dict(json.loads(result.read_text()))


@contextmanager
def world(folder: Path, *, root: bool, lines: str = "") -> Iterator[World]:
    """Run a hub as root or as an account without privileges; mounts are served by `stand_in_mount.py`.

    Args:
        folder: an empty directory.
        root: whether the hub is root.
        lines: further configuration.
    """
    key = "the-internal-key"
    lay_out(folder, key)
    with CredentialService(key) as service:
        config = f"{settings(folder, service.url)}\n{_STAND_IN.format(here=str(HERE))}\n{lines}"
        hub = SmallHub(
            folder, "cygnet_spawner.local.LocalSpawner", config, () if root else as_scratch_account()
        )
        if not root:
            give(folder)
        with hub:
            yield World(folder, hub, service, root)


def lay_out(folder: Path, key: str) -> None:
    """Make what the hub's process finds: the key of the sync service, and a data directory."""
    (folder / "key").write_text(key)
    (folder / "key").chmod(0o600)
    (folder / "data").mkdir(mode=0o711)


def settings(folder: Path, sync_url: str) -> str:
    """Configuration of the spawner for what `lay_out` has made."""
    return f"""
c.LocalSpawner.data_dir = {str(folder / "data")!r}
c.LocalSpawner.sync_url = {sync_url!r}
c.LocalSpawner.internal_key_file = {str(folder / "key")!r}
"""


# The stand-in lies in this repository's tests, which sessions do not see: its text is passed along.
_STAND_IN = """
import sys
from dataclasses import replace
from pathlib import Path
from cygnet_spawner import session
_text = Path({here!r}, "stand_in_mount.py").read_text()
_task, _begin = session.mount_task, session.Session.__init__
def _stand_in(*arguments, **options):
    return replace(_task(*arguments, **options), command=(sys.executable, "-c", _text))
def _never_forked(self, cell, mount_cell, log):
    _begin(self, cell, replace(mount_cell, warm=None), log)
session.mount_task, session.Session.__init__ = _stand_in, _never_forked
"""


def give(folder: Path) -> None:
    """Let the scratch account own everything in `folder`."""
    os.chown(folder, SCRATCH, SCRATCH)
    for path in folder.rglob("*"):
        os.chown(path, SCRATCH, SCRATCH)
