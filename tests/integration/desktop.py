"""The desktop clients of ownCloud and Nextcloud without their windows."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.crash import eventually

#: What each is given beside the account.
CLIENTS = {"nextcloudcmd": [], "owncloudcmd": ["--exclude", "/etc/Nextcloud/sync-exclude.lst"]}

#: Names that belong to the clients themselves.
OWN = (".sync_", "._sync_", ".nextcloudsync", ".owncloudsync")


class Laptop:
    """A folder that a client keeps equal to an account.

    Args:
        client: its name.
        folder: is made if it is not there.
        user: name of the account.
        password: an app password of it.
    """

    def __init__(self, client: str, folder: Path, user: str, password: str) -> None:
        self.client, self.folder, self.user, self.password = client, folder, user, password
        self.home = folder.with_name(f"{folder.name}.home")
        self.folder.mkdir(parents=True, exist_ok=True)

    def sync(self, url: str, *options: str) -> str:
        """Bring both to the same state; what the client said. It has a minute."""
        done = subprocess.run(
            self._command(url, *options),
            env=self._environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
        )
        assert done.returncode == 0, done.stderr[-5000:]
        return done.stderr

    def sync_until(self, url: str, enough: Callable[[], bool], *options: str) -> None:
        """Begin to, and kill the client as soon as it is `enough`."""
        command = self._command(url, *options)
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, env=self._environment, stdout=quiet, stderr=quiet) as running:
            try:
                assert eventually(lambda: enough() or running.poll() is not None, 60)
                assert running.poll() is None, "it was done too soon"
            finally:
                running.kill()

    def _command(self, url: str, *options: str) -> list[str]:
        command = [self.client, "--non-interactive", "--trust", *CLIENTS[self.client], *options]
        return [*command, "--user", self.user, "--password", self.password, str(self.folder), url]

    @property
    def _environment(self) -> dict[str, str]:
        own = {"QT_QPA_PLATFORM": "offscreen", "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home)}
        return {**os.environ, **own}

    def forget(self) -> None:
        """Begin anew: the client compares both sides without its memory of what it synced before."""
        for journal in self.folder.glob(".sync_*"):
            journal.unlink()

    def tree(self) -> dict[str, bytes | None]:
        """What is in the folder."""
        return tree(self.folder)


def tree(folder: Path) -> dict[str, bytes | None]:
    """What is in a folder, without the client's own files; None for folders."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if not path.name.startswith(OWN):
            found[str(path.relative_to(folder))] = path.read_bytes() if path.is_file() else None
    return found
