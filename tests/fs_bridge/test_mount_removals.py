"""What is removed is gone for programs at once, at the service soon, and never when somebody changed it."""

import os
import shutil

import pytest

from tests.fs_bridge.mounted import mounted
from tests.fs_bridge.test_mount import eventually
from tests.fs_bridge.test_mount_journal import again, mount, network, sent, work  # noqa: F401
from tests.fs_bridge.test_mount_together import asked  # noqa: F401

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.xdist_group("mount")]


def names(fs, folder):
    return sorted(path.rpartition("/")[2] for path in fs.ls(folder, detail=False, refresh=True))


def test_a_tree_is_removed_in_few_requests(work, fs, folder, mount, asked, caplog):  # noqa: F811
    for number in range(120):
        place = work / "tree" / f"d{number % 10}" / f"e{number % 3}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"f{number}").write_bytes(b"x")
    (work / "stays").write_text("here")
    sent(mount)
    caplog.clear()
    shutil.rmtree(work / "tree")
    assert os.listdir(work) == ["stays"]
    sent(mount)
    assert asked().count(("POST", "delete")) < 40
    assert {what for what in asked() if what != ("POST", "delete")} == set()
    assert names(fs, folder) == ["stays"]


def test_removed_while_the_service_is_away(work, fs, folder, mount, network):  # noqa: F811
    (work / "sub").mkdir()
    for name in ("a", "b", "sub/c"):
        (work / name).write_text(name)
    sent(mount)
    network.shut()
    eventually(lambda: mount.state["state"] == "offline")
    os.unlink(work / "a")
    os.unlink(work / "sub" / "c")
    os.rmdir(work / "sub")
    assert os.listdir(work) == ["b"]
    eventually(lambda: mount.state["pending"] == 3)
    (work / "a").write_text("another")
    (work / "sub").mkdir()
    (work / "sub" / "d").write_text("d")
    network.open()
    sent(mount)
    assert names(fs, folder) == ["a", "b", "sub"]
    assert (fs.cat_file(f"{folder}/a"), names(fs, f"{folder}/sub")) == (b"another", ["d"])
    assert sorted(os.listdir(work)) == ["a", "b", "sub"]


def test_what_was_removed_before_a_kill_is_gone(work, fs, folder, mount, network, server):  # noqa: F811
    for name in ("removed", "replaced", "changed", "stays"):
        (work / name).write_text("old")
    (work / "empty").mkdir()
    (work / "filled").mkdir()
    sent(mount)
    network.shut()
    for name in ("removed", "replaced", "changed"):
        os.unlink(work / name)
    os.rmdir(work / "empty")
    os.rmdir(work / "filled")
    (work / "replaced").write_text("new")
    mount.kill()
    fs.pipe_file(f"{folder}/changed", b"by somebody else")
    fs.pipe_file(f"{folder}/filled/file", b"by somebody else")
    network.open()
    second = again(mount, server, network)
    try:
        assert sorted(os.listdir(work)) == ["changed", "filled", "replaced", "stays"]
        sent(second)
        assert names(fs, folder) == ["changed", "filled", "replaced", "stays"]
        assert fs.cat_file(f"{folder}/replaced") == b"new"
        assert fs.cat_file(f"{folder}/changed") == b"by somebody else"
    finally:
        assert second.stop() == 0


def test_what_somebody_else_changed_meanwhile_stays_and_that_is_told(
    work,  # noqa: F811
    fs,
    folder,
    mount,  # noqa: F811
    network,  # noqa: F811
):
    (work / "file").write_text("old")
    (work / "sub").mkdir()
    sent(mount)
    network.shut()
    eventually(lambda: mount.state["state"] == "offline")
    os.unlink(work / "file")
    os.rmdir(work / "sub")
    assert os.listdir(work) == []
    fs.pipe_file(f"{folder}/file", b"by somebody else")
    fs.pipe_file(f"{folder}/sub/inner", b"by somebody else")
    network.open()
    eventually(lambda: sorted(os.listdir(work)) == ["file", "sub"], 20)
    assert (work / "file").read_bytes() == (work / "sub" / "inner").read_bytes() == b"by somebody else"
    eventually(lambda: "could not be removed" in str(mount.state["message"]))
    assert fs.cat_file(f"{folder}/file") == b"by somebody else"


def test_a_folder_is_renamed_to_the_name_of_one_that_was_just_removed(work, fs, folder, mount):  # noqa: F811
    (work / "old").mkdir()
    (work / "new").mkdir()
    (work / "new" / "file").write_text("kept")
    sent(mount)
    os.rmdir(work / "old")
    os.rename(work / "new", work / "old")
    assert names(fs, folder) == ["old"]
    assert fs.cat_file(f"{folder}/old/file") == b"kept"
    os.unlink(work / "old" / "file")
    os.rename(work / "old", work / "new")
    assert names(fs, f"{folder}/new") == []


def test_a_login_that_may_only_read_gets_back_what_it_removed(server, fs, folder, tmp_path):
    fs.pipe_file(f"{folder}/file", b"stays")
    password = server.app_password("ada", frozenset({"files:read"}))
    with mounted(server.url, password, tmp_path / "reader") as reader:
        place = reader.files / folder.strip("/")
        os.unlink(place / "file")
        eventually(lambda: "could not be removed" in str(reader.state["message"]), 20)
        eventually(lambda: os.listdir(place) == ["file"])
        assert (place / "file").read_bytes() == b"stays"
        assert reader.state["pending"] == 0
