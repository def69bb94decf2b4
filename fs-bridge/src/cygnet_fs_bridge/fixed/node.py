"""A node of `fixed://`: any fsspec store, asked with a limit, and whether it answered lately."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import fsspec
from fsspec.implementations.asyn_wrapper import AsyncFileSystemWrapper

from .. import errors
from .placement import Place

R = TypeVar("R")

_AVOID = 20.0  # seconds for which a node that was slow or away is asked last


class Node:
    """A store that holds replicas.

    Args:
        place: name and address.
        limit: seconds that one call may take.
    """

    def __init__(self, place: Place, limit: float) -> None:
        self.place, self.limit = place, limit
        store, base = fsspec.url_to_fs(place.url, **place.options)
        self.store = store if store.async_impl else AsyncFileSystemWrapper(store, asynchronous=False)
        self.base = base.rstrip("/")
        self._avoid_until = 0.0

    def at(self, path: str) -> str:
        """Return the place of a path in the store."""
        return f"{self.base}{path}"

    def address(self, path: str) -> str:
        """Return the address of a path, for who opens it without us."""
        url = self.place.url.rstrip("/")
        return f"{url}{quote(path) if url.startswith('http') else path}"

    def path_of(self, name: str) -> str:
        """Return the path of what the store calls `name`."""
        return "/" + name.removeprefix(self.base).strip("/")

    def blame(self) -> None:
        """Remember that it was slow or away."""
        self._avoid_until = time.monotonic() + _AVOID

    @property
    def trusted(self) -> bool:
        """Whether it was neither slow nor away lately."""
        return time.monotonic() >= self._avoid_until

    async def ask(self, work: Awaitable[R], path: str, limit: float | None = None) -> R:
        """Await a call of the store.

        Raises:
            OSError: FileNotFoundError and others that say how the file is, as the store raises them;
                errors.Unavailable when it is the store that does not answer.
        """
        try:
            return await asyncio.wait_for(work, limit or self.limit)
        except (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError):
            raise
        except errors.NotEmpty:
            raise
        # Each store has errors of its own, and whatever it is, another replica may do better.
        except Exception as error:
            self.blame()
            told = "it does not answer" if isinstance(error, TimeoutError) else str(error)
            raise errors.Unavailable(f"The store {self.place.name} is away ({told})", path) from error

    async def info(self, path: str) -> dict[str, Any]:
        """Return what the store tells of a path, with the path as its name."""
        told = await self.ask(self.store._info(self.at(path)), path)
        return {**told, "name": path}

    async def children(self, path: str) -> list[dict[str, Any]]:
        """Return what is in a folder; nothing if the store does not have it."""
        try:
            found = await self.ask(self.store._ls(self.at(path), detail=True), path)
        except (FileNotFoundError, NotADirectoryError):
            return []
        told = [{**one, "name": self.path_of(one["name"])} for one in found]
        return [one for one in told if one["name"] != path]

    async def write(self, path: str, put: Callable[[Any, str], Awaitable[Any]], size: int) -> None:
        """Write a file, and folders above it if the store wants them."""
        limit = self.limit + size / 1e6  # a store that takes less than 1 MB/s is no replica
        try:
            await self.ask(put(self.store, self.at(path)), path, limit)
        except FileNotFoundError:
            parent = self.at(path.rpartition("/")[0])
            await self.ask(self.store._makedirs(parent, exist_ok=True), path)
            await self.ask(put(self.store, self.at(path)), path, limit)

    async def remove(self, path: str) -> None:
        """Delete a file; it is no error if it is not there."""
        try:
            await self.ask(self.store._rm_file(self.at(path)), path)
        except FileNotFoundError:
            return


def definite(outcome: object) -> bool:
    """Whether an outcome says how the file is, so that asking again later would not help."""
    return isinstance(outcome, OSError) and not isinstance(outcome, ConnectionError)


class AllFailed(Exception):
    """No node had an answer; `told` has what each said, in the order in which they were asked."""

    def __init__(self, told: Sequence[BaseException]) -> None:
        super().__init__(*told)
        self.told = told


async def first(nodes: Sequence[Node], ask: Callable[[Node], Awaitable[R]], hedge: float) -> R:
    """Return what the first node answers; the next is asked when one fails, or is silent for `hedge` seconds.

    Raises:
        AllFailed: none has an answer.
    """
    waiting = list(nodes)
    running: dict[asyncio.Future[R], Node] = {}
    failed: dict[Node, BaseException] = {}
    try:
        while waiting or running:
            if waiting:
                node = waiting.pop(0)
                running[asyncio.ensure_future(ask(node))] = node
            patience = hedge if waiting else None
            done, _ = await asyncio.wait(running, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                node = running.pop(task)
                if (error := task.exception()) is None:
                    return task.result()
                failed[node] = error
            if not done:
                for node in running.values():
                    node.blame()
    finally:
        for task in running:
            task.cancel()
    raise AllFailed([failed[node] for node in nodes])
