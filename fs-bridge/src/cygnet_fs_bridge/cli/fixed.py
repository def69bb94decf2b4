"""`cygnet fixed check|repair|rebalance|metalink|redirect`: care for the replicas of `fixed://`."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import fsspec
from aiohttp import web
from fsspec.asyn import sync

from ..fixed.filesystem import FixedFileSystem
from ..fixed.maintenance import Finding, Maintenance, Report, Task
from ..fixed.metalink import metalink as make_metalink
from ..fixed.redirector import Redirector
from .common import human, in_words


@click.group()
def fixed() -> None:
    """Care for the replicas of fixed:// stores."""


def _opened(address: str) -> tuple[FixedFileSystem, str]:
    if not address.startswith("fixed://"):
        raise click.ClickException(f"{address!r} is not an address such as fixed://NAME/folder")
    fs, path = fsspec.url_to_fs(address)
    return fs, path


class Progress:
    """Where a walk has come to, kept in a file so that the next run goes on there.

    Args:
        task: what is done.
        address: below which folder.
    """

    def __init__(self, task: str, address: str) -> None:
        base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
        key = hashlib.sha256(f"{task} {address}".encode()).hexdigest()[:16]
        self.file = Path(base) / "cygnet" / "fixed" / f"{task}-{key}.json"

    def load(self) -> str:
        """Return the last folder that is done; empty if there is no earlier run to go on with."""
        try:
            return str(json.loads(self.file.read_text())["folder"])
        except (OSError, ValueError, KeyError):
            return ""

    def save(self, folder: str) -> None:
        """Remember that a folder is done."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps({"folder": folder}))
        fresh.replace(self.file)

    def forget(self) -> None:
        """Begin at the beginning the next time."""
        self.file.unlink(missing_ok=True)


def _walk(task: Task, address: str, contents: bool, as_json: bool, restart: bool) -> None:
    fs, path = _opened(address)
    progress = Progress(task, address)
    if restart:
        progress.forget()
    if after := progress.load():
        click.echo(f"Going on after {after}; --restart begins at the beginning.", err=True)
    reports = Maintenance(fs, task, contents).run(after, path)
    total = Report()
    while (report := sync(fs.loop, _next, reports)) is not None:
        total.files += report.files
        total.copied_bytes += report.copied_bytes
        total.findings += report.findings
        for finding in report.findings:
            click.echo(json.dumps(asdict(finding)) if as_json else _words(finding))
        click.echo(f"{report.folder}: {total.files} files, {human(total.copied_bytes)} copied", err=True)
        progress.save(report.folder)
    progress.forget()
    if total.open_findings:
        raise click.ClickException(f"{len(total.open_findings)} of {len(total.findings)} findings are open")


async def _next(reports: AsyncIterator[Report]) -> Report | None:
    return await anext(reports, None)


_WORDS = {
    "missing": "has no replica at",
    "differs": "has another version at",
    "misplaced": "does not belong at",
    "undecided": "has different versions, and none is more frequent, at",
    "away": "could not be listed at",
    "failed": "could not be worked on at",
}


def _words(finding: Finding) -> str:
    ending = " (mended)" if finding.mended else f": {finding.detail}" if finding.detail else ""
    return f"{finding.path} {_WORDS[finding.kind]} {', '.join(finding.nodes)}{ending}"


def _command(task: Task, words: str) -> click.Command:
    @click.argument("address")
    @click.option("--contents", is_flag=True, help="Compare contents by checksum, not only sizes.")
    @click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each finding.")
    @click.option("--restart", is_flag=True, help="Begin at the beginning, not where the last run stopped.")
    def run(address: str, contents: bool, as_json: bool, restart: bool) -> None:
        with in_words():
            _walk(task, address, contents, as_json, restart)

    made: Callable[..., Any] = run
    return click.command(task, help=words)(made)


fixed.add_command(_command("check", "Tell what is wrong with the replicas below ADDRESS; changes nothing."))
fixed.add_command(_command("repair", "Make missing replicas and replace those that differ, below ADDRESS."))
fixed.add_command(
    _command("rebalance", "Move files to the nodes that the table names, after a cluster has grown.")
)


@fixed.command()
@click.argument("address")
@click.option("--checksum", is_flag=True, help="Read the file and state its adler32.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to this file.")
def metalink(address: str, checksum: bool, output: Path | None) -> None:
    """Print a Metalink for a file: xrdcp then takes whichever replica answers."""
    with in_words():
        fs, path = _opened(address)
        text = sync(fs.loop, make_metalink, fs, path, checksum)
        if output is None:
            click.echo(text, nl=False)
        else:
            output.write_text(text)


@fixed.command()
@click.argument("address")
@click.option("--bind", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8099, show_default=True, help="Port to listen on."
)
def redirect(address: str, bind: str, port: int) -> None:
    """Answer HTTP requests for files of ADDRESS, such as fixed://NAME, with their computed place."""
    with in_words():
        fs, path = _opened(address)
        if path != "/":
            raise click.UsageError("Give the address of a whole table, such as fixed://NAME")
        web.run_app(Redirector(fs).app(), host=bind, port=port, access_log=None)
