"""What was closed survives: the service away, the mount killed, the disk full; and what `close` waits for."""

import errno
import os
import shutil
import subprocess
import threading
import time

import pytest
from sqlalchemy import text

from tests.fs_bridge.gate import gate
from tests.fs_bridge.mounted import is_mounted, mounted, start
from tests.fs_bridge.test_mount import eventually

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.xdist_group("mount")]

READY = {"state": "ready", "pending": 0, "message": ""}


@pytest.fixture
def network(server):
    with gate(server.url) as made:
        yield made


@pytest.fixture
def mount(server, network, tmp_path):
    with mounted(network.url, server.app_password("ada"), tmp_path, "--patience", "1") as running:
        yield running


@pytest.fixture
def work(folder, mount):  # made before it is mounted: no late event about it makes the mount ask
    path = mount.files / folder.strip("/")
    eventually(path.is_dir)
    assert os.listdir(path) == []
    return path


def again(mount, server, network):
    """Mount once more at the same place after the first mount was killed."""
    return start(network.url, server.app_password("ada"), mount.files.parent, "--patience", "1")


def sent(mount, limit=20):
    time.sleep(0.15)  # the number that waits is told ten times a second
    eventually(lambda: mount.state == READY, limit)


def test_closing_waits_for_the_disk_and_syncing_for_the_service(work, fs, folder, network, mount):
    network.shut()
    eventually(lambda: mount.state["state"] == "offline")
    with (work / "a").open("w") as file:
        file.write("1")
        file.flush()
        began = time.monotonic()
        with pytest.raises(OSError) as away:
            os.fsync(file.fileno())
        assert (away.value.errno, time.monotonic() - began < 15) == (errno.EIO, True)
    (work / "b").write_text("2")
    eventually(lambda: mount.state["pending"] == 2)
    assert (work / "b").read_text() == "2"
    network.open()
    sent(mount)
    assert (fs.cat_file(f"{folder}/a"), fs.cat_file(f"{folder}/b")) == (b"1", b"2")


def test_closed_files_can_be_renamed_removed_and_changed_while_the_service_is_away(
    work, fs, folder, network, mount
):
    network.shut()
    for name in ("new.tmp", "old", "gone", "stamped"):
        (work / name).write_text(name)
    os.rename(work / "new.tmp", work / "old")
    os.unlink(work / "gone")
    os.utime(work / "stamped", (5.0, 7.0))
    with (work / "old").open("a") as file:
        file.write(" and more")
    assert sorted(os.listdir(work)) == ["old", "stamped"]
    network.open()
    sent(mount)
    assert fs.cat_file(f"{folder}/old") == b"new.tmp and more"
    assert fs.info(f"{folder}/stamped")["mtime"] == 7.0
    assert sorted(fs.ls(folder, detail=False)) == [f"{folder}/old", f"{folder}/stamped"]


def test_a_save_by_rename_becomes_a_new_version_of_the_same_file(work, fs, folder, mount):
    (work / "a").write_text("old")
    sent(mount)
    before = fs.info(f"{folder}/a")["id"]
    (work / "a.tmp").write_text("new")
    os.rename(work / "a.tmp", work / "a")
    sent(mount)
    assert fs.cat_file(f"{folder}/a") == b"new"
    assert fs.info(f"{folder}/a")["id"] == before
    assert fs.ls(folder, detail=False) == [f"{folder}/a"]


def test_saves_by_rename_that_follow_each_other_at_once_are_no_conflict(work, fs, folder, mount):
    for turn in range(20):
        (work / "lock").write_text(str(turn))
        time.sleep(0.02 * (turn % 4))
        os.rename(work / "lock", work / "a")
    sent(mount)
    assert fs.cat_file(f"{folder}/a") == b"19"
    (work / "lock").write_text("moved on")
    os.rename(work / "lock", work / "a")
    os.rename(work / "a", work / "b")
    (work / "lock").write_text("removed")
    os.rename(work / "lock", work / "b")
    os.unlink(work / "b")
    sent(mount)
    assert fs.ls(folder) == []


def test_folders_are_made_while_the_service_is_away(work, fs, folder, network, mount):
    network.shut()
    (work / "a" / "b").mkdir(parents=True)
    (work / "a" / "b" / "empty").touch()
    (work / "a" / "b" / "file").write_text("in it")
    (work / "gone").mkdir()
    with pytest.raises(FileExistsError):
        (work / "gone").mkdir()
    os.rmdir(work / "gone")
    assert (sorted(os.listdir(work)), os.listdir(work / "a")) == (["a"], ["b"])
    assert abs((work / "a").stat().st_mtime - time.time()) < 60
    fs.mkdir(f"{folder}/a")  # somebody else makes the same folder, with something in it
    fs.pipe_file(f"{folder}/a/theirs", b"1")
    network.open()
    sent(mount, 60)
    eventually(lambda: sorted(os.listdir(work / "a")) == ["b", "theirs"])
    assert sorted(fs.find(folder)) == [f"{folder}/a/b/empty", f"{folder}/a/b/file", f"{folder}/a/theirs"]
    os.rename(work / "a", work / "c")
    assert fs.cat_file(f"{folder}/c/b/file") == b"in it"


def test_a_folder_where_somebody_else_put_a_file_is_made_beside_it(work, fs, folder, network, mount):
    network.shut()
    (work / "name").mkdir()
    (work / "name" / "ours").write_text("ours")
    fs.pipe_file(f"{folder}/name", b"theirs")
    network.open()
    eventually(lambda: mount.state["pending"] == 0, 60)
    eventually(lambda: (work / "name").is_file(), 60)
    [beside] = [path for path in fs.ls(folder, detail=False) if "conflicted copy" in path]
    assert fs.cat_file(f"{beside}/ours") == b"ours"
    assert (work / "name").read_bytes() == b"theirs"


def test_what_was_closed_is_sent_after_a_kill(work, fs, folder, network, mount, server):
    (work / "known").write_text("first")
    sent(mount)
    network.shut()
    (work / "known").write_text("second")
    (work / "big").write_bytes(b"x" * 3_000_000)
    (work / "removed").write_text("no")
    (work / "sub" / "empty").mkdir(parents=True)
    (work / "sub" / "file").touch()
    (work / "a").write_text("renamed")
    os.rename(work / "a", work / "b")
    os.unlink(work / "removed")
    os.close(os.open(work / "sub" / "run.sh", os.O_CREAT | os.O_WRONLY, 0o755))
    mount.kill()
    network.open()
    second = again(mount, server, network)
    try:
        assert (work / "known").read_text() == "second"
        assert sorted(os.listdir(work)) == ["b", "big", "known", "sub"]
        sent(second)
        assert fs.cat_file(f"{folder}/known") == b"second"
        assert fs.cat_file(f"{folder}/big") == b"x" * 3_000_000
        assert fs.cat_file(f"{folder}/b") == b"renamed"
        names = [path.rpartition("/")[2] for path in fs.ls(f"{folder}/sub", detail=False)]
        assert sorted(names) == ["empty", "file", "run.sh"]
        assert (work / "sub" / "run.sh").stat().st_mode & 0o777 == 0o755
    finally:
        assert second.stop() == 0
    assert [name for name in os.listdir(mount.files.parent / "cache") if not name.startswith("modes")] == []


def test_a_kill_in_the_middle_of_a_tree_copy_loses_nothing_that_was_closed(
    work, fs, folder, network, mount, server
):
    closed = {}

    def copy():
        try:
            for number in range(2000):
                place = work / f"d{number % 7}"
                place.mkdir(exist_ok=True)
                (place / f"f{number}").write_bytes(os.urandom(100) * (number % 90))
                closed[f"d{number % 7}/f{number}"] = (number % 90) * 100
        except OSError:
            return  # the mount is gone

    copying = threading.Thread(target=copy)
    copying.start()
    eventually(lambda: len(closed) > 60, 30)
    mount.kill()
    copying.join(20)
    second = again(mount, server, network)
    try:
        sent(second, 30)
        found = {
            path.removeprefix(f"{folder}/"): info["size"]
            for path, info in fs.find(folder, detail=True).items()
        }
        assert {name: size for name, size in closed.items() if found.get(name) != size} == {}
        assert not [name for name in found if "conflict" in name]
    finally:
        second.stop()


def test_a_mount_of_somebody_else_does_not_send_what_is_left(work, network, mount, server):
    network.shut()
    (work / "mine").write_text("ada's")
    mount.kill()
    network.open()
    bob = start(network.url, server.app_password("bob"), mount.files.parent)
    assert os.listdir(bob.files) == []
    assert bob.stop() == 0
    ada = again(mount, server, network)
    try:
        assert (work / "mine").read_text() == "ada's"
    finally:
        assert ada.stop() == 0


def test_stopping_while_the_service_is_away_keeps_what_waits_and_says_so(
    work, fs, folder, network, mount, server
):
    network.shut()
    (work / "a").write_text("kept")
    with (work / "open").open("w") as file:
        file.write("kept too")
        file.flush()
        assert mount.stop() == 0
        with pytest.raises(OSError):
            file.close()
    assert not is_mounted(mount.files)
    assert mount.state["pending"] == 2
    assert "2 changed files wait on this machine" in str(mount.state["message"])
    network.open()
    second = again(mount, server, network)
    try:
        sent(second)
        assert (fs.cat_file(f"{folder}/a"), fs.cat_file(f"{folder}/open")) == (b"kept", b"kept too")
    finally:
        second.stop()


def test_what_comes_after_a_removed_folder_is_kept_aside(work, fs, folder, network, mount):
    (work / "d").mkdir()
    sent(mount)
    network.shut()
    (work / "d" / "a.txt").write_text("orphan")
    fs.rm(f"{folder}/d", recursive=True)
    network.open()
    eventually(lambda: "a.txt could not be saved" in str(mount.state["message"]), 60)
    [kept] = (mount.files.parent / "cache" / "unsaved").iterdir()
    assert kept.read_text() == "orphan"
    assert mount.state["pending"] == 0
    network.shut()
    eventually(lambda: mount.state["state"] == "offline", 60)
    network.open()
    eventually(lambda: mount.state["state"] == "ready", 60)
    assert "a.txt could not be saved" in str(mount.state["message"]), "good news took it away"


def test_no_room_after_close_is_told_and_sent_when_there_is_room(server, tmp_path, fs):
    limit = "UPDATE space SET quota = {} WHERE id IN (SELECT home_space FROM account WHERE name = 'bob')"

    def set_quota(size):
        server.services.database.write_now(lambda connection: connection.execute(text(limit.format(size))))

    with mounted(server.url, server.app_password("bob"), tmp_path) as mount:
        set_quota(1000)
        (mount.files / "big").write_bytes(b"x" * 5000)
        eventually(lambda: "big waits" in str(mount.state["message"]))
        assert mount.state["pending"] == 1
        set_quota(1_000_000)
        eventually(lambda: mount.state == READY, 30)
        # Little is left now, so the writer is told at once.
        set_quota(6000)
        eventually(lambda: os.statvfs(mount.files).f_bavail < 2, 10)
        with pytest.raises(OSError) as full:
            (mount.files / "more").write_bytes(b"x" * 5000)
        assert full.value.errno == errno.EDQUOT
    set_quota(10**12)


@pytest.mark.needs("root")
def test_a_full_local_disk_is_told_to_the_writer_and_nothing_closed_is_lost(
    server, fs, folder, network, tmp_path
):
    small = tmp_path / "cache"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", small], check=True, timeout=20)
    try:
        with mounted(network.url, server.app_password("ada"), tmp_path, "--patience", "1") as mount:
            work = mount.files / folder.strip("/")
            assert os.listdir(work) == []
            network.shut()
            saved = 0
            with pytest.raises(OSError) as full:
                for number in range(100):
                    (work / f"f{number}").write_bytes(bytes([number]) * 200_000)
                    saved += 1
            assert full.value.errno == errno.ENOSPC, mount.log.read_text()
            assert saved > 5
            network.open()
            eventually(lambda: mount.state["pending"] == 0, 20)
            for number in range(saved):
                assert fs.cat_file(f"{folder}/f{number}") == bytes([number]) * 200_000
            (work / "after").write_bytes(b"x" * 200_000)
            eventually(lambda: fs.exists(f"{folder}/after"))
    finally:
        subprocess.run(["umount", "-l", small], check=True, timeout=20)


def test_a_tree_copied_in_is_sent_in_the_end(work, fs, folder, mount, tmp_path):
    source = tmp_path / "tree"
    for number in range(150):
        (source / f"d{number % 3}").mkdir(parents=True, exist_ok=True)
        (source / f"d{number % 3}" / f"f{number}").write_bytes(os.urandom(number * 40))
    shutil.copytree(source, work / "tree")
    sent(mount)
    for number in range(150):
        name = f"d{number % 3}/f{number}"
        assert fs.cat_file(f"{folder}/tree/{name}") == (source / name).read_bytes()
        assert (work / "tree" / name).read_bytes() == (source / name).read_bytes()
