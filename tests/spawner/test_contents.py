"""The file browser without a mount: jupyter_server's contents API on an fsspec filesystem."""

from __future__ import annotations

from pathlib import Path

import nbformat.v4
import pytest
from tornado.web import HTTPError

from cygnet_extensions.checkpoints import CopiedCheckpoints
from cygnet_extensions.contents import FsspecContentsManager


@pytest.fixture
def manager(tmp_path: Path) -> FsspecContentsManager:
    tree = tmp_path / "tree"
    tree.mkdir()
    manager = FsspecContentsManager(address=f"local://{tree}")
    manager.checkpoints = CopiedCheckpoints(parent=manager, folder=str(tmp_path / "checkpoints"))
    return manager


async def test_a_notebook_comes_back_as_it_was_saved(manager: FsspecContentsManager) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    await manager.save({"type": "directory"}, "a")
    saved = await manager.save({"type": "notebook", "content": notebook}, "a/n.ipynb")
    assert (saved["path"], saved["type"], saved["content"]) == ("a/n.ipynb", "notebook", None)
    model = await manager.get("a/n.ipynb")
    assert model["content"]["cells"][0]["source"] == "1 + 1"
    listing = await manager.get("a")
    assert [(child["path"], child["type"]) for child in listing["content"]] == [("a/n.ipynb", "notebook")]


async def test_text_and_bytes_keep_their_form(manager: FsspecContentsManager) -> None:
    await manager.save({"type": "file", "format": "text", "content": "für\n"}, "t.txt")
    await manager.save({"type": "file", "format": "base64", "content": "/wA="}, "b.bin")
    assert (await manager.get("t.txt"))["content"] == "für\n"
    model = await manager.get("b.bin")
    assert (model["format"], model["content"]) == ("base64", "/wA=")
    with pytest.raises(HTTPError) as refused:
        await manager.get("b.bin", format="text")
    assert refused.value.status_code == 400


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "./a"])
async def test_paths_outside_are_refused(manager: FsspecContentsManager, path: str) -> None:
    for action in (manager.get(path), manager.save({"type": "file", "format": "text", "content": ""}, path)):
        with pytest.raises(HTTPError) as refused:
            await action
        assert refused.value.status_code == 400


async def test_a_move_overwrites_nothing(manager: FsspecContentsManager) -> None:
    for name in ("x", "y"):
        await manager.save({"type": "file", "format": "text", "content": name}, name)
    with pytest.raises(HTTPError) as refused:
        await manager.rename("x", "y")
    assert refused.value.status_code == 409
    await manager.rename("x", "z")
    assert (await manager.get("z"))["content"] == "x"
    assert not await manager.exists("x")


async def test_a_checkpoint_is_restored(manager: FsspecContentsManager) -> None:
    await manager.save({"type": "file", "format": "text", "content": "first"}, "x.txt")
    checkpoint = await manager.create_checkpoint("x.txt")
    await manager.save({"type": "file", "format": "text", "content": "second"}, "x.txt")
    await manager.restore_checkpoint(checkpoint["id"], "x.txt")
    assert (await manager.get("x.txt"))["content"] == "first"


async def test_what_is_not_there_or_of_another_kind_is_said(manager: FsspecContentsManager) -> None:
    with pytest.raises(HTTPError) as missing:
        await manager.get("nothing.txt")
    assert missing.value.status_code == 404
    await manager.save({"type": "directory"}, "d")
    with pytest.raises(HTTPError) as wrong:
        await manager.get("d", type="file")
    assert wrong.value.status_code == 400


async def test_deleting_a_folder_takes_what_is_in_it(manager: FsspecContentsManager) -> None:
    await manager.save({"type": "directory"}, "d")
    await manager.save({"type": "file", "format": "text", "content": ""}, "d/x")
    await manager.delete("d")
    assert not await manager.dir_exists("d")
