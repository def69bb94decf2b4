"""A save of a notebook server into the real mount, and a colleague who saves in the middle of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.web import HTTPError

from cygnet_extensions import saves
from cygnet_extensions.saves import SyncedContents
from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.fs_bridge.mounted import mounted
from tests.sync_server import sync_server

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.xdist_group("mount")]


class Desk:
    """A contents manager over a mount, and a colleague at the service."""

    def __init__(self, colleague: CygnetFileSystem, files: Path) -> None:
        self.colleague, self.files = colleague, files
        self.manager = SyncedContents(root_dir=str(files))

    def save(self, name: str, content: str, base: str | None) -> dict[str, Any]:
        model = {"type": "file", "format": "text", "content": content, "base_hash": base}
        return asyncio.run(self.manager.save(model, name))

    def opened(self, name: str, content: str) -> str:
        """Return the hash of what a page has opened."""
        self.colleague.pipe_file(f"/{name}", content.encode())
        self.until(lambda: (self.files / name).exists() and (self.files / name).read_text() == content)
        return saves.digest(content.encode())

    @staticmethod
    def until(done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not done():
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    base = tmp_path_factory.mktemp("desk")
    with sync_server() as server, mounted(server.url, server.app_password("ada"), base) as mount:
        colleague = CygnetFileSystem(
            url=server.url, user="ada", password=server.app_password("ada"), skip_instance_cache=True
        )
        yield Desk(colleague, mount.files)


@pytest.mark.parametrize("seen", [False, True], ids=["unseen", "seen"])
def test_a_save_between_look_and_write_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, seen: bool
) -> None:
    name = f"between-{seen}.txt"
    base = desk.opened(name, "old")
    real = saves.digest

    def slow(data: bytes) -> str:
        if data == b"old":  # it was looked at: now a colleague is faster
            desk.colleague.pipe_file(f"/{name}", b"theirs")
            desk.until(lambda: not seen or (desk.files / name).read_bytes() == b"theirs")
        return real(data)

    monkeypatch.setattr(saves, "digest", slow)
    with pytest.raises(HTTPError) as refused:
        desk.save(name, "mine", base)
    assert (refused.value.status_code, refused.value.reason) == (409, "changed-elsewhere")
    assert desk.colleague.cat_file(f"/{name}") == b"theirs"
    desk.until(lambda: (desk.files / name).read_bytes() == b"theirs")


def test_a_save_right_after_ours_is_not_taken_for_ours(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    base = desk.opened("after.txt", "old")
    real = saves.write_through

    def overtaken(*arguments: Any) -> None:
        real(*arguments)
        desk.colleague.pipe_file("/after.txt", b"theirs")
        desk.until(lambda: (desk.files / "after.txt").read_bytes() == b"theirs")

    monkeypatch.setattr(saves, "write_through", overtaken)
    saved = desk.save("after.txt", "mine", base)
    assert saved["hash"] == saves.digest(b"mine")
    monkeypatch.setattr(saves, "write_through", real)
    with pytest.raises(HTTPError) as refused:
        desk.save("after.txt", "mine again", saved["hash"])
    assert refused.value.reason == "changed-elsewhere"
    assert desk.colleague.cat_file("/after.txt") == b"theirs"


def test_saves_follow_each_other_and_shorter_is_shorter(desk: Desk) -> None:
    base: str | None = desk.opened("more.txt", "a long text to begin with")
    for content in ("longer, " * 20_000, "short", ""):
        saved = desk.save("more.txt", content, base)
        base = saved["hash"]
        assert desk.colleague.cat_file("/more.txt") == content.encode()
    assert not [
        name for name in desk.colleague.ls("/", detail=False) if "conflict" in name and "more" in name
    ]
