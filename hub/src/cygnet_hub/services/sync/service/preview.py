"""Previews of notebooks: rendered by a program of its own, few at a time, and kept for a while."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import OrderedDict
from weakref import WeakValueDictionary

from ..model.errors import TooLarge, Unavailable, UnsupportedMedia
from .tree import OpenFile

#: Bytes of a notebook that can be shown; larger ones carry data that no browser should get as one page.
MAX_NOTEBOOK = 20 << 20
SECONDS = 30.0
AT_ONCE = 2
_KEPT_BYTES = 32 << 20


class Previews:
    """Pages of notebooks, made when they are asked for. A version never changes, so neither does its page."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._pages: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._drawing: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()
        self._size = 0

    async def page(self, file: OpenFile) -> bytes:
        """The HTML page of a notebook, without script.

        Raises:
            UnsupportedMedia: it is not a notebook.
            TooLarge: over 20 MiB.
            Unavailable: it took longer than half a minute.
        """
        if not file.node.name.endswith(".ipynb"):
            raise UnsupportedMedia("Only notebooks can be shown this way.")
        if file.content.size > MAX_NOTEBOOK:
            raise TooLarge("This notebook is too large to be shown here. Open it in the notebook server.")
        key = (file.node.id, file.node.version_id or 0)
        # The Files site asks for a page twice at once, for its status and for its frame: it is drawn once.
        async with self._drawing.setdefault(key, asyncio.Lock()):
            if key not in self._pages:
                async with self._slots:
                    self._keep(key, await render(b"".join([block async for block in file.read()])))
        self._pages.move_to_end(key)
        return self._pages[key]

    def _keep(self, key: tuple[int, int], page: bytes) -> None:
        self._pages[key] = page
        self._size += len(page)
        while self._size > _KEPT_BYTES and len(self._pages) > 1:
            _, oldest = self._pages.popitem(last=False)
            self._size -= len(oldest)


async def render(notebook: bytes) -> bytes:
    """The page of a notebook, made by a program that is killed when it takes too long.

    Raises:
        UnsupportedMedia: it is not a notebook.
        Unavailable: it took longer than half a minute.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cygnet_hub.services.sync.service.notebook_html",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(SECONDS):
            page, _ = await process.communicate(notebook)
    except TimeoutError:
        raise Unavailable("Drawing this notebook takes too long. Open it in the notebook server.") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise UnsupportedMedia("This file is not a notebook that can be shown.")
    return page
