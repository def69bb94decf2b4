"""`cygnet up`: the whole platform on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cygnet_hub.cli.data import DEFAULT_DATA
from cygnet_hub.cli.messages import problems_told
from cygnet_hub.config.deployment import SYNC_PREFIX, Deployment
from cygnet_hub.config.layout import Layout
from cygnet_hub.config.settings import Settings, load_settings
from cygnet_hub.errors import PlatformError
from cygnet_hub.up import data as data_directory
from cygnet_hub.up.confinement import decide
from cygnet_hub.up.demo import Demo
from cygnet_hub.up.supervisor import run


@click.command("up")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=DEFAULT_DATA,
    show_default=True,
    help="The directory that holds everything: accounts, files, keys, logs. Made when absent.",
)
@click.option("--bind", metavar="ADDR", help="Address to listen on.  [default: 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(0, 65531),
    help="Port to listen on; the sync service and S3 take the next ones. 0: free ones.  [default: 8000]",
)
@click.option(
    "--database-url", metavar="URL", help="PostgreSQL for the metadata: postgresql://USER@HOST/NAME."
)
@click.option("--storage-url", metavar="URL", help="S3 for the contents of files: s3://BUCKET/FOLDER.")
@click.option(
    "--sync-processes",
    type=click.IntRange(1, 64),
    help="How many processes of the sync service serve side by side.  [default: 1]",
)
@click.option("--demo", is_flag=True, help="Add the accounts `teacher` and `student`, and example notebooks.")
@click.option("--unconfined", is_flag=True, default=None, help="Do not keep people's notebook servers apart.")
def command(data: Path, demo: bool, **chosen: Any) -> None:
    """Run the hub, the proxy and the services until stopped with Ctrl-C or SIGTERM."""
    with problems_told("cygnet up"):
        layout = Layout(data.resolve())
        data_directory.check(layout)
        settings = load_settings(layout.settings, chosen)
        if demo:
            _run_demo(layout, settings)
        else:
            confined = decide(settings, layout, further_accounts=0)
            run(layout, settings, confined, _say, ready=_announce)


def _run_demo(layout: Layout, settings: Settings) -> None:
    def ready(deployment: Deployment) -> None:
        demo = Demo(layout)
        demo.add_accounts(deployment)
        try:
            demo.upload_examples(deployment)
        except PlatformError as problem:
            # The platform is worth having without them, and the next start tries again.
            click.echo(f"cygnet up: {problem}", err=True)
        _announce(deployment)
        _say("Log in as one of these, with its password:")
        for line in demo.lines():
            _say(line)

    confined = decide(settings, layout, further_accounts=2)
    run(layout, settings, confined, _say, ready=ready)


def _announce(deployment: Deployment) -> None:
    _say(f"Cygnet is ready at {deployment.public_url}")
    _say(f"S3 clients find it at {deployment.s3_url}")
    if deployment.settings.tls:
        _say(f"With TLS and certificates: {deployment.tls_url}{SYNC_PREFIX}, for S3 {deployment.s3_tls_url}")


def _say(text: str) -> None:
    # Flushed by click: whoever waits for a line in a pipe gets it at once.
    click.echo(text)


if __name__ == "__main__":
    command()
