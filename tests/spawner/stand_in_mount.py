"""A mount with one file, for tests that are about the spawner: argv is that of `cygnet mount`."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import stat
import sys
from pathlib import Path

from cygnet_fs_bridge.fuse import operations, wire
from cygnet_fs_bridge.fuse.answers import Attributes, Listing, Opened
from cygnet_fs_bridge.fuse.device import Device
from cygnet_fs_bridge.fuse.session import Session

HELLO = b"hello from the mount\n"


class OneFile(operations.Operations):
    def getattr(self, ino: int) -> Attributes:
        mode = stat.S_IFDIR | 0o700 if ino == wire.ROOT else stat.S_IFREG | 0o600
        return Attributes(ino, mode, len(HELLO), uid=os.getuid(), gid=os.getgid())

    def lookup(self, parent: int, name: bytes) -> Attributes:
        if name != b"hello.txt":
            raise FileNotFoundError(errno.ENOENT, "there is one file")
        return self.getattr(2)

    def readdir(self, ino: int, start: int, listing: Listing) -> Listing:
        if start == 0:
            listing.add(b"hello.txt", self.getattr(2), 1)
        return listing

    def open(self, ino: int, flags: int) -> Opened:
        return Opened(ino)

    def read(self, handle: int, offset: int, size: int) -> bytes:
        return HELLO[offset : offset + size]


async def main() -> None:
    arguments = sys.argv[1:]
    state = Path(arguments[arguments.index("--state-file") + 1])
    assert Path(arguments[arguments.index("--token-file") + 1]).read_text()
    serving = asyncio.ensure_future(Session(Device(int(Path(arguments[2]).name)), OneFile()).run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    state.write_text(json.dumps({"state": "ready", "pending": 0, "message": ""}))
    await asyncio.wait({serving})


asyncio.run(main())
