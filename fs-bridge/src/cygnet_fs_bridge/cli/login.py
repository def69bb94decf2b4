"""`cygnet login`."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click

from .. import errors
from ..client import login_flow
from ..client.api import ApiClient
from ..client.caller import Caller
from ..credentials import Anonymous, Basic, Credentials, discover, save_certificate_login, save_login
from ..models import Account
from ..tls import Certificate
from .common import certificate_of, certificate_option, key_option, run

#: Where the service lies below the address of the platform, which is the one that people know.
_BELOW = "services/sync/"


@click.command()
@click.argument("url")
@click.option("--user", "-u", help="Your user name, to log in by an app password instead of the browser.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the app password from standard input, without asking."
)
@certificate_option
@key_option
@click.option(
    "--timeout",
    type=click.FloatRange(1, 1200),
    default=600.0,
    show_default=True,
    help="Seconds to wait for the browser.",
)
def login(
    url: str, user: str | None, password_stdin: bool, timeout: float, cert: Path | None, key: Path | None
) -> None:
    """Log in to the Cygnet at URL, once for all later commands.

    Prints an address, to be opened in any browser, also on another machine, and waits until you have agreed
    there. With --user it takes an app password instead, which you make in the Files site; with --cert it
    keeps where your certificate is. What it gets is kept in a file that only you can read.
    """
    own = certificate_of(cert, key)
    if own and user is not None:
        raise click.UsageError("give --user or --cert, not both")
    if user is None and password_stdin:
        raise click.UsageError("--password-stdin needs --user")
    password = "" if user is None else _password(password_stdin)

    async def work() -> tuple[str, Basic | Certificate, Account]:
        base = await _service_at(url)
        credentials = own or (await _by_browser(base, timeout) if user is None else Basic(user, password))
        async with _calling(base, credentials) as caller:
            return base, credentials, await ApiClient(caller).me()

    base, credentials, account = run(work)
    if isinstance(credentials, Certificate):
        save_certificate_login(base, account.name, credentials)
    else:
        save_login(base, account.name, credentials.password)
    click.echo(f"You are logged in at {base} as {account.display_name}.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().strip()
    return str(click.prompt("App password", hide_input=True))


@asynccontextmanager
async def _calling(base: str, credentials: Credentials) -> AsyncIterator[Caller]:
    caller = Caller.to(discover(base, credentials=credentials))
    try:
        yield caller
    finally:
        await caller.close()


async def _service_at(url: str) -> str:
    """Return the base of the service that `url`, its own address or that of the platform, means.

    Raises:
        Unsupported: there is none.
    """
    given = discover(url, credentials=Anonymous()).url
    for base in (given, given + _BELOW):
        async with _calling(base, Anonymous()) as caller:
            try:
                status = await caller.call_json("GET", "status.php")
            except errors.Unavailable:
                raise
            except errors.ServiceError:
                continue
        if isinstance(status, dict) and "installed" in status:
            return base
    raise errors.Unsupported(f"There is no Cygnet at {url}")


async def _by_browser(base: str, limit: float) -> Basic:
    async with _calling(base, Anonymous()) as caller:
        asked = await login_flow.ask(caller)
        click.echo(f"Open this address in a browser in which you can log in:\n\n    {asked.address}\n")
        click.echo(f"Agree there if the page shows the code {asked.code}. Waiting ...")
        granted = await login_flow.granted(caller, asked, limit)
    return Basic(granted.user, granted.password)
