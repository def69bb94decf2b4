"""The stores that a session mounts, as one more folder in the file browser, beside the person's files.

They are mounted outside the person's tree, so that nothing of them is synced.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import default

from .saves import SyncedContents

#: Names for the folder, in the order of preference: a folder of the person's own is never hidden by it.
NAMES = ("Stores", "Stores of this site")


class StoresFolder:
    """Where the stores are, and which paths of the server mean something in them.

    Args:
        files: the server's root folder.
    """

    def __init__(self, files: str) -> None:
        self.files, self.mounted = Path(files), Path(os.environ["CYGNET_STORES"])
        self.name = next((name for name in NAMES if not os.path.lexists(self.files / name)), NAMES[-1])

    @property
    def above(self) -> str:
        """The folder that has both the files and the stores in it."""
        return os.path.commonpath([self.files, self.mounted])

    def place(self, path: str) -> str:
        """Return what a path of the server is below `above`."""
        first, _, rest = path.strip("/").partition("/")
        folder, inside = (self.mounted, rest) if first == self.name else (self.files, path.strip("/"))
        return "/".join(filter(None, (folder.relative_to(self.above).as_posix(), inside)))


class ContentsWithStores(SyncedContents):
    """Files as they are, and the folder with the stores at the top."""

    @cached_property
    def _stores(self) -> StoresFolder:
        return StoresFolder(self.parent.root_dir)

    @default("root_dir")
    def _above_both(self) -> str:
        return self._stores.above

    @default("preferred_dir")
    def _the_top(self) -> str:
        return ""

    def _get_os_path(self, path: str) -> str:
        parts = path.split("/")
        found: str = super()._get_os_path(path if ".." in parts else self._stores.place(path))
        return found

    async def _dir_model(self, path: str, content: bool = True) -> dict[str, Any]:
        model: dict[str, Any] = await super()._dir_model(path, content)
        if content and not path.strip("/"):
            model["content"].append(await super()._dir_model(self._stores.name, content=False))
        return model


class KernelsWithStores(AsyncMappingKernelManager):
    """Kernels begin in the folder of their notebook, also in a store."""

    def cwd_for_path(self, path: str, **kwargs: Any) -> str:
        """Return the folder in which a kernel begins."""
        stores = StoresFolder(self.root_dir)
        place = Path(stores.above, stores.place(path))
        return str(next((one for one in (place, *place.parents) if one.is_dir()), stores.files))
