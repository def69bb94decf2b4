"""`cygnet admin`: look after everything that is stored."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from cygnet_hub.accounts.files import Files
from cygnet_hub.accounts.quiet import quiet
from cygnet_hub.accounts.sizes import parse_size, show_size
from cygnet_hub.admin import backup
from cygnet_hub.admin.extents import Progress
from cygnet_hub.cli.certificates import certificates
from cygnet_hub.cli.data import data_option
from cygnet_hub.cli.messages import problems_told
from cygnet_hub.config.layout import Layout
from cygnet_hub.config.settings import check_addresses
from cygnet_hub.config.storage import Urls, local_urls, sync_urls
from cygnet_hub.errors import PlatformError
from cygnet_hub.services.sync.model.errors import CygnetError
from cygnet_hub.services.sync.service.expiry import expire
from cygnet_hub.services.sync.service.fsck import Report, check
from cygnet_hub.services.sync.service.restored import set_off
from cygnet_hub.services.sync.service.scrub import scrub
from cygnet_hub.services.sync.store.contents import Contents
from cygnet_hub.services.sync.store.database import Database

_PATH = click.Path(path_type=Path)
#: How often a long copy says how far it is.
SAY_SECONDS = 10.0


@click.group("admin")
def command() -> None:
    """Check, back up, restore and clear away what is stored."""


command.add_command(certificates)


@command.command("fsck")
@data_option
def fsck(data: Path) -> None:
    """Compare the database with the stored contents, and correct what only counts."""
    with problems_told("cygnet admin fsck"), _opened(data) as (database, contents):
        report = check(database, contents)
    _finish(report)


@command.command("scrub")
@data_option
def scrub_(data: Path) -> None:
    """Read everything that is stored, and name the files whose bytes are damaged."""
    with problems_told("cygnet admin scrub"), _opened(data) as (database, contents):
        sizes: list[int] = []
        report = scrub(database, contents, sizes.append)
    click.echo(f"Read {len(sizes)} extents, {show_size(sum(sizes))}.")
    _finish(report)


@command.command("backup")
@click.argument("target", type=_PATH)
@click.option("--update", is_flag=True, help="TARGET is an earlier backup: copy only what is new.")
@data_option
def backup_(target: Path, update: bool, data: Path) -> None:
    """Copy everything to the empty folder TARGET while the platform runs.

    One that was broken off goes on where it was.
    """
    with _told("backup"):
        count = backup.back_up(_layout(data), target.resolve(), _progress(), again=update)
    click.echo(f"{target} holds a backup with {count} extents.")


@command.command("restore")
@click.argument("source", type=_PATH)
@click.option("--database-url", metavar="URL", help="An empty database of PostgreSQL for the metadata.")
@click.option("--storage-url", metavar="URL", help="An empty place in S3 for the contents of files.")
@data_option
def restore(source: Path, database_url: str | None, storage_url: str | None, data: Path) -> None:
    """Make an empty data directory of the backup SOURCE, or with addresses a platform elsewhere.

    One that was broken off goes on where it was.
    """
    layout = Layout(data.resolve())
    usual = local_urls(layout)
    urls = Urls(database_url or usual.database, storage_url or usual.storage)
    with _told("restore"):
        check_addresses(database_url, storage_url)
        count = backup.restore(source.resolve(), layout, _progress(), urls)
    click.echo(
        f"{data} holds what was in the backup, {count} extents. Start it with `cygnet up --data {data}`."
    )


@command.command("restored")
@data_option
def restored(data: Path) -> None:
    """After a database was brought back by its own tools: tell clients that it is an older state."""
    with problems_told("cygnet admin restored"), _opened(data) as (database, _):
        if not database.presence.enter():
            raise PlatformError("The service is running. Stop the platform first.")
        database.write_now(set_off)
    click.echo("Clients will see that the server has gone back to an older state, and delete nothing.")


@command.command("expire")
@click.option("--versions-days", type=click.FloatRange(min=0), default=30, show_default=True)
@click.option("--trash-days", type=click.FloatRange(min=0), default=30, show_default=True)
@data_option
def expire_(versions_days: float, trash_days: float, data: Path) -> None:
    """Delete for good what was replaced or thrown away so many days ago."""
    with problems_told("cygnet admin expire"), _opened(data) as (database, _):
        versions, things = expire(database, versions_days, trash_days)
    click.echo(f"Deleted {versions} old versions, and {things} things from the trash.")


@command.command("quota")
@click.argument("name")
@click.argument("size", required=False)
@data_option
def quota(name: str, size: str | None, data: Path) -> None:
    """Show how much NAME may store, or change it to SIZE, such as 10GB or none."""
    with problems_told("cygnet admin quota"), Files.opened(_layout(data)) as files:
        if not files.exist(name):
            raise PlatformError(f"There are no files of an account {name}.")
        if size is not None:
            files.set_quota(name, None if size == "none" else _size(size))
        used, limit = files.usage()[name]
    click.echo(
        f"{name} stores {show_size(used)}; the limit is {'none' if limit is None else show_size(limit)}."
    )


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except ValueError as problem:
        raise PlatformError(str(problem)) from problem


@contextmanager
def _told(subcommand: str) -> Iterator[None]:
    """Say in one line what is wrong with a database or a storage."""
    with problems_told(f"cygnet admin {subcommand}"):
        try:
            yield
        except (CygnetError, OSError, SQLAlchemyError) as problem:
            raise PlatformError(str(problem).strip().partition("\n")[0]) from problem


def _progress() -> Progress:
    """Tell how far a copy has come every few seconds, and only one that takes longer."""
    said = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal said
        if time.monotonic() - said > SAY_SECONDS:
            said = time.monotonic()
            click.echo(
                f"Copied {progress.extents} of {progress.all_extents} extents,"
                f" {show_size(progress.size)} of {show_size(progress.all_size)}.",
                err=True,
            )

    return Progress(tell)


def _layout(data: Path) -> Layout:
    layout = Layout(data.resolve())
    if not layout.version.exists():
        raise PlatformError(f"{data} is not a data directory of Cygnet.")
    return layout


@contextmanager
def _opened(data: Path) -> Iterator[tuple[Database, Contents]]:
    urls = sync_urls(_layout(data))
    with quiet():
        database = Database.open(urls.database)
    try:
        yield database, Contents.open(urls.storage)
    finally:
        database.close()


def _finish(report: Report) -> None:
    for line in report.corrected:
        click.echo(f"corrected: {line}")
    for line in report.damage:
        click.echo(f"damaged: {line}", err=True)
    if report.damage:
        sys.exit(1)
    click.echo("Everything is as it must be.")
