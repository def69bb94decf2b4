"""The `cygnet` command. Subcommands are entry points of the group `cygnet.commands`, imported when used."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

import click
from click.shell_completion import CompletionItem

GROUP = "cygnet.commands"


class LazyGroup(click.Group):
    """A group whose commands are entry points, loaded when they are called; any distribution may add some."""

    def _found(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=GROUP)}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *self._found()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; one of a damaged distribution only says so when it is called."""
        point = self._found().get(cmd_name)
        if point is None:
            return super().get_command(ctx, cmd_name)
        try:
            command = point.load()
        except (ImportError, AttributeError) as error:
            return _unusable(cmd_name, f"`cygnet {cmd_name}` cannot be loaded: {error}")
        return command if isinstance(command, click.Command) else _unusable(cmd_name, "This is not a command")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer names and options; a press of the Tab key loads no command, some of which take a second."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        return [*map(CompletionItem, names), *click.Command.shell_complete(self, ctx, incomplete)]


def _unusable(name: str, reason: str) -> click.Command:
    def refuse() -> None:
        raise click.ClickException(reason)

    return click.Command(name, callback=refuse, help=f"(unusable: {reason})")


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cygnet-fs-bridge", prog_name="cygnet")
def main() -> None:
    """Your files, your notebooks, and the platform that keeps them."""
