"""`cygnet certificates`: certificates of the grid."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import click

from ..client.api import ApiClient
from ..models import as_object
from .common import Session, connected

_ROUTE = "api/v1/certificates"


@click.group()
def certificates() -> None:
    """Certificates of the grid, which open your files instead of a password."""


@certificates.command("add")
@click.argument("code")
@connected
def add(session: Session, code: str) -> None:
    """Let the certificate of this command open the files of whoever has got CODE in the Files site."""

    async def claim(api: ApiClient) -> dict[str, Any]:
        return dict(
            as_object(await api.caller.call_json("POST", f"{_ROUTE}/claim", {"code": code}), "answer")
        )

    made = session.ask(claim)
    session.tell(made, [f"{made['subject']} opens the files of {made['user']}."])


@certificates.command("show")
@connected
def show(session: Session) -> None:
    """Show what the service sees in the certificate of this command, and whose it is there."""

    async def presented(api: ApiClient) -> dict[str, Any]:
        return dict(as_object(await api.caller.call_json("GET", f"{_ROUTE}/presented"), "answer"))

    told = session.ask(presented)
    session.tell(told, _lines(told))


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"Subject:   {told['subject']}"
    yield f"Issuer:    {told['issuer']}"
    limited = ", limited: it reads only" if told["limited"] else ""
    yield f"Proxies:   {told['proxies']}{limited}"
    yield f"Ends:      {time.strftime('%Y-%m-%d %H:%M', time.localtime(told['expires']))}"
    for one in told["attributes"]:
        yield f"VO:        {one['organisation']}: {', '.join(one['names'])}"
    yield f"Account:   {told['user'] or 'none. ' + told['problem']}"
