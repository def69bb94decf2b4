"""The hub's database: passwords always, accounts and groups while the hub is stopped."""

from __future__ import annotations

import base64
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from cygnet_hub.accounts.account import Account
from cygnet_hub.accounts.quiet import quiet
from cygnet_hub.errors import PlatformError

_BUSY_SECONDS = 10.0


def password_hash(database: Path, name: str) -> bytes | None:
    """Return the stored hash of a person's password, or None when they cannot log in."""
    if not database.exists():
        return None
    with _connected(database) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'users_info'").fetchone():
            return None
        row = connection.execute("SELECT password FROM users_info WHERE username = ?", (name,)).fetchone()
    return bytes(row[0]) if row else None


def count_accounts(database: Path) -> int:
    """Return how many people have an account."""
    if not database.exists():
        return 0
    with _connected(database) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'users'").fetchone():
            return 0
        return int(connection.execute("SELECT count(*) FROM users").fetchone()[0])


def set_password(database: Path, name: str, hashed: bytes) -> None:
    """Let `name` log in with the password that `hashed` was made from, and no other."""
    with _connected(database) as connection, connection:
        connection.execute("DELETE FROM users_info WHERE username = ?", (name,))
        connection.execute(
            "INSERT INTO users_info"
            " (username, password, is_authorized, login_email_sent, has_2fa, otp_secret)"
            " VALUES (?, ?, 1, 0, 0, ?)",
            (name, hashed, base64.b32encode(os.urandom(10)).decode()),
        )


def forget_password(database: Path, name: str) -> None:
    """Let nobody log in as `name` any more."""
    with _connected(database) as connection, connection:
        connection.execute("DELETE FROM users_info WHERE username = ?", (name,))


@contextmanager
def _connected(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database, timeout=_BUSY_SECONDS)) as connection:
        yield connection


class StoppedHub:
    """Accounts and groups of a hub that does not run. The caller holds the data directory's lock.

    Args:
        database: the hub's SQLite file; made with all tables when absent.
    """

    def __init__(self, database: Path) -> None:
        # Here and not above: importing JupyterHub takes a second that most commands need not spend.
        from jupyterhub import orm, roles
        from nativeauthenticator.orm import UserInfo

        self._orm, self._roles = orm, roles
        make(database)
        with quiet():
            self._session = orm.new_session_factory(f"sqlite:///{database}")()
        # A database of before nativeauthenticator lacks this one table.
        UserInfo.metadata.create_all(self._session.get_bind())

    def close(self) -> None:
        """Let go of the database."""
        engine = self._session.get_bind()
        self._session.close()
        engine.dispose()

    def accounts(self) -> list[Account]:
        """Return everybody, by name."""
        rows = self._session.query(self._orm.User).order_by(self._orm.User.name)
        return [Account(row.name, bool(row.admin), tuple(group.name for group in row.groups)) for row in rows]

    def add(self, name: str, *, admin: bool) -> None:
        """Make an account with the roles of a person, or of an administrator."""
        user = self._orm.User(name=name, admin=admin)
        self._session.add(user)
        self._session.commit()
        for role in self._roles.get_default_roles():
            self._roles.create_role(self._session, role, reset_to_defaults=False)
        self._roles.assign_default_roles(self._session, entity=user)

    def remove(self, name: str) -> None:
        """Remove an account with its tokens and sessions."""
        user = self._orm.User.find(self._session, name)
        if user is None:
            raise PlatformError(f"There is no account {name}.")
        self._session.delete(user)
        self._session.commit()

    def add_to_group(self, group: str, names: list[str]) -> None:
        """Put people into a group, made when absent."""
        row: Any = self._orm.Group.find(self._session, group)
        if row is None:
            row = self._orm.Group(name=group)
            self._session.add(row)
        for name in names:
            user = self._orm.User.find(self._session, name)
            if user is not None and user not in row.users:
                row.users.append(user)
        self._session.commit()


def make(database: Path) -> None:
    """Make an empty database, if there is none, in WAL mode, which the file keeps: readers do not wait."""
    if database.exists():
        return
    descriptor = os.open(database, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    os.close(descriptor)
    with _connected(database) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
