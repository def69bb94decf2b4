"""Clearing away what was: versions and trash that are older than a policy says."""

from __future__ import annotations

import time
from functools import partial

from sqlalchemy import Connection, select, update

from ..store import history
from ..store.database import Database
from ..store.schema import node, space, trash, version
from ..store.versions import delete_versions

DAY = 86400.0
BATCH = 500


def expire(
    database: Database, versions_days: float, trash_days: float, now: float | None = None
) -> tuple[int, int]:
    """Delete for good versions that were replaced, and things that were deleted, so many days ago. Blocks.

    The current version of a file is never deleted, however old. Contents that nothing shows any more are
    cleared away by the service within a day.

    Returns:
        how many versions, and how many things in the trash.
    """
    today = time.time() if now is None else now
    versions = things = 0
    while gone := database.write_now(partial(_drop_versions, before=today - versions_days * DAY)):
        versions += gone
    while gone := database.write_now(partial(_drop_trash, before=today - trash_days * DAY)):
        things += gone
    return versions, things


def _drop_versions(connection: Connection, before: float) -> int:
    later = version.alias()
    # A version became old when the next one came, however long before that it was made.
    replaced = select(later.c.id).where(
        later.c.node == version.c.node, later.c.id > version.c.id, later.c.created < before
    )
    wanted = (
        select(version.c.id, version.c.size, node.c.space)
        .join(node, node.c.id == version.c.node)
        .where(node.c.version != version.c.id, replaced.exists())
        .limit(BATCH)
    )
    rows = connection.execute(wanted).all()
    delete_versions(connection, [row.id for row in rows])
    for space_id in {row.space for row in rows}:
        freed = sum(row.size for row in rows if row.space == space_id)
        connection.execute(update(space).where(space.c.id == space_id).values(stored=space.c.stored - freed))
    return len(rows)


def _drop_trash(connection: Connection, before: float) -> int:
    wanted = select(trash.c.node, trash.c.space).where(trash.c.deleted < before).limit(BATCH // 10)
    rows = connection.execute(wanted).all()
    for row in rows:
        history.purge(connection, row.space, row.node)
    return len(rows)
