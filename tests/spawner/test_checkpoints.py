"""Checkpoints stay on local disk, and no two files share one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jupyter_server.services.contents.filemanager import AsyncFileContentsManager

from cygnet_extensions.checkpoints import LocalCheckpoints

NAME = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="/"), min_size=1, max_size=120
)
PATH = st.lists(NAME.filter(lambda n: n not in (".", "..")), min_size=1, max_size=4).map("/".join)


@pytest.fixture
def manager(tmp_path: Path) -> AsyncFileContentsManager:
    (tmp_path / "files" / "a").mkdir(parents=True)
    (tmp_path / "files" / "b").mkdir()
    manager = AsyncFileContentsManager(root_dir=str(tmp_path / "files"), delete_to_trash=False)
    manager.checkpoints = LocalCheckpoints(parent=manager, folder=str(tmp_path / "checkpoints"))
    return manager


@given(one=PATH, other=PATH)
def test_no_two_paths_share_a_checkpoint(one: str, other: str) -> None:
    assume(one != other)
    checkpoints = LocalCheckpoints(folder="/c")
    first, second = checkpoints._place(one) / "checkpoint", checkpoints._place(other) / "checkpoint"
    assert first != second
    assert first not in second.parents  # a checkpoint is never where another one needs a directory
    assert second not in first.parents


async def test_same_name_in_two_folders(manager: AsyncFileContentsManager, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / "files" / folder / "n.txt").write_text(folder)
        await manager.create_checkpoint(f"{folder}/n.txt")
        (tmp_path / "files" / folder / "n.txt").write_text("changed")
    for folder in ("a", "b"):
        await manager.restore_checkpoint("checkpoint", f"{folder}/n.txt")
        assert (tmp_path / "files" / folder / "n.txt").read_text() == folder
    names = [path.name for path in (tmp_path / "files").rglob("*")]
    assert sorted(names) == ["a", "b", "n.txt", "n.txt"]


async def test_checkpoints_follow_a_folder(manager: AsyncFileContentsManager, tmp_path: Path) -> None:
    (tmp_path / "files" / "a" / "n.txt").write_text("first")
    await manager.create_checkpoint("a/n.txt")
    await manager.rename("a", "c")
    assert [found["id"] for found in await manager.list_checkpoints("c/n.txt")] == ["checkpoint"]
    assert await manager.list_checkpoints("a/n.txt") == []
    await manager.delete("c/n.txt")
    assert await manager.list_checkpoints("c/n.txt") == []
