"""`cygnet user`: accounts, on a data directory or on the hub that serves it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from cygnet_hub.accounts.administration import Administration, administration
from cygnet_hub.accounts.files import Files
from cygnet_hub.accounts.sizes import parse_size, show_size
from cygnet_hub.cli.data import data_option
from cygnet_hub.cli.messages import problems_told
from cygnet_hub.config.layout import Layout
from cygnet_hub.config.settings import load_settings
from cygnet_hub.errors import PlatformError
from cygnet_hub.up.confinement import obstacle

_password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking."
)


@click.group("user")
def command() -> None:
    """Make, list and remove accounts."""


@command.command("add")
@click.argument("name")
@click.option("--admin", is_flag=True, help="The account may administer the platform.")
@click.option("--quota", metavar="SIZE", help="How much the account may store, such as 10GB.")
@_password_stdin
@data_option
def add(name: str, admin: bool, quota: str | None, password_stdin: bool, data: Path) -> None:
    """Make the account NAME."""
    with problems_told("cygnet user add"):
        limit = None if quota is None else _size(quota)
        password = _read_password(password_stdin)
        with _opened(data) as accounts:
            accounts.add(name, password, admin=admin, quota=limit)
    click.echo(f"{name} can log in now.")


@command.command("password")
@click.argument("name")
@_password_stdin
@data_option
def password(name: str, password_stdin: bool, data: Path) -> None:
    """Change the password of the account NAME."""
    with problems_told("cygnet user password"):
        new = _read_password(password_stdin)
        with _opened(data) as accounts:
            accounts.set_password(name, new)
    click.echo(f"The password of {name} is changed.")


@command.command("list")
@data_option
def list_(data: Path) -> None:
    """Show the accounts, their groups, and how much they store."""
    with problems_told("cygnet user list"), _opened(data) as accounts:
        found = accounts.accounts()
        with Files.opened(accounts.layout) as files:
            usage = files.usage()
    for account in found:
        used, quota = usage.get(account.name, (0, None))
        limit = "no limit" if quota is None else f"of {show_size(quota)}"
        marks = [*(["admin"] if account.admin else []), *account.groups]
        click.echo(f"{account.name:24} {show_size(used):>9} {limit:12} {' '.join(marks)}".rstrip())


@command.command("remove")
@click.argument("name")
@data_option
def remove(name: str, data: Path) -> None:
    """Remove the account NAME: its login, server, tokens and shares. Its files are kept, set aside."""
    with problems_told("cygnet user remove"), _opened(data) as accounts:
        aside = accounts.remove(name)
    click.echo(f"{name} is removed. Nothing of the files is deleted: they are set aside as {aside.name}.")


@command.command("app-password")
@click.argument("name")
@click.option("--label", default="made by an administrator", help="What it is for; shown to the person.")
@data_option
def app_password(name: str, label: str, data: Path) -> None:
    """Print a new password with which a program can reach the files of NAME."""
    with problems_told("cygnet user app-password"), _opened(data) as accounts:
        secret = accounts.app_password(name, label)
    click.echo(secret)


@contextmanager
def _opened(data: Path) -> Iterator[Administration]:
    layout = Layout(data.resolve())
    settings = load_settings(layout.settings, {})
    with administration(layout, settings.minimum_password_length, obstacle(settings)) as found:
        yield found


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        # One line: `echo`, `pass` and `printf` all end theirs with a newline that is no part of the password.
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise PlatformError("There is no terminal to ask for the password; use --password-stdin.")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt="The same again"))


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except ValueError as problem:
        raise PlatformError(str(problem)) from problem
