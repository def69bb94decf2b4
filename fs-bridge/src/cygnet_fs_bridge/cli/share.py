"""`cygnet share`."""

from __future__ import annotations

from pathlib import Path

import click

from ..models import Share
from .common import run, service, token_option, tree_path, url_option


@click.command()
@click.argument("path")
@click.argument("people", nargs=-1, metavar="[NAME]...")
@click.option("--group", is_flag=True, help="NAMEs are groups.")
@click.option("--link", is_flag=True, help="Make a link that whoever has it can open.")
@click.option("--edit", is_flag=True, help="Let them change it; without this they can only look.")
@click.option("--password", help="Password of the link.")
@click.option("--expires", metavar="YYYY-MM-DD", help="Last day on which it can be used.")
@click.option("--note", default="", help="Words for those who get it.")
@click.option("--remove", metavar="ID", help="Take a share back.")
@url_option
@token_option
def share(
    path: str,
    people: tuple[str, ...],
    group: bool,
    link: bool,
    edit: bool,
    password: str | None,
    expires: str | None,
    note: str,
    remove: str | None,
    url: str | None,
    token_file: Path | None,
) -> None:
    """Share PATH with people or by a link; without either, show who has access."""
    settings = {
        "path": tree_path(path),
        "role": "editor" if edit else "viewer",
        "password": password,
        "expires": expires,
        "note": note,
    }
    wanted = [{**settings, "kind": "group" if group else "user", "grantee": name} for name in people]
    wanted += [{**settings, "kind": "link", "grantee": None}] if link else []

    async def act() -> list[Share]:
        async with service(url, token_file) as api:
            if remove is not None:
                await api.delete_share(remove)
            made = [await api.create_share(one) for one in wanted]
            return made or list(await api.shares("item", tree_path(path)))

    for one in run(act):
        click.echo(_line(one))


def _line(one: Share) -> str:
    who = one.url if one.kind == "link" else one.grantee.display_name if one.grantee else ""
    until = f", until {one.expires}" if one.expires else ""
    return f"{one.id}  {'can edit' if one.role == 'editor' else 'can view'}  {who}{until}"
