"""A service for the mount that does what is asked, answers, and tells what others do, when a test says so."""

from __future__ import annotations

import asyncio
import itertools
import posixpath
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cygnet_fs_bridge import errors
from cygnet_fs_bridge.client.feed import Connected
from cygnet_fs_bridge.models import Change, Node, Quota

NOW = 1_700_000_000.0


@dataclass
class Item:
    """A file or folder of the service."""

    id: str
    folder: bool
    version: int
    data: bytes = b""
    mtime: float = NOW

    def node(self, path):
        etag = f"d{self.id}.{self.version}" if self.folder else f"f{self.version}"
        letters = "RGDNVCK" if self.folder else "RGDNVW"
        kind = "folder" if self.folder else "file"
        return Node(self.id, posixpath.basename(path), path, kind, len(self.data), self.mtime, etag, letters)


@dataclass
class Question:
    """A request of the mount on its way."""

    what: str
    work: Callable[[], object]
    answer: asyncio.Future
    came: object = None


class HeldService:
    """A service for `Store`: it does what is asked, answers and tells when a test says so.

    `asked` are requests that it does not have yet, `done` those whose answers are under way, `events` what
    others changed and the mount was not told yet.
    """

    feed = batches = keeps_identity = True
    lifetime = 1.0

    def __init__(self):
        self._numbers = itertools.count(1)
        self.items = {"/": Item("root", True, 0)}
        self.asked: list[Question] = []
        self.done: list[Question] = []
        self.events: list[Callable[[], Change]] = []
        self.heard: asyncio.Queue = asyncio.Queue()
        self.heard.put_nowait(Connected(fresh=True))
        self.history: list[bytes] = []

    # What others do, and what the mount's requests do.

    def children(self, path):
        return [one for one in self.items if one != "/" and posixpath.dirname(one) == path]

    def _item(self, path):
        if path not in self.items:
            raise errors.NotFound("gone", path)
        return self.items[path]

    def _parent(self, path):
        parent = self.items.get(posixpath.dirname(path))
        if parent is None or not parent.folder:
            raise errors.NotFound("no folder", path)

    def put(self, path, data, mtime=NOW, base=False):
        self._parent(path)
        known = self.items.get(path)
        if known is not None and known.folder:
            raise errors.FileExpected("a folder", path)
        if base is not False and known is None and base is not None:
            raise errors.Changed("gone", path)
        if base is not False and known is not None and known.node(path).etag != base:
            raise (errors.AlreadyExists if base is None else errors.Changed)("other", path)
        self.history.append(data)
        number = next(self._numbers)
        if known is None:
            self.items[path] = Item(f"n{number}", False, number, data, mtime)
        else:
            known.version, known.data, known.mtime = number, data, mtime
        return self.items[path].node(path)

    def make(self, path):
        self._parent(path)
        if path in self.items:
            raise errors.AlreadyExists("there", path)
        number = next(self._numbers)
        self.items[path] = Item(f"n{number}", True, number)
        return self.items[path].node(path)

    def rename(self, source, target, overwrite=True):
        item = self._item(source)
        self._parent(target)
        if target in self.items and not overwrite:
            raise errors.AlreadyExists("there", target)
        if (target + "/").startswith(source + "/"):
            raise errors.InvalidRequest("into itself", source)
        if target in self.items:
            self.remove(target)
        for path in [one for one in self.items if one == source or one.startswith(source + "/")]:
            self.items[target + path[len(source) :]] = self.items.pop(path)
        return item.node(target)

    def remove(self, path, etag=None, only_empty=False):
        item = self._item(path)
        if etag is not None and item.node(path).etag != etag:
            raise errors.Changed("other", path)
        if only_empty and item.folder and self.children(path):
            raise errors.Conflict("not empty", path)
        for one in [one for one in self.items if one == path or one.startswith(path + "/")]:
            del self.items[one]
        return item

    def stamp(self, path, mtime):
        self._item(path).mtime = mtime

    def look(self, path):
        node = self._item(path).node(path)
        if not node.is_folder:
            return node, None
        return node, [self.items[one].node(one) for one in self.children(path)]

    def others(self, op, path, *more, late=True):
        """Somebody else changes something; `late`: the event tells the etag of when it is told."""
        old, known = None, self.items.get(path)
        number = known.id if known is not None else None
        if op == "put":
            number = self.items[self.put(path, *more).path].id
        elif op == "mkdir":
            number = self.make(path).id
        elif op == "delete":
            self.remove(path)
        elif op == "move":
            replaced = self.items.get(more[0])
            self.rename(path, more[0])
            if replaced is not None:
                gone = Change("delete", more[0], "file", None, replaced.id, None)
                self.events.append(lambda: gone)
            old, path = path, more[0]
        else:
            self.stamp(path, *more)
        kind = "folder" if (known or self.items[path]).folder else "file"
        now = self._told(op, path, old, number, kind)
        self.events.append((lambda: self._told(op, path, old, number, kind)) if late else (lambda: now))

    def _told(self, op, path, old, number, kind):
        found = next((one for one in self.items.values() if one.id == number), None)
        etag = found.node(path).etag if found is not None and op != "delete" else None
        return Change(op, path, kind, old, number, etag)

    # What a test lets through.

    def do(self, number=0):
        question = self.asked.pop(number)
        try:
            question.came = question.work()
        except errors.ServiceError as error:
            question.came = error
        self.done.append(question)

    def reply(self, number=0, lost=False):
        question = self.done.pop(number)
        if question.answer.done():
            return
        came = errors.Unavailable("lost") if lost else question.came
        if isinstance(came, errors.ServiceError):
            question.answer.set_exception(came)
        else:
            question.answer.set_result(came)

    def tell(self):
        self.heard.put_nowait(self.events.pop(0)())

    def connect_anew(self):
        self.events.clear()
        self.heard.put_nowait(Connected(fresh=True))

    # What the mount calls.

    async def _ask(self, what, work):
        question = Question(what, work, asyncio.get_running_loop().create_future())
        self.asked.append(question)
        return await question.answer

    async def listing(self, path):
        return await self._ask(f"listing {path}", lambda: self.look(path))

    @asynccontextmanager
    async def read(self, path, start, end, etag):
        item = self._item(path)
        if item.node(path).etag != etag:
            raise errors.Changed("other", path)

        async def pieces():
            yield item.data[start:end]

        yield pieces()

    async def write(self, path, upload):
        try:
            return await self._ask(f"write {path}", lambda: self._take(path, upload))
        except (errors.Changed, errors.AlreadyExists):
            node, _ = await self.listing(path)
            if node.size == upload.size and abs(node.mtime - upload.mtime) < 1e-5:
                return node
            raise

    def _take(self, path, upload):
        data = upload.source if isinstance(upload.source, bytes) else upload.source.read_bytes()
        return self.put(path, data, upload.mtime, upload.base)

    async def write_many(self, uploads):
        def work():
            return [self._caught(lambda one=one: self._take(*one)) for one in uploads]

        try:
            return await self._ask("write " + " ".join(path for path, _ in uploads), work)
        except errors.ServiceError as error:
            return [error] * len(uploads)

    @staticmethod
    def _caught(work):
        try:
            return work()
        except errors.ServiceError as error:
            return error

    async def read_many(self, paths, largest):
        return [(self._item(path).node(path), self._item(path).data) for path in paths]

    async def mkdir(self, path):
        return await self._ask(f"mkdir {path}", lambda: self.make(path))

    async def move(self, source, destination, overwrite):
        return await self._ask(f"move {source}", lambda: self.rename(source, destination, overwrite))

    async def delete(self, path):
        await self._ask(f"delete {path}", lambda: self.remove(path))

    async def delete_many(self, etags):
        def work():
            found = {path: self._caught(lambda p=path: self.remove(p, etags[p], True)) for path in etags}
            return {path: what for path, what in found.items() if isinstance(what, errors.ServiceError)}

        return await self._ask("delete " + " ".join(etags), work)

    async def set_mtime(self, path, mtime):
        await self._ask(f"stamp {path}", lambda: self.stamp(path, mtime))

    async def quota(self):
        return Quota(0)

    async def changes(self):
        while True:
            yield await self.heard.get()

    async def close(self):
        return
