"""Statements about contents that have not all of their checksums yet, and about who is computing them."""

from __future__ import annotations

from sqlalchemy import Connection, func, literal_column, select, update

from ..model.node import Checksums
from ..model.objects import etag_of
from . import objects, spaces
from .schema import manifest, s3_object, version

#: The fact that names the process that computes, and until when it is believed to.
_TURN = "late-sums"


def next_unfinished(connection: Connection, after: int) -> tuple[int, int] | None:
    """The next contents that have no MD5 yet: the number of their manifest, and a version that shows it.

    They have an index of their own, which is empty when all is done.
    """
    lacks = manifest.c.md5 == literal_column("''")  # as the index has it; a parameter could be anything
    wanted = (
        select(manifest.c.id, func.max(version.c.id))
        .join(version, version.c.manifest == manifest.c.id)
        .where(lacks, manifest.c.id > after)
        .group_by(manifest.c.id)
        .order_by(manifest.c.id)
        .limit(1)
    )
    row = connection.execute(wanted).first()
    return None if row is None else (row[0], row[1])


def take_turn(connection: Connection, holder: str, now: float, seconds: float) -> bool:
    """Whether `holder` may compute for so many seconds: no other process does."""
    other, _, end = (spaces.fact(connection, _TURN) or "").partition(" ")
    if other not in ("", holder) and float(end) > now:
        return False
    spaces.set_fact(connection, _TURN, f"{holder} {now + seconds:.0f}")
    return True


def keep(connection: Connection, version_id: int, found: Checksums) -> None:
    """Give the contents of a version the checksums that they lack."""
    this = select(version.c.manifest).where(version.c.id == version_id).scalar_subquery()
    known = connection.execute(select(manifest).where(manifest.c.id == this)).first()
    if known is None:
        return  # the version was deleted meanwhile
    lacking = {kind: value for kind, value in vars(found).items() if value and not getattr(known, kind)}
    if "md5" in lacking:
        _keep_etags(connection, known.id)
    if lacking:
        connection.execute(update(manifest).where(manifest.c.id == known.id).values(**lacking))


def _keep_etags(connection: Connection, manifest_id: int) -> None:
    """Keep the etags by which S3's clients know the versions of contents that had no MD5 until now."""
    wanted = (
        select(version.c.id, s3_object.c.etag, s3_object.c.facts)
        .outerjoin(s3_object, s3_object.c.version == version.c.id)
        .where(version.c.manifest == manifest_id)
    )
    for version_id, etag, facts in connection.execute(wanted).all():
        if not etag:
            objects.keep_instead(
                connection, version_id, etag_of(None, Checksums(), version_id), facts or "{}"
            )
