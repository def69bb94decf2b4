"""Read everything that is stored, and find what is not what was stored any more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..model.errors import Damaged
from ..model.node import Piece
from ..store import checks
from ..store.checks import StoredExtent
from ..store.contents import Contents
from ..store.database import Database
from ..store.digests import Digests
from ..store.sums import Summer
from .fsck import Report

BATCH = 200

#: Told after each extent: how many bytes it has.
Progress = Callable[[int], None]


def scrub(database: Database, contents: Contents, progress: Progress = lambda _: None) -> Report:
    """Read and verify every extent that the database knows. Blocks, for as long as reading everything takes.

    The service may run meanwhile. Nothing is deleted; an extent from before there were checksums of blocks
    gets them if its digest is right.
    """
    report, last = Report(), 0
    while batch := database.read_now(partial(checks.extents_after, after=last, limit=BATCH)):
        for item in batch:
            _examine(database, contents, item, report)
            progress(item.size)
        last = batch[-1].id
    return report


def _examine(database: Database, contents: Contents, item: StoredExtent, report: Report) -> None:
    digests, summer = Digests(), Summer()
    try:
        for block in contents.read(Piece(item.key, 0, item.size, item.sums or b"")):
            digests.update(block)
            summer.update(block)
    except (Damaged, OSError) as error:
        _tell(database, item, str(error), report)
        return
    if item.sha256 not in ("", digests.checksums().sha256):
        _tell(database, item, "Its digest is another one.", report)
    elif not item.sums:
        database.write_now(lambda connection: checks.set_sums(connection, item.id, summer.sums()))
        report.corrected.append(f"extent {item.key} has checksums of its blocks now")


def _tell(database: Database, item: StoredExtent, words: str, report: Report) -> None:
    files = database.read_now(lambda connection: checks.paths_of_extent(connection, item.key))
    if not files and not database.read_now(lambda connection: checks.knows(connection, item.key)):
        return  # it was garbage, and was collected meanwhile
    report.damage.append(f"extent {item.key}: {words} It is part of {', '.join(files) or 'no file'}.")
