"""Folders as zip archives, made while they are sent: nothing is stored, memory stays flat."""

from __future__ import annotations

import time
import zipfile
from collections.abc import AsyncIterator, Sequence

from ..model.errors import BadRequest, NotFound
from ..model.names import base_name
from ..model.node import Node
from ..model.principal import Principal
from ..model.sharing import numbered
from .tree import Tree

#: Zip files cannot say anything earlier.
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_ZIP64_FROM = 1 << 31


class _Outlet:
    """Where the zip file is written to: what came is taken away block by block."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep `data` until it is taken."""
        self._blocks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do; zipfile calls it."""

    def take(self) -> bytes:
        """What came since the last time."""
        data, self._blocks = b"".join(self._blocks), []
        return data


async def zip_stream(tree: Tree, principal: Principal, paths: Sequence[str]) -> AsyncIterator[bytes]:
    """The bytes of a zip archive of files and folders.

    Contents are stored as they are: most large files of science are compressed already.

    Args:
        tree: where they lie.
        principal: who wants them.
        paths: canonical; each becomes an entry at the top, the root's children do for the root.

    Raises:
        BadRequest: no path is named.
        NotFound, Forbidden: of the first block on, when a path is not there.
    """
    if not paths:
        raise BadRequest("Name at least one file or folder.")
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]  # it only writes
        for path, top in zip(paths, _tops(paths), strict=True):
            async for node in tree.walk(principal, path):
                async for block in _entry(
                    tree, principal, archive, outlet, node, top + node.path[len(path.rstrip("/")) :]
                ):
                    yield block
    yield outlet.take()


def _tops(paths: Sequence[str]) -> list[str]:
    """The name of each path at the top of the archive; equal ones are numbered."""
    names: list[str] = []
    for path in paths:
        number = 1
        while (name := numbered(base_name(path), number, folder=False)) and name in names:
            number += 1
        names.append(name)
    return names


async def _entry(
    tree: Tree, principal: Principal, archive: zipfile.ZipFile, outlet: _Outlet, node: Node, name: str
) -> AsyncIterator[bytes]:
    name = name.strip("/")
    if not name:
        return
    info = zipfile.ZipInfo(name + ("/" if node.is_folder else ""), _time(node.mtime))
    if node.is_folder:
        info.external_attr = 0o40755 << 16 | 0x10
        archive.writestr(info, b"")
        return
    info.external_attr = 0o644 << 16
    try:
        file = await tree.open(principal, node.path)
    except NotFound:  # deleted since the folder was listed
        return
    with archive.open(info, "w", force_zip64=file.content.size >= _ZIP64_FROM) as entry:
        async for block in file.read():
            entry.write(block)
            yield outlet.take()


def _time(seconds: float) -> tuple[int, int, int, int, int, int]:
    moment = time.gmtime(seconds)
    return max(_EARLIEST, moment[:6])
