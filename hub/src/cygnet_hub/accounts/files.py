"""A person's side of the sync service: quota, app passwords, and what stays when the account is removed.

Works on the service's database, whether the service runs or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table, delete, update

from cygnet_hub.accounts.quiet import quiet
from cygnet_hub.config.layout import Layout
from cygnet_hub.config.storage import sync_urls
from cygnet_hub.services.sync.service.credentials import issue_app_password
from cygnet_hub.services.sync.store import inbox_schema, schema, spaces
from cygnet_hub.services.sync.store.database import Database


class Files:
    """The sync service's database, opened.

    Args:
        database: of the service.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    @contextmanager
    def opened(cls, layout: Layout) -> Iterator[Files]:
        """Open the database of a platform, made when absent."""
        with quiet():
            database = Database.open(sync_urls(layout).database)
        try:
            yield cls(database)
        finally:
            database.close()

    def exist(self, name: str) -> bool:
        """Say whether there are files of an account of this name."""
        return self._database.read_now(lambda connection: spaces.home(connection, name)) is not None

    def set_quota(self, name: str, quota: int | None) -> None:
        """Limit the person's files to `quota` bytes, None for no limit."""

        def change(connection: Connection) -> None:
            space = spaces.open_account(connection, name)
            spaces.set_quota(connection, space.id, quota)

        self._database.write_now(change)

    def usage(self) -> dict[str, tuple[int, int | None]]:
        """Return used bytes and quota by account name."""
        query = schema.space.select().where(schema.space.c.kind == "home")
        rows = self._database.read_now(lambda connection: connection.execute(query).all())
        return {row.owner: (row.stored, row.quota) for row in rows}

    def new_app_password(self, name: str, label: str) -> str:
        """Return a new password for one program of the person's; only its hash is kept."""
        return self._database.write_now(lambda connection: issue_app_password(connection, name, label)).secret

    def revoke(self, name: str, *, sessions: bool) -> None:
        """Take away the person's app passwords, access keys, and every share from and to them, at once.

        With `sessions` the credentials of their notebook servers too, which can then send nothing any more.
        """
        self._database.write_now(lambda connection: _revoke(connection, name, sessions))

    def set_aside(self, name: str, new_name: str) -> None:
        """Keep the person's files under a name that nobody can have, so that no later account gets them."""

        def rename(connection: Connection) -> None:
            account, space = schema.account, schema.space
            connection.execute(update(account).where(account.c.name == name).values(name=new_name))
            connection.execute(update(space).where(space.c.owner == name).values(owner=new_name))

        self._database.write_now(rename)


def _revoke(connection: Connection, name: str, sessions: bool) -> None:
    credential = schema.credential
    kinds = ("app-password", "server") if sessions else ("app-password",)
    connection.execute(delete(credential).where(credential.c.user == name, credential.c.kind.in_(kinds)))
    key = schema.access_key
    theirs = delete(key).where(key.c.user == name)
    connection.execute(theirs if sessions else theirs.where(key.c.source.not_like("server:%")))
    owned: tuple[tuple[Table, str], ...] = (
        (inbox_schema.notice, "user"),
        (schema.certificate, "user"),
        (schema.share_answer, "user"),
        (schema.favorite, "user"),
        (schema.lock, "holder"),
        (schema.share, "owner"),
        (schema.share, "initiator"),
    )
    for table, column in owned:
        connection.execute(delete(table).where(table.c[column] == name))
    share = schema.share
    connection.execute(delete(share).where(share.c.kind == "user", share.c.grantee == name))
