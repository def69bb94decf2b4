"""`cygnet login`."""

from __future__ import annotations

import sys

import click

from ..client.api import ApiClient
from ..client.caller import Caller
from ..credentials import Basic, discover, save_login
from ..models import Account
from .common import run


@click.command()
@click.argument("url")
@click.option("--user", "-u", prompt="User name", help="Your user name; asked for if not given.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the app password from standard input, without asking."
)
def login(url: str, user: str, password_stdin: bool) -> None:
    """Remember the service at URL and an app password for it.

    Make an app password in the Files site, under Settings, or with `cygnet user app-password NAME`. It is
    kept in a file that only you can read.
    """
    if password_stdin:
        password = sys.stdin.readline().strip()
    else:
        password = click.prompt("App password", hide_input=True)
    endpoint = discover(url, credentials=Basic(user, password))

    async def who() -> Account:
        caller = Caller.to(endpoint)
        try:
            return await ApiClient(caller).me()
        finally:
            await caller.close()

    account = run(who)
    save_login(endpoint.url, account.name, password)
    click.echo(f"You are logged in at {endpoint.url} as {account.display_name}.")
