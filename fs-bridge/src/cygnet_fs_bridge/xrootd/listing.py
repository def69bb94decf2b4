"""What is in a folder. A redirector has no files: it says who has the folder, and each of those is asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from .. import errors
from .client import Server, library

_NAMES = 0x100  # `kXR_prefname`: hosts by their names, which their certificates have


class Folders:
    """The folders of a server, or of those behind a redirector.

    Args:
        server: which.
    """

    def __init__(self, server: Server) -> None:
        self._server, self._flags = server, library().flags
        self._remote = library().FileSystem(server.url("/"))
        self._redirects: bool | None = None

    async def entries(self, path: str) -> list[Any]:
        """Return what is in a folder: each has `name`, and `statinfo` unless it went away meanwhile.

        Raises:
            ServiceError: in the kind that fits; also when one of several servers does not answer, since what
                it has would be missing.
        """
        if self._redirects is None:
            told = await self._server.call(self._remote.protocol, path=path)
            self._redirects = bool(told.hostinfo & self._flags.HostTypes.IS_MANAGER)
        servers = await self._servers(path) if self._redirects else []
        if not servers:
            return await _listed(self._server, path)
        answers = await asyncio.gather(*(_listed(one, path) for one in servers), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, errors.NotFound):
                raise answer
        told = {entry.name: entry for answer in answers if isinstance(answer, list) for entry in answer}
        return list(told.values())

    async def _servers(self, path: str) -> list[Server]:
        """Return who has a folder; nobody if the redirector knows of no others, as those of EOS."""
        try:
            found = await self._server.call(self._remote.deeplocate, path, _NAMES, path=path)
        except errors.Unsupported:
            return []
        scheme = self._server.address.partition("://")[0]
        return [replace(self._server, address=f"{scheme}://{one.address}") for one in found]


async def _listed(server: Server, path: str) -> list[Any]:
    remote, stat = library().FileSystem(server.url("/")), library().flags.DirListFlags.STAT
    return list(await server.call(remote.dirlist, path, stat, path=path))
