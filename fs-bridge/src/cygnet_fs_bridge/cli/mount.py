"""`cygnet mount`."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Literal

import click

from ..credentials import discover
from .common import Size, run, token_option, url_option

_START_LIMIT = 60.0


def _default_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "cygnet"


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="[ADDRESS] DIRECTORY")
@click.option(
    "--foreground", is_flag=True, help="Serve until Ctrl-C or SIGTERM, without going to the background."
)
@url_option
@token_option
@click.option(
    "--cache-dir", type=click.Path(path_type=Path), help="Folder on local disk; default: ~/.cache/cygnet."
)
@click.option(
    "--cache-size", type=Size(), default="1GiB", show_default=True, help="Most disk space of the read cache."
)
@click.option(
    "--state-file", type=click.Path(path_type=Path), help="File that is told the state of the mount as JSON."
)
@click.option(
    "--patience",
    type=float,
    default=30.0,
    show_default=True,
    help="Seconds that a call waits for a service that is away.",
)
@click.option(
    "--consistency",
    type=click.Choice(["close", "fsync"]),
    help="Which call waits until what was written has arrived. With fsync, close waits for local disk only. "
    "Default: fsync for cygnet://, close for other stores.",
)
@click.option("--read-only", is_flag=True, help="Let nobody change anything. Not for cygnet://.")
@click.option(
    "--options",
    "options_file",
    type=click.Path(path_type=Path),
    help="JSON file with options of the store, such as keys and endpoint_url. Not for cygnet://.",
)
def mount(
    places: tuple[str, ...],
    foreground: bool,
    url: str | None,
    token_file: Path | None,
    cache_dir: Path | None,
    cache_size: int,
    state_file: Path | None,
    patience: float,
    consistency: Literal["close", "fsync"] | None,
    read_only: bool,
    options_file: Path | None,
) -> None:
    """Mount your files, or any store, at DIRECTORY, so that every program can use them.

    ADDRESS is `cygnet://`, which is also the default, or one of another store: s3://, root://, https://,
    fixed://, file://, or whatever else fsspec knows.
    """
    address, directory = _places(places)
    own = address.rstrip("/") == "cygnet:"
    options = _options(options_file)
    if own and (read_only or options):
        raise click.UsageError("--read-only and --options are for other stores than cygnet://")
    if not foreground:
        _in_background("Your files are" if own else f"{address} is", directory)
        return
    logging.basicConfig(level=logging.WARNING, format="cygnet mount: %(message)s")
    from ..mount.plain import Address
    from ..mount.run import Settings, serve, serve_address

    settings = Settings(
        folder=directory.absolute(),
        cache_dir=(cache_dir or _default_cache()).absolute(),
        state_file=state_file,
        cache_bytes=cache_size,
        patience=patience,
        consistency=consistency or ("fsync" if own else "close"),
    )

    def mounted() -> None:
        click.echo(f"mounted {directory}")

    if own:
        run(lambda: serve(settings, discover(url, token_file), mounted))
    else:
        run(lambda: serve_address(settings, Address(address, options, read_only), mounted))


def _places(places: tuple[str, ...]) -> tuple[str, Path]:
    *addresses, directory = places
    if len(addresses) > 1:
        raise click.UsageError("Give one folder to mount at")
    address = addresses[0] if addresses else "cygnet://"
    if ":" not in address:
        raise click.UsageError(f"{address} is not the address of a store, such as s3://bucket/folder")
    return address, Path(directory)


def _options(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        options = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{file} cannot be used: {error}") from error
    if not isinstance(options, dict):
        raise click.ClickException(f"{file} has to hold a JSON object")
    return options


def _in_background(what: str, directory: Path) -> None:
    """Start this command again as a process of its own, and wait until it has mounted."""
    with tempfile.TemporaryFile() as told:
        command = [sys.executable, "-m", "cygnet_fs_bridge.cli", *sys.argv[1:], "--foreground"]
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=told, stderr=told, start_new_session=True
        )
        deadline = time.monotonic() + _START_LIMIT
        while time.monotonic() < deadline:
            told.seek(0)
            text = told.read().decode(errors="replace")
            if text.startswith("mounted "):
                click.echo(f"{what} at {directory}. Unmount with: fusermount3 -u {directory}")
                return
            if child.poll() is not None:
                raise click.ClickException(text.strip().removeprefix("Error: ") or "the mount ended")
            time.sleep(0.05)
        child.terminate()
    raise click.ClickException(f"the mount was not ready in {_START_LIMIT:.0f} seconds")
