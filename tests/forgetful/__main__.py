"""`python -m tests.forgetful PLACE FOLDER SEED [deaf]`: mount it; say "ready"; end with the mount."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pyfuse3
import pyfuse3.asyncio

from tests.forgetful.operations import Forgetful


def main(place: str, folder: str, seed: str, *deaf: str) -> None:
    """Serve until it is unmounted."""
    pyfuse3.asyncio.enable()
    options = {*pyfuse3.default_options, "fsname=forgetful"}
    pyfuse3.init(Forgetful(Path(place), int(seed), deaf=bool(deaf)), folder, options)
    print("ready", flush=True)
    try:
        asyncio.run(pyfuse3.main())
    finally:
        pyfuse3.close(unmount=False)


main(*sys.argv[1:])
