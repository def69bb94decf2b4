"""`cygnet share` and `cygnet link`."""

from __future__ import annotations

import sys
from typing import Any

import click

from ..client.api import ApiClient
from ..models import Share
from .addresses import TreePath
from .common import Session, connected, tree_path

edit_option = click.option(
    "--edit", is_flag=True, help="Let them change it; without this they can only look."
)
expires_option = click.option("--expires", metavar="YYYY-MM-DD", help="Last day on which it can be used.")


@click.command()
@click.argument("path", type=TreePath())
@click.argument("people", nargs=-1, metavar="[NAME]...")
@click.option("--group", is_flag=True, help="NAMEs are groups.")
@click.option("--link", is_flag=True, help="Make a link that whoever has it can open.")
@edit_option
@click.option("--password", help="Password of the link.")
@expires_option
@click.option("--note", default="", help="Words for those who get it.")
@click.option("--remove", metavar="ID", help="Take a share back.")
@connected
def share(
    session: Session,
    path: str,
    people: tuple[str, ...],
    group: bool,
    link: bool,
    edit: bool,
    password: str | None,
    expires: str | None,
    note: str,
    remove: str | None,
) -> None:
    """Share PATH with people or by a link; without either, show who has access."""
    settings = _settings(path, edit, password, expires) | {"note": note}
    wanted = [{**settings, "kind": "group" if group else "user", "grantee": name} for name in people]
    wanted += [{**settings, "kind": "link", "grantee": None}] if link else []

    async def act(api: ApiClient) -> list[Share]:
        if remove is not None:
            await api.delete_share(remove)
        made = [await api.create_share(one) for one in wanted]
        return made or list(await api.shares("item", tree_path(path)))

    shares = session.ask(act)
    session.tell([one.to_json() for one in shares], map(_line, shares))


def _settings(path: str, edit: bool, password: str | None, expires: str | None) -> dict[str, Any]:
    role = "editor" if edit else "viewer"
    return {"path": tree_path(path), "role": role, "password": password, "expires": expires}


def _line(one: Share) -> str:
    who = one.url if one.kind == "link" else one.grantee.display_name if one.grantee else ""
    until = f", until {one.expires}" if one.expires else ""
    return f"{one.id}  {'can edit' if one.role == 'editor' else 'can view'}  {who}{until}"


@click.command()
@click.argument("path", type=TreePath())
@edit_option
@click.option(
    "--password-stdin", is_flag=True, help="Read a password for the link from standard input, without asking."
)
@expires_option
@click.option("--remove", is_flag=True, help="Take all links to PATH away.")
@connected
def link(
    session: Session, path: str, edit: bool, password_stdin: bool, expires: str | None, remove: bool
) -> None:
    """Print an address at which whoever has it can open PATH.

    A link that is there already, without a password and with the same rights and last day, is used again.
    """
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    settings = _settings(path, edit, password, expires)

    async def act(api: ApiClient) -> list[Share]:
        links = [one for one in await api.shares("item", tree_path(path)) if one.kind == "link"]
        if remove:
            for one in links:
                await api.delete_share(one.id)
            return links
        same = [one for one in links if password is None and _is_like(one, settings)]
        return same[:1] or [await api.create_share(settings | {"kind": "link", "grantee": None, "note": ""})]

    links = session.ask(act)
    session.tell([one.to_json() for one in links], () if remove else (one.url or "" for one in links))


def _is_like(one: Share, settings: dict[str, Any]) -> bool:
    same = one.role == settings["role"] and one.expires == settings["expires"]
    return same and not one.has_password and one.url is not None
