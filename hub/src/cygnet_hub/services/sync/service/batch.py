"""Many small files at once: their bytes become one extent, flushed once, and each file is a stretch of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ..model.errors import BadRequest, TooLarge
from ..model.node import Content, Node
from ..model.principal import Principal
from ..store import versions
from . import together
from .access import Action, authorize
from .together import Job, NewFile, Stored
from .tree import Tree
from .view import Location, View

#: Bytes of contents in one request.
MAX_BYTES = 32 << 20
MAX_FILES = 10_000
#: So many are committed before others get their turn.
GROUP = 100


@dataclass(frozen=True)
class Fetched:
    """One file that was asked for: its bytes, None where it was too large to be sent along."""

    node: Node
    data: bytes | None


class Batch:
    """Stores and fetches many small files.

    Args:
        tree: where they are.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    async def store(self, principal: Principal, files: Sequence[NewFile]) -> list[Stored]:
        """Store files, each for itself: one that is refused does not hold up the others.

        Raises:
            TooLarge: they are too many, or too large together.
        """
        if len(files) > MAX_FILES or sum(len(file.data) for file in files) > MAX_BYTES:
            raise TooLarge(
                "One request can carry {files} files and {bytes} MiB.", files=MAX_FILES, bytes=MAX_BYTES >> 20
            )
        contents, sent = self._tree.disk.contents, [(principal, file) for file in files]
        whole, jobs = await self._tree.disk.run(lambda: together.write(contents, sent))
        groups = [jobs[start : start + GROUP] for start in range(0, len(jobs), GROUP)]
        done = await asyncio.gather(*(self._commit(principal, whole, group) for group in groups))
        results = [result for group in done for result in group]
        if not any(result.node for result in results):
            await self._tree.forget(whole)
        return results

    async def _commit(self, principal: Principal, whole: Content, jobs: Sequence[Job]) -> list[Stored]:
        return await self._tree.database.write(
            lambda connection: together.put(self._tree.view(connection, principal), jobs, whole)
        )

    async def fetch(
        self, principal: Principal, paths: Sequence[str], largest: int, limit: int = MAX_BYTES
    ) -> list[Fetched]:
        """Files, and those directly in folders, with their bytes where they have at most `largest`.

        Args:
            limit: bytes of all together; what does not fit comes without its bytes.

        Raises:
            NotFound: one of the paths is not there.
        """

        def run(connection: Connection) -> list[tuple[Node, Content | None]]:
            view = self._tree.view(connection, principal)
            places = [place for path in paths for place in _files(view, path)]
            if len(places) > MAX_FILES:
                raise BadRequest("One request can ask for {files} files.", files=MAX_FILES)
            found, left = [], limit
            for node, place in zip(view.nodes(places), places, strict=True):
                fits = node.size <= min(largest, left)
                left -= node.size if fits else 0
                if fits:
                    principal.note("read", place.path, place.node_id)
                found.append(
                    (node, versions.content_of(connection, place.row.version or 0) if fits else None)
                )
            return found

        found = await self._tree.database.read(run)
        contents = self._tree.disk.contents
        return await self._tree.disk.run(
            lambda: [
                Fetched(node, b"".join(contents.stretch(content, 0, content.size)) if content else None)
                for node, content in found
            ]
        )


def _files(view: View, path: str) -> list[Location]:
    """The file at `path`, or those directly in the folder there."""
    here = view.find(path)
    authorize(view.principal, Action.READ, here)
    return [place for place in view.children(here) if not place.folder] if here.folder else [here]
