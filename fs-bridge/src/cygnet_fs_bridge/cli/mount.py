"""`cygnet mount`."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Literal

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
    default="fsync",
    show_default=True,
    help="Which call waits until the service has what was written. With fsync, close waits for local disk.",
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
    consistency: Literal["close", "fsync"],
) -> None:
    """Mount your files at DIRECTORY, so that every program can use them.

    ADDRESS is `cygnet://`, which is also the default.
    """
    directory = _directory(places)
    if not foreground:
        _in_background(directory)
        return
    logging.basicConfig(level=logging.WARNING, format="cygnet mount: %(message)s")
    try:
        from ..mount.run import Settings, serve
    except ImportError as error:
        raise click.ClickException(
            "Mounting needs libfuse3 and pyfuse3: install fuse3, then `pip install cygnet-fs-bridge[mount]`."
        ) from error
    run(
        lambda: serve(
            Settings(
                endpoint=discover(url, token_file),
                folder=directory.absolute(),
                cache_dir=(cache_dir or _default_cache()).absolute(),
                state_file=state_file,
                cache_bytes=cache_size,
                patience=patience,
                consistency=consistency,
            ),
            lambda: click.echo(f"mounted {directory}"),
        )
    )


def _directory(places: tuple[str, ...]) -> Path:
    *addresses, directory = places
    if len(addresses) > 1:
        raise click.UsageError("Give one folder to mount at")
    if addresses and addresses[0].rstrip("/") != "cygnet:":
        raise click.UsageError(f"{addresses[0]} cannot be mounted; the address of your files is cygnet://")
    return Path(directory)


def _in_background(directory: Path) -> None:
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
                click.echo(f"Your files are at {directory}. Unmount with: fusermount3 -u {directory}")
                return
            if child.poll() is not None:
                raise click.ClickException(text.strip().removeprefix("Error: ") or "the mount ended")
            time.sleep(0.05)
        child.terminate()
    raise click.ClickException(f"the mount was not ready in {_START_LIMIT:.0f} seconds")
