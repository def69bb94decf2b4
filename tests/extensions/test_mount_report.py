"""What a notebook server tells the service of its mount: each thing once, and nothing when nobody hears."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from cygnet_extensions.serverextension import inbox
from cygnet_extensions.serverextension.gateway import Gateway
from cygnet_extensions.serverextension.inbox import MountReporter
from cygnet_extensions.serverextension.mount import MountState
from cygnet_fs_bridge.errors import Unavailable


class Listener(Gateway):
    """Takes what would be sent; with `away` refuses it."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.heard = asyncio.Event()
        self.away = False

    async def send(self, target: str, data: object) -> None:
        assert target == "api/v1/notices/mount"
        if self.away:
            raise Unavailable("away")
        words: Any = data
        self.told.append(words["message"])
        self.heard.set()


def test_trouble_is_told_once_and_taken_back() -> None:
    gateway = Listener()
    reporter = MountReporter(gateway, "fuse", "file")
    full = "“a.txt” waits: your files are full."

    async def live() -> None:
        for state, words in (
            ("ready", ""),
            ("degraded", full),
            ("degraded", full),
            ("offline", "The service cannot be reached."),
            ("stopping", ""),
            ("degraded", "x" * 2000),
            ("ready", ""),
        ):
            await reporter.report(MountState("fuse", state, 0, words))

    asyncio.run(live())
    assert gateway.told == [full, "x" * 1000, ""]


def test_what_could_not_be_told_is_told_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "REPORT_SECONDS", 0.01)
    state = tmp_path / "mount.json"
    state.write_text(json.dumps({"state": "degraded", "pending": 1, "message": "No room."}))
    gateway = Listener()
    gateway.away = True

    async def live() -> None:
        reporter = MountReporter(gateway, "fuse", str(state))
        reporter.start()
        await asyncio.sleep(0.1)
        gateway.away = False
        async with asyncio.timeout(60):
            await gateway.heard.wait()
        await reporter.stop()

    asyncio.run(live())
    assert gateway.told == ["No room."]
