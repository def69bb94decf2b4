"""What an administrator does to accounts, on a data directory or on the hub that serves it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cygnet_hub.accounts import hub_database, names, passwords
from cygnet_hub.accounts.account import Account, Hub
from cygnet_hub.accounts.files import Files
from cygnet_hub.accounts.hub_api import RunningHub
from cygnet_hub.accounts.hub_database import StoppedHub
from cygnet_hub.config.layout import Layout
from cygnet_hub.errors import PlatformError
from cygnet_hub.up import data


@dataclass(frozen=True)
class Administration:
    """The accounts of one platform.

    `minimum` is the least length of a password, `obstacle` why there may be one account only, if so.
    """

    layout: Layout
    hub: Hub
    minimum: int
    obstacle: str | None

    def accounts(self) -> list[Account]:
        """Return everybody, by name."""
        return self.hub.accounts()

    def add(self, name: str, password: str, *, admin: bool = False, quota: int | None = None) -> None:
        """Make an account. Raises PlatformError, with nothing changed, when name or password will not do."""
        everybody = {account.name for account in self.accounts()}
        if problem := names.complaint(name) or passwords.complaint(password, self.minimum):
            raise PlatformError(problem)
        if name in everybody:
            raise PlatformError(
                f"There is an account {name} already; `cygnet user password {name}` changes its password."
            )
        if everybody and self.obstacle:
            raise PlatformError(self.obstacle)
        self.hub.add(name, admin=admin)
        self._write_password(name, password)
        if quota is not None:
            with Files.opened(self.layout) as files:
                files.set_quota(name, quota)

    def set_password(self, name: str, password: str) -> None:
        """Change a password. Raises PlatformError, with nothing changed, when it will not do."""
        self._require(name)
        if problem := passwords.complaint(password, self.minimum):
            raise PlatformError(problem)
        self._write_password(name, password)

    def app_password(self, name: str, label: str) -> str:
        """Return a new password for one program of the person's."""
        self._require(name)
        with Files.opened(self.layout) as files:
            return files.new_app_password(name, label)

    def remove(self, name: str) -> Path:
        """Remove an account: login, tokens and shares end now; files are set aside, not deleted.

        Returns the folder to which the person's home was moved; their synced files stay in the sync service's
        store, under the name of that folder.
        """
        self._require(name)
        hub_database.forget_password(self.layout.hub_database, name)
        with Files.opened(self.layout) as files:
            files.revoke(name, sessions=False)
            self.hub.remove(name)  # its notebook server sends what it holds, then stops
            files.revoke(name, sessions=True)
            label = f"{name}~{time.strftime('%Y%m%dT%H%M%S')}"
            files.set_aside(name, label)
        return self._move_home(name, label)

    def _move_home(self, name: str, label: str) -> Path:
        from cygnet_spawner.identity import folder_of

        target = self.layout.removed / label
        self.layout.removed.mkdir(mode=0o700, exist_ok=True)
        home = self.layout.homes / folder_of(name)
        if home.exists():
            home.rename(target)
        return target

    def _write_password(self, name: str, password: str) -> None:
        hub_database.set_password(self.layout.hub_database, name, passwords.hash_password(password))

    def _require(self, name: str) -> None:
        if name not in {account.name for account in self.accounts()}:
            raise PlatformError(f"There is no account {name}; `cygnet user list` shows all.")


@contextmanager
def administration(layout: Layout, minimum: int, obstacle: str | None) -> Iterator[Administration]:
    """Open the accounts of a data directory: through the hub when it runs, else by its database."""
    if not layout.version.exists():
        raise PlatformError(f"{layout.data} is not a data directory of Cygnet; say which one with --data.")
    data.check(layout)
    if data.in_use(layout):
        yield Administration(layout, _running(layout), minimum, obstacle)
        return
    with data.locked(layout):
        data.prepare(layout)
        with stopped(layout, minimum, obstacle) as found:
            yield found


@contextmanager
def stopped(layout: Layout, minimum: int, obstacle: str | None) -> Iterator[Administration]:
    """Open the accounts of a data directory that the caller holds, while no hub runs."""
    hub = StoppedHub(layout.hub_database)
    try:
        yield Administration(layout, hub, minimum, obstacle)
    finally:
        hub.close()


def _running(layout: Layout) -> RunningHub:
    try:
        url = json.loads(layout.endpoints.read_text(encoding="utf-8"))["hub"]
    except FileNotFoundError as starting:
        raise PlatformError("The platform is just starting or stopping; try again in a moment.") from starting
    return RunningHub(url, (layout.secrets / "admin-token").read_text(encoding="ascii").strip())
