"""How the subcommands tell of a problem: one line on standard error, and an exit code that is not 0."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from cygnet_hub.errors import PlatformError


@contextmanager
def problems_told(command: str) -> Iterator[None]:
    """Turn a PlatformError into one line that begins with `command`, and exit code 1."""
    try:
        yield
    except PlatformError as problem:
        click.echo(f"{command}: {problem}", err=True)
        sys.exit(1)
