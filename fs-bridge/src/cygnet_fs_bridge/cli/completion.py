"""`cygnet completion`: what makes a shell complete commands, options and paths."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what SHELL has to read so that the Tab key completes commands, options and your paths."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.ClickException(f"There is no completion for {shell}")
    click.echo(kind(ctx.find_root().command, {}, "cygnet", "_CYGNET_COMPLETE").source())
