"""What must be done to a database that was brought back from a backup, before anybody is served from it."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, delete, update

from ..store import counters, spaces
from ..store.schema import credential, instance, journal, space

#: Numbers that were given out after the backup was made are not given out again: each counter jumps so far.
LEAP = 1 << 32


def set_off(connection: Connection) -> None:
    """Tell a restored database from the one that it was copied from.

    The fingerprint tells sync clients to delete nothing. The counters leap, so that no id, etag or cursor
    that was given out after the backup can come to mean something else; feeds begin anew, and so do notebook
    servers.
    """
    connection.execute(delete(instance).where(instance.c.key.startswith("running:")))
    spaces.set_fact(connection, "fingerprint", secrets.token_hex(16))
    counters.set_on(connection, {name: last + LEAP for name, last in counters.stand(connection).items()})
    connection.execute(update(space).values(seq=space.c.seq + LEAP))
    connection.execute(delete(journal))
    connection.execute(delete(credential).where(credential.c.kind == "server"))
