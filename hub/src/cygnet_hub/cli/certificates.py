"""`cygnet admin certificates`: whose certificates open whose files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from cygnet_hub.accounts.files import Files
from cygnet_hub.accounts.quiet import quiet
from cygnet_hub.cli.data import data_option
from cygnet_hub.cli.messages import problems_told
from cygnet_hub.config.layout import Layout
from cygnet_hub.config.storage import sync_urls
from cygnet_hub.errors import PlatformError
from cygnet_hub.services.sync.model.errors import CygnetError
from cygnet_hub.services.sync.service.certificates import add_certificate, read_pem
from cygnet_hub.services.sync.store import certificates as store
from cygnet_hub.services.sync.store.database import Database


@click.group("certificates")
def certificates() -> None:
    """Say whose certificates of the grid open whose files."""


@certificates.command("add")
@click.argument("name")
@click.option("--file", type=click.Path(path_type=Path, exists=True), help="The certificate (PEM).")
@click.option("--subject", metavar="DN", help="Its subject instead, such as /DC=org/CN=Ada.")
@click.option("--issuer", metavar="DN", help="With --subject: of this authority only; any accepted one else.")
@data_option
def add(name: str, file: Path | None, subject: str | None, issuer: str | None, data: Path) -> None:
    """Let a certificate open the files of the account NAME.

    Nothing is checked but that it is nobody else's: you vouch for whose it is.
    """
    if (file is None) == (subject is None) or (file and issuer):
        raise click.UsageError("give either --file, or --subject and perhaps --issuer")
    with problems_told("cygnet admin certificates"), _opened(data) as (database, files):
        if not files.exist(name):
            raise PlatformError(f"There are no files of an account {name}.")
        with _told():
            told = _names(file) if file else (subject or "", issuer or "")
            made = database.write_now(
                lambda connection: add_certificate(connection, name, *told, by_administrator=True)
            )
    click.echo(f"{made.subject} opens the files of {name}.")


def _names(file: Path) -> tuple[str, str]:
    certificate = read_pem(file.read_text(encoding="utf-8", errors="replace"))
    return certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()


@certificates.command("list")
@click.argument("name", required=False)
@data_option
def list_(name: str | None, data: Path) -> None:
    """Show the certificates of everybody, or of NAME: id, account, subject, authority."""
    with problems_told("cygnet admin certificates"), _opened(data) as (database, _):
        found = database.read_now(lambda connection: store.listing(connection, name))
    for one in found:
        click.echo("  ".join((one.id, one.user, one.subject, one.issuer or "(any authority)")))


@certificates.command("remove")
@click.argument("certificate_id", metavar="ID")
@data_option
def remove(certificate_id: str, data: Path) -> None:
    """Take the certificate ID away; it opens nothing from now on."""
    with problems_told("cygnet admin certificates"), _opened(data) as (database, _):
        if not database.write_now(lambda connection: store.remove(connection, certificate_id)):
            raise PlatformError(f"There is no certificate {certificate_id}.")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except CygnetError as problem:
        raise PlatformError(str(problem)) from problem


@contextmanager
def _opened(data: Path) -> Iterator[tuple[Database, Files]]:
    layout = Layout(data.resolve())
    if not layout.version.exists():
        raise PlatformError(f"{data} is not a data directory of Cygnet.")
    with Files.opened(layout) as files, quiet():
        database = Database.open(sync_urls(layout).database)
        try:
            yield database, files
        finally:
            database.close()
