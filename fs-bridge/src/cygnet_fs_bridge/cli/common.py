"""What the commands share: where the service is, running async work, sizes, and errors in words."""

from __future__ import annotations

import asyncio
import functools
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from .. import errors
from ..client.api import ApiClient
from ..client.caller import Caller
from ..credentials import Endpoint, discover
from ..tls import Certificate
from .exits import Exit, code_of

R = TypeVar("R")

_UNITS = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
}
#: Seconds for which a command that moves no contents waits for a service that is away.
PATIENCE = 10.0

url_option = click.option(
    "--url",
    metavar="BASE",
    help="Address of the service; default: that of the session, or of `cygnet login`.",
)
token_option = click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="File with a bearer token, read again when it changes.",
)
certificate_option = click.option(
    "--cert",
    type=click.Path(path_type=Path),
    help="Your certificate or proxy (PEM); default: X509_USER_PROXY or X509_USER_CERT.",
)
key_option = click.option(
    "--key", type=click.Path(path_type=Path), help="Its key, if that is in a file of its own."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


class Size(click.ParamType[int]):
    """A number of bytes such as `500MB` or `2GiB`."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return bytes, or say what a size looks like."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?", str(value).strip().lower())
        if match is None or match[2] not in _UNITS:
            self.fail(f"{value!r} is not a size; write for example 500MB or 2GiB", param, ctx)
        return int(float(match[1]) * _UNITS[match[2]])


def tree_path(address: str) -> str:
    """Return the path in the person's tree that `cygnet://a/b`, `/a/b` or `a/b` means."""
    return "/" + address.removeprefix("cygnet://").strip("/")


class Failed(click.ClickException):
    """What goes wrong, in words, with the exit code of its kind."""

    def __init__(self, error: Exception) -> None:
        super().__init__(words(error))
        vars(self)["exit_code"] = int(code_of(error))  # click has one for the whole class


def words(error: Exception) -> str:
    """Return an error as a sentence for a person."""
    if isinstance(error, OSError) and not isinstance(error, errors.ServiceError):
        told = error.strerror or str(error)
        return f"{told}: {error.filename}" if error.filename else told
    return str(error)


@contextmanager
def in_words() -> Iterator[None]:
    """Tell what goes wrong in words, with the exit code of its kind."""
    try:
        yield
    except (errors.ServiceError, errors.NotConfigured, OSError) as error:
        raise Failed(error) from error
    except KeyboardInterrupt:
        click.echo("Interrupted", err=True)
        raise click.exceptions.Exit(Exit.INTERRUPTED) from None


def run(work: Callable[[], Coroutine[Any, Any, R]]) -> R:
    """Run async work; what goes wrong is told in words."""
    with in_words():
        return asyncio.run(work())


def human(size: int) -> str:
    """Return a number of bytes as people write it."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} PB"


def certificate_of(cert: Path | None, key: Path | None) -> Certificate | None:
    """Return the certificate that the options name; a proxy has its key in the same file."""
    if key is not None and cert is None:
        raise click.UsageError("--key needs --cert")
    return None if cert is None else Certificate(cert, key or cert)


@dataclass(frozen=True)
class Session:
    """What every command on the tree is told: which service, with which credential, and how to answer."""

    url: str | None
    token_file: Path | None
    as_json: bool
    certificate: Certificate | None = None

    def endpoint(self) -> Endpoint:
        """Return the service and the credential; raises NotConfigured."""
        return discover(self.url, self.token_file, self.certificate)

    @asynccontextmanager
    async def service(self, patience: float = PATIENCE) -> AsyncIterator[ApiClient]:
        """Give a client of the JSON API of the service."""
        caller = Caller.to(self.endpoint(), patience)
        try:
            yield ApiClient(caller)
        finally:
            await caller.close()

    def ask(self, work: Callable[[ApiClient], Coroutine[Any, Any, R]]) -> R:
        """Run async work that needs the service; what goes wrong is told in words."""

        async def connected() -> R:
            async with self.service() as api:
                return await work(api)

        return run(connected)

    def tell(self, data: Any, lines: Iterable[str] = ()) -> None:
        """Print the answer: JSON for programs, lines for people."""
        if self.as_json:
            click.echo(json.dumps(data, indent=2))
            return
        for line in lines:
            click.echo(line)


def connected(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say where and as whom, and their Session as first argument."""

    @json_option
    @url_option
    @token_option
    @certificate_option
    @key_option
    @functools.wraps(command)
    def with_session(
        url: str | None,
        token_file: Path | None,
        as_json: bool,
        cert: Path | None,
        key: Path | None,
        **options: Any,
    ) -> None:
        command(Session(url, token_file, as_json, certificate_of(cert, key)), **options)

    return with_session
