"""The option that says which platform a command is about."""

from __future__ import annotations

from pathlib import Path

import click

DEFAULT_DATA = Path("cygnet-data")

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=DEFAULT_DATA,
    show_default=True,
    help="The data directory of the platform; it may be running.",
)
