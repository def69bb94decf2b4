"""The mount without a kernel and a network: a test decides when each thing happens.

`World` puts the mount's own parts on a service whose answers and events wait until they are let through, and
below a model of what Linux keeps. Time stands still unless a test moves it. So every order can be tried.
"""

from __future__ import annotations

import asyncio
import posixpath

from cygnet_fs_bridge.mount.blocks import BlockCache
from cygnet_fs_bridge.mount.coherence import Follower
from cygnet_fs_bridge.mount.files import Files
from cygnet_fs_bridge.mount.journal import Journal
from cygnet_fs_bridge.mount.modes import Modes
from cygnet_fs_bridge.mount.namespace import Namespace
from cygnet_fs_bridge.mount.operations import Operations
from cygnet_fs_bridge.mount.outbox import Outbox
from cygnet_fs_bridge.mount.room import Room
from cygnet_fs_bridge.mount.spool import Spool
from cygnet_fs_bridge.mount.state import StateFile
from cygnet_fs_bridge.mount.tasks import Tasks
from cygnet_fs_bridge.mount.tree import Tree
from tests.fs_bridge.held_service import HeldService
from tests.fs_bridge.linux import Kernel


class StandingLoop(asyncio.SelectorEventLoop):
    """A loop whose time stands still until a test moves it."""

    def __init__(self):
        self._now = 0.0
        super().__init__()

    def time(self):
        return self._now

    def settle(self):
        """Run until nothing is to be done without an answer or time passing."""
        while True:
            self.call_soon(self.stop)
            self.run_forever()
            if not self._ready:
                return

    def later(self, seconds):
        self._now += seconds
        self.settle()


class World:
    """A mount with everything around it; `run` lets a program call the kernel.

    Args:
        base: a folder on local disk.
        consistency: as of the mount.
    """

    def __init__(self, base, consistency="fsync", **files):
        self.loop = StandingLoop()
        asyncio.set_event_loop(self.loop)
        self.service, self.kernel, self.tasks = HeldService(), Kernel(), Tasks()
        for path, data in files.items():
            self.service.put("/" + path, data)
        self.loop.run_until_complete(self._build(base, consistency))
        self.loop.settle()
        self.programs: list[asyncio.Task] = []

    async def _build(self, base, consistency):
        self.state = StateFile(None)
        self.cache = BlockCache(base / "blocks", 1 << 20)
        self.journal = Journal(base / "journal", self.tasks)
        spool = Spool(base / "spool", base / "unsaved")
        self.names = Namespace(self.service, Tree(self.service.items["/"].node("/"), Modes()), self.kernel)
        room = Room(self.service)
        self.outbox = Outbox(
            self.names, self.cache, spool, self.journal, room, self.tasks, self.state, consistency
        )
        files = Files(self.names, self.cache, spool, self.outbox, self.tasks)
        self.kernel.operations = Operations(self.names, files, self.outbox, room, (0, 0))
        self.tasks.start(Follower(self.names, self.state).run(), "feed")

    def start(self, call):
        """Let a program make a call; it goes on as far as it comes."""
        program = self.loop.create_task(call)
        self.programs.append(program)
        self.loop.settle()
        return program

    def run(self, call):
        """Let a program make a call, and everything that it waits for happen at once."""
        program = self.start(call)
        for _ in range(200):
            if program.done():
                self.programs.remove(program)
                return program.result()
            self.answer_all()
            self.loop.later(0.06)
        raise AssertionError(f"a call hangs: {call}")

    def do(self, number=0):
        self.service.do(number)
        self.loop.settle()

    def reply(self, number=0, lost=False):
        self.service.reply(number, lost)
        self.loop.settle()

    def answer_all(self):
        while self.service.asked or self.service.done:
            while self.service.asked:
                self.do()
            while self.service.done:
                self.reply()

    def tell(self):
        self.service.tell()
        self.loop.settle()

    def hear(self):
        if self.kernel.told and self.kernel.hear():
            self.loop.settle()
            return True
        return False

    def calm(self):
        """Let everything happen that is under way, until nothing is."""
        for _ in range(400):
            self.answer_all()
            while self.service.events:
                self.tell()
            while self.hear():
                pass
            self.loop.later(0.5)
            waits = self.outbox.left or self.service.asked or self.kernel.told
            if not waits and all(program.done() for program in self.programs):
                return
        raise AssertionError("it does not come to rest")

    def seen(self, path="/"):
        """The tree as programs see it now: contents by path, None for a folder."""
        found = {}
        for name in self.run(self.kernel.listdir(path)):
            inner = posixpath.join(path, name)
            told = self.run(self.kernel.stat(inner))
            if told.mode & 0o040000:
                found |= {inner: None, **self.seen(inner)}
            else:
                found[inner] = (self.run(self.kernel.read(inner)), round(told.mtime_ns / 1e9, 5))
        return found

    def there(self):
        """The tree as the service has it."""
        items = {path: item for path, item in self.service.items.items() if path != "/"}
        return {
            path: None if item.folder else (item.data, round(item.mtime, 5)) for path, item in items.items()
        }

    def close(self):
        for program in self.programs:
            program.cancel()
        self.loop.run_until_complete(self.tasks.stop())
        self.loop.run_until_complete(asyncio.gather(*self.programs, return_exceptions=True))
        self.journal.close()
        self.cache.close()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        asyncio.set_event_loop(None)
