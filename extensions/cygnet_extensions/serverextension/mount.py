"""The state of the mount, which the `cygnet mount` process writes to a file."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from .base import CygnetHandler, guarded


@dataclass(frozen=True)
class MountState:
    """How the person's files get into the session.

    `kind` is `fuse`, or `none` when only Jupyter sees the files and kernels do not, or `unknown` outside a
    Cygnet session. `state` is what the mount
    says: `ready`, `degraded`, `offline`, `stopping`, or `unknown`. `pending` counts changes not sent yet.
    """

    kind: str
    state: str = "unknown"
    pending: int = 0
    message: str = ""


def read_state(kind: str, file: str) -> MountState:
    """Read the state file; a file that is missing or damaged says `unknown`."""
    try:
        data = json.loads(Path(file).read_text()) if file else {}
        return MountState(kind, str(data["state"]), int(data.get("pending", 0)), str(data.get("message", "")))
    except (OSError, ValueError, KeyError, TypeError):
        return MountState(kind)


class MountHandler(CygnetHandler):
    """`mount`."""

    @guarded
    async def get(self) -> None:
        """Say how the files are mounted and whether changes still wait to be sent."""
        kind, file = os.environ.get("CYGNET_MOUNT", "unknown"), os.environ.get("CYGNET_MOUNT_STATE", "")
        self.answer(asdict(await asyncio.to_thread(read_state, kind, file)))
