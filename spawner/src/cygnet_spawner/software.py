"""Which directories of the host a Python environment needs to be seen to work."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import PurePosixPath

from cygnet_fs_bridge.texts import WordedError
from cygnet_spawner.confine import SYSTEM

_LIMIT = 60.0  # seconds for a Python to say where it lives; a cold disk is slow
# `-I`: nothing of the hub's own environment or working directory decides what sessions see.
_ASK = "import sys, json; print(json.dumps([sys.prefix, sys.base_prefix, *sys.path]))"


@dataclass(frozen=True)
class Software:
    """A Python environment of the host.

    Args:
        python: path of its interpreter.
        prefix: its root; programs are in `prefix`/bin.
        paths: directories that it needs, none inside another.
    """

    python: str
    prefix: str
    paths: tuple[str, ...]


class UnusableEnvironment(WordedError):
    """A configured environment has no working Python; the message names it."""


_known: dict[str, Software] = {}


async def inspect(python: str) -> Software:
    """Ask the interpreter at `python` where its parts lie; each is asked once in the hub's life.

    Raises:
        UnusableEnvironment: it is not there, or does not start.
    """
    if python in _known:
        return _known[python]
    try:
        process = await asyncio.create_subprocess_exec(
            python, "-I", "-c", _ASK, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise UnusableEnvironment("{python}: {error}", python=python, error=error.strerror) from error
    try:
        output, errors = await asyncio.wait_for(process.communicate(), _LIMIT)
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise UnusableEnvironment(
            "{python} did not start in {limit} seconds", python=python, limit=f"{_LIMIT:.0f}"
        ) from error
    if process.returncode:
        raise UnusableEnvironment(
            "{python} failed: {error}", python=python, error=errors.decode(errors="replace").strip()[-300:]
        )
    prefix, *others = json.loads(output)
    _known[python] = Software(python, prefix, outermost([prefix, *others]))
    return _known[python]


def outermost(paths: list[str]) -> tuple[str, ...]:
    """Return `paths` without those inside another one or inside what every session sees anyway."""
    kept: list[str] = []
    for path in sorted(set(filter(None, paths)), key=lambda p: (len(PurePosixPath(p).parts), p)):
        if path != "/" and not any(PurePosixPath(path).is_relative_to(k) for k in (*kept, *SYSTEM)):
            kept.append(path)
    return tuple(kept)
