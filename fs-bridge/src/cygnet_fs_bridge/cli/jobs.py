"""Many things at a time: how many, what came of each, and the exit code of all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import click

from .. import errors
from .common import Failed, words
from .exits import HOPELESS, Exit, code_of

T = TypeVar("T")

jobs_option = click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1, 32),
    default=4,
    show_default=True,
    help="How many files move at a time.",
)
patience_option = click.option(
    "--patience",
    type=click.FloatRange(0),
    default=30.0,
    show_default=True,
    help="Seconds to wait for a service that is away.",
)


@dataclass
class Outcome:
    """What came of many things: `done` as JSON, and the errors of those that failed."""

    done: list[dict[str, Any]] = field(default_factory=list)
    failed: list[tuple[str, Exception]] = field(default_factory=list)

    def __iadd__(self, other: Outcome) -> Self:
        """Add what came of other things."""
        self.done += other.done
        self.failed += other.failed
        return self

    def to_json(self) -> dict[str, Any]:
        """Return both as JSON; `code` is the exit code that the failure would have alone."""
        failed = [
            {"name": name, "message": words(error), "code": int(code_of(error))}
            for name, error in self.failed
        ]
        return {"done": self.done, "failed": failed}

    def end(self) -> None:
        """Tell what failed, and end with the code of the one failure, or that only a part was done."""
        if not self.failed:
            return
        if len(self.failed) == 1 and not self.done:
            raise Failed(self.failed[0][1])
        for _, error in self.failed:
            click.echo(f"Error: {words(error)}", err=True)
        codes = {code_of(error) for _, error in self.failed}
        hopeless = next((code for code in HOPELESS if code in codes), None)
        raise click.exceptions.Exit(hopeless or (codes.pop() if _alike(self.done, codes) else Exit.PARTLY))


def _alike(done: Sequence[object], codes: set[Exit]) -> bool:
    return not done and len(codes) == 1


async def each(
    things: Iterable[T],
    act: Callable[[T], Awaitable[dict[str, Any]]],
    name: Callable[[T], str],
    jobs: int = 4,
) -> Outcome:
    """Do something with each thing, several at a time; one that fails does not stop the others.

    When there is no use in going on, those that have not begun are left.
    """
    outcome, waiting = Outcome(), iter(things)
    hopeless = False

    async def work() -> None:
        nonlocal hopeless
        for thing in waiting:
            if hopeless:
                return
            try:
                outcome.done.append(await act(thing))
            except (errors.ServiceError, OSError) as error:
                outcome.failed.append((name(thing), error))
                hopeless = hopeless or code_of(error) in HOPELESS

    await asyncio.gather(*(work() for _ in range(jobs)))
    return outcome
