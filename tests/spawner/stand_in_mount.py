"""A mount with one file, for tests that are about the spawner: argv is that of `cygnet mount`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
from pathlib import Path

import pyfuse3
import pyfuse3.asyncio

HELLO = b"hello from the mount\n"


class OneFile(pyfuse3.Operations):  # type: ignore[misc]
    async def getattr(self, inode: int, ctx: object = None) -> pyfuse3.EntryAttributes:
        entry = pyfuse3.EntryAttributes()
        entry.st_ino, entry.st_uid, entry.st_gid = inode, os.getuid(), os.getgid()
        entry.st_mode = stat.S_IFDIR | 0o700 if inode == pyfuse3.ROOT_INODE else stat.S_IFREG | 0o600
        entry.st_size, entry.st_nlink = len(HELLO), 1
        return entry

    async def lookup(self, parent: int, name: bytes, ctx: object = None) -> pyfuse3.EntryAttributes:
        if name != b"hello.txt":
            raise pyfuse3.FUSEError(2)
        return await self.getattr(2)

    async def opendir(self, inode: int, ctx: object) -> int:
        return inode

    async def readdir(self, handle: int, start: int, token: object) -> None:
        if start == 0:
            pyfuse3.readdir_reply(token, b"hello.txt", await self.getattr(2), 1)

    async def open(self, inode: int, flags: int, ctx: object) -> pyfuse3.FileInfo:
        return pyfuse3.FileInfo(fh=inode)

    async def read(self, handle: int, offset: int, size: int) -> bytes:
        return HELLO[offset : offset + size]


async def main() -> None:
    arguments = sys.argv[1:]
    state = Path(arguments[arguments.index("--state-file") + 1])
    assert Path(arguments[arguments.index("--token-file") + 1]).read_text()
    pyfuse3.asyncio.enable()
    pyfuse3.init(OneFile(), arguments[2], {"fsname=cygnet"})
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, pyfuse3.terminate)
    state.write_text(json.dumps({"state": "ready", "pending": 0, "message": ""}))
    await pyfuse3.main()
    pyfuse3.close(unmount=False)


asyncio.run(main())
