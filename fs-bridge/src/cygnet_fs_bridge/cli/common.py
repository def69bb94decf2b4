"""What the commands share: where the service is, running async work, sizes, and errors in words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from .. import errors
from ..client.api import ApiClient
from ..client.caller import Caller
from ..credentials import discover

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


@contextmanager
def in_words() -> Iterator[None]:
    """Tell what goes wrong in words, with exit code 1."""
    try:
        yield
    except (errors.ServiceError, errors.NotConfigured) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        words = error.strerror or str(error)
        raise click.ClickException(f"{words}: {error.filename}" if error.filename else words) from error


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


@asynccontextmanager
async def service(url: str | None, token_file: Path | None = None) -> AsyncIterator[ApiClient]:
    """Give a client of the JSON API of the service."""
    caller = Caller.to(discover(url, token_file))
    try:
        yield ApiClient(caller)
    finally:
        await caller.close()
