"""Checkpoints on local disk, away from the synced files.

The usual place, `.ipynb_checkpoints` beside each notebook, would sync to every laptop and count
against the quota. Here a tree below the home mirrors the files' tree: that of the notebook `a/b/n.ipynb` is
`+a/+b/+n.ipynb/checkpoint`. No two paths meet, because only path components begin with `+` (or, long
ones, with `#`), and moving a folder is one rename.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints, AsyncGenericFileCheckpoints
from traitlets import Unicode, default

_LONGEST = 200  # bytes of a component that are kept as they are; the file system allows 255


class LocalCheckpoints(AsyncFileCheckpoints):
    """One checkpoint a file, kept below `folder`."""

    folder = Unicode(config=True, help="Directory of the checkpoints, on local disk.")

    @default("folder")
    def _default_folder(self) -> str:
        return str(Path(jupyter_data_dir()) / "cygnet-checkpoints")

    def checkpoint_path(self, checkpoint_id: str, path: str) -> str:
        """Return where the checkpoint of the file at `path` is; its directory is made."""
        place = self._place(path)
        with self.perm_to_403():
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        return str(place / checkpoint_id)

    async def rename_all_checkpoints(self, old_path: str, new_path: str) -> None:
        """Follow a file or a whole folder to its new path."""
        old, new = self._place(old_path), self._place(new_path)
        if not old.exists():
            return
        with self.perm_to_403():
            new.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.rmtree(new, ignore_errors=True)  # of something that was at the new path before
            os.replace(old, new)  # noqa: PTH105 - both are directories

    async def delete_all_checkpoints(self, path: str) -> None:
        """Forget the checkpoints of a file, or of everything in a folder."""
        shutil.rmtree(self._place(path), ignore_errors=True)

    async def list_checkpoints(self, path: str) -> list[dict[str, object]]:
        """Return the checkpoint of the file at `path`, if there is one."""
        place = self._place(path) / "checkpoint"
        return [await self.checkpoint_model("checkpoint", str(place))] if place.is_file() else []

    def _place(self, path: str) -> Path:
        parts = [_component(part) for part in path.strip("/").split("/") if part]
        return Path(self.folder, *parts)


class CopiedCheckpoints(LocalCheckpoints, AsyncGenericFileCheckpoints):
    """The same for files that are not on a mount: contents are handed over instead of copied on disk."""


def _component(name: str) -> str:
    """One folder's or file's name as a name in the mirror; a long one becomes a digest."""
    raw = name.encode("utf-8", "surrogateescape")
    if len(raw) > _LONGEST:
        return "#" + hashlib.sha256(raw).hexdigest()
    return "+" + name
