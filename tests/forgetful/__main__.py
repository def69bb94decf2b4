"""`python -m tests.forgetful PLACE FOLDER SEED [deaf]`: mount it; say "ready"; end with the mount."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from cygnet_fs_bridge.fuse.attach import attach_by_helper
from cygnet_fs_bridge.fuse.device import Device
from cygnet_fs_bridge.fuse.session import Session
from tests.forgetful.operations import Forgetful


def main(place: str, folder: str, seed: str, *deaf: str) -> None:
    """Serve until it is unmounted."""
    device = Device(attach_by_helper(Path(folder), "fsname=forgetful,default_permissions"))
    print("ready", flush=True)
    asyncio.run(Session(device, Forgetful(Path(place), int(seed), deaf=bool(deaf))).run())


main(*sys.argv[1:])
