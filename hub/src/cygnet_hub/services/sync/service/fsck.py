"""The service checks itself: the database and the stored contents agree, and so do the tree's sums and etags.

What only counts (sizes, sequence numbers) is corrected. What nothing refers to is deleted when it is a day
old: until then it may be an upload on its way. Contents that something refers to are never touched.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from ..store import checks, journal, uploads
from ..store.contents import Contents
from ..store.database import Database

log = logging.getLogger(__name__)

DAY = 86400.0
#: A client that asks at least this often for changes is told them one by one.
JOURNAL_DAYS = 30
BATCH = 500


@dataclass
class Report:
    """What was found: `damage` has lost something, `corrected` has not."""

    damage: list[str] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether everything was as it must be."""
        return not self.damage and not self.corrected


def check(database: Database, contents: Contents) -> Report:
    """Check everything but the bytes themselves, and correct what can be. Blocks."""
    report = Report()
    database.read_now(lambda connection: _check_references(connection, report))
    _check_storage(database, contents, report)
    database.write_now(lambda connection: _correct(connection, report))
    return report


def _check_references(connection: Connection, report: Report) -> None:
    findings: list[tuple[str, Callable[[Connection], list[int]]]] = [
        ("file {} has no current version", checks.files_without_version),
        ("node {} is in no folder and not in the trash", checks.lost_nodes),
        ("the pieces of manifest {} do not add up", checks.wrong_manifests),
    ]
    for words, find in findings:
        report.damage += [words.format(identifier) for identifier in find(connection)]


def _check_storage(database: Database, contents: Contents, report: Report) -> None:
    # The database first: an extent that is added meanwhile is then only seen as stored, which is no fault.
    known = database.read_now(checks.extents)
    stored = dict(contents.keys())
    for key, size in known.items():
        if stored.get(key) != size:
            files = database.read_now(partial(checks.files_of_extent, key=key))
            state = "is missing" if key not in stored else f"has {stored[key]} bytes instead of {size}"
            report.damage.append(f"extent {key} {state}; it is part of the files {files}")


def _correct(connection: Connection, report: Report) -> None:
    corrections: list[tuple[str, Callable[..., list[tuple[int, int]]], Callable[..., None]]] = [
        ("size of folder {} is {}", checks.wrong_sizes, checks.set_size),
        ("sequence number of folder {} is {}", checks.stale_folders, checks.set_seq),
        ("stored bytes of space {} are {}", checks.wrong_totals, checks.set_total),
    ]
    for words, find, correct in corrections:
        # Correcting a folder can make the one above it wrong: go on until all are right.
        while wrong := find(connection):
            for identifier, value in wrong:
                correct(connection, identifier, value)
                report.corrected.append(words.format(identifier, value))


def collect_garbage(database: Database, contents: Contents, now: float | None = None) -> int:
    """Delete contents that nothing refers to and uploads that nobody continues, a day old; and old changes.

    Blocks.

    Returns:
        how many extents were deleted.
    """
    before = (time.time() if now is None else now) - DAY
    database.write_now(lambda connection: uploads.expire(connection, before))
    database.write_now(lambda connection: journal.prune(connection, before - (JOURNAL_DAYS - 1) * DAY))
    removed = 0
    while keys := database.write_now(lambda connection: checks.drop_garbage(connection, before, BATCH)):
        for key in keys:
            contents.delete(key)
        removed += len(keys)
    return removed + _collect_unknown(database, contents, before)


def _collect_unknown(database: Database, contents: Contents, before: float) -> int:
    """Delete stored objects, half-written ones too, that the database never heard of."""
    old = contents.older_than(before)
    known = database.read_now(checks.extents)
    unknown = [path for name, path in old if name not in known]
    for path in unknown:
        contents.filesystem.rm_file(path)
    return len(unknown)


def check_after_crash(database: Database, contents: Contents) -> Report:
    """What runs at start when the last stop was not a clean one: check, and say what was found. Blocks."""
    log.warning("the service was not stopped cleanly; checking the database and the storage")
    report = check(database, contents)
    for words in report.damage:
        log.error("damage: %s", words)
    for words in report.corrected:
        log.warning("corrected: %s", words)
    log.warning("check finished: %d damaged, %d corrected", len(report.damage), len(report.corrected))
    return report
