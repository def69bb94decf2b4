"""Where things lie in a data directory; docs/reference/files-on-disk.md describes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DATA_VERSION = 1


@dataclass(frozen=True)
class Layout:
    """The paths below one data directory."""

    data: Path

    @property
    def version(self) -> Path:
        """The number of the layout; a directory without it was not made by Cygnet."""
        return self.data / "VERSION"

    @property
    def lock(self) -> Path:
        """Held with flock by the `cygnet up` that serves this directory."""
        return self.data / "lock"

    @property
    def settings(self) -> Path:
        """The administrator's choices; need not exist."""
        return self.data / "cygnet.toml"

    @property
    def own_config(self) -> Path:
        """JupyterHub configuration of the administrator's own, loaded last; need not exist."""
        return self.data / "jupyterhub_config.py"

    @property
    def endpoints(self) -> Path:
        """The addresses that answer now; there only while the platform runs."""
        return self.data / "endpoints.json"

    @property
    def hub(self) -> Path:
        """The hub's own folder and working directory."""
        return self.data / "hub"

    @property
    def hub_database(self) -> Path:
        """Accounts, groups, hub sessions and hub tokens (SQLite)."""
        return self.hub / "jupyterhub.sqlite"

    @property
    def sync(self) -> Path:
        """The sync service's folder: its database and the contents of everybody's files."""
        return self.data / "sync"

    @property
    def homes(self) -> Path:
        """One folder a person: the local disk of their notebook sessions."""
        return self.data / "homes"

    @property
    def removed(self) -> Path:
        """The homes of removed accounts, one folder each."""
        return self.data / "removed"

    @property
    def secrets(self) -> Path:
        """Generated keys, each a file that only its owner may read."""
        return self.data / "secrets"

    @property
    def logs(self) -> Path:
        """One log a part."""
        return self.data / "logs"

    @property
    def platform(self) -> Path:
        """What `cygnet up` has noted about the running platform."""
        return self.data / "platform"

    @property
    def deployment(self) -> Path:
        """What `cygnet up` decided, for the hub process to read."""
        return self.platform / "deployment.json"

    @property
    def processes(self) -> Path:
        """The processes that were started, so that the next start can end those left over."""
        return self.platform / "processes.json"

    @property
    def private_folders(self) -> tuple[Path, ...]:
        """Folders that nobody but the owner of the platform may enter."""
        return (self.hub, self.sync, self.removed, self.secrets, self.logs, self.platform)
