"""`cygnet keys`: access keys of S3."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any

import click

from ..client.api import ApiClient
from ..client.keys import KeyClient
from .addresses import TreePath
from .common import Session, connected, tree_path

_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


class Duration(click.ParamType[float]):
    """How long, such as `12h` or `30d`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds, or say what a duration looks like."""
        match = re.fullmatch(r"(\d+)([mhdw])", str(value))
        if match is None:
            self.fail(f"{value!r} is not a duration; write for example 12h or 30d", param, ctx)
        return float(int(match[1]) * _SECONDS[match[2]])


@click.group()
def keys() -> None:
    """Access keys, with which programs that speak S3 use your files."""


@keys.command("add")
@click.option("--label", default="", help="What it is for.")
@click.option("--folder", type=TreePath(), help="Only for this folder and what is in it.")
@click.option("--read-only", is_flag=True, help="Only for reading.")
@click.option("--ttl", type=Duration(), metavar="DURATION", help="It ends after so long, such as 12h or 30d.")
@connected
def add(session: Session, label: str, folder: str | None, read_only: bool, ttl: float | None) -> None:
    """Make a key and print it, once, as the variables that programs read.

    It ends at the latest when the login of this command is taken away.
    """
    limit = None if folder is None else tree_path(folder)

    async def make(api: ApiClient) -> dict[str, Any]:
        return await KeyClient(api.caller).add(label=label, folder=limit, read_only=read_only, ttl=ttl)

    made = session.ask(make)
    lines = [f"AWS_ACCESS_KEY_ID={made['id']}", f"AWS_SECRET_ACCESS_KEY={made['secret']}"]
    session.tell(made, [*lines, f"AWS_ENDPOINT_URL={made['endpoint']}"])


@keys.command("temporary")
@click.option(
    "--ttl",
    type=Duration(),
    default="1h",
    show_default=True,
    metavar="DURATION",
    help="It ends after so long, 15m to 12h, and with your proxy or login.",
)
@click.option("--process", is_flag=True, help="Print it as `credential_process` of Amazon's tools takes it.")
@connected
def temporary(session: Session, ttl: float, process: bool) -> None:
    """Make a key that ends by itself, such as for a job with a proxy, and print it like `add`.

    Named as `credential_process` in ~/.aws/config, it gives boto3 and aws new keys whenever they need one.
    """
    made = session.ask(lambda api: KeyClient(api.caller).temporary(ttl))
    if process:
        click.echo(json.dumps(_for_process(made)))
        return
    lines = [f"AWS_ACCESS_KEY_ID={made['id']}", f"AWS_SECRET_ACCESS_KEY={made['secret']}"]
    session.tell(made, [*lines, f"AWS_SESSION_TOKEN={made['token']}", f"AWS_ENDPOINT_URL={made['endpoint']}"])


def _for_process(made: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Version": 1,
        "AccessKeyId": made["id"],
        "SecretAccessKey": made["secret"],
        "SessionToken": made["token"],
        "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(made["expires"])),
    }


@keys.command("list")
@connected
def list_keys(session: Session) -> None:
    """Show the keys that were made by this login, the newest first."""
    found = session.ask(lambda api: KeyClient(api.caller).listing())
    session.tell(found, map(_line, found))


def _line(key: Mapping[str, Any]) -> str:
    limits = [key["folder"] or "/", "only reading" if key["read_only"] else ""]
    if key["expires"] is not None:
        limits.append(time.strftime("until %Y-%m-%d %H:%M", time.localtime(key["expires"])))
    return f"{key['id']}  {key['label']}  ({', '.join(filter(None, limits))})"


@keys.command("remove")
@click.argument("key_ids", nargs=-1, required=True, metavar="ID...")
@connected
def remove(session: Session, key_ids: tuple[str, ...]) -> None:
    """Take keys away; they are refused from now on."""

    async def revoke(api: ApiClient) -> None:
        for key_id in key_ids:
            await KeyClient(api.caller).remove(key_id)

    session.ask(revoke)
    session.tell(list(key_ids))
