"""The mount while the service is away, and with a token that is renewed."""

import errno
import os
import time

import pytest
from sqlalchemy import text

from tests.fs_bridge.gate import gate
from tests.fs_bridge.mounted import mounted
from tests.fs_bridge.test_mount import eventually

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.xdist_group("mount")]


def test_the_network_is_cut_and_comes_back(server, fs, folder, tmp_path):
    fs.pipe_file(f"{folder}/read", b"known")
    unread = b"new to the mount" * 20_000  # too large to be fetched together with its neighbour
    fs.pipe_file(f"{folder}/unread", unread)
    with (
        gate(server.url) as network,
        mounted(
            network.url, server.app_password("ada"), tmp_path, "--patience", "1", "--consistency", "close"
        ) as mount,
    ):
        work = mount.files / folder.strip("/")
        assert (work / "read").read_bytes() == b"known"
        network.shut()
        eventually(lambda: mount.state["state"] == "offline")
        assert (work / "read").read_bytes() == b"known"
        assert sorted(os.listdir(work)) == ["read", "unread"]
        began = time.monotonic()
        with pytest.raises(OSError) as away:
            (work / "unread").read_bytes()
        with pytest.raises(OSError) as unsaved:
            (work / "written").write_text("kept")
        assert time.monotonic() - began < 15
        assert (away.value.errno, unsaved.value.errno) == (errno.EIO, errno.EIO)
        assert mount.state["pending"] == 1
        assert (work / "written").read_text() == "kept"
        fs.pipe_file(f"{folder}/read", b"changed meanwhile")
        network.open()
        eventually(lambda: mount.state == {"state": "ready", "pending": 0, "message": ""}, 20)
        eventually(lambda: (work / "read").read_bytes() == b"changed meanwhile")
        assert (work / "unread").read_bytes() == unread
        assert fs.cat_file(f"{folder}/written") == b"kept"


def test_a_short_cut_is_not_noticed(server, fs, folder, tmp_path):
    with gate(server.url) as network, mounted(network.url, server.app_password("ada"), tmp_path) as mount:
        work = mount.files / folder.strip("/")
        network.shut()
        pid = os.fork()
        if pid == 0:
            try:
                (work / "a").write_text("patient")
                os._exit(0)
            finally:
                os._exit(1)
        time.sleep(0.5)
        network.open()
        assert os.waitpid(pid, 0)[1] == 0
        eventually(lambda: fs.exists(f"{folder}/a"))
        assert fs.cat_file(f"{folder}/a") == b"patient"


def test_a_renewed_token_is_taken_up(server, fs, folder, tmp_path):
    with mounted(server.url, server.app_password("ada"), tmp_path) as mount:
        work = mount.files / folder.strip("/")
        (work / "a").write_text("1")
        eventually(lambda: mount.state["pending"] == 0)
        (tmp_path / "token").write_text("revoked")
        with (work / "b").open("w") as file:
            file.write("2")
            file.flush()
            with pytest.raises(PermissionError):
                os.fsync(file.fileno())
        eventually(lambda: "b waits" in str(mount.state["message"]))
        assert mount.state["pending"] == 1
        (tmp_path / "new").write_text(server.app_password("ada"))
        os.replace(tmp_path / "new", tmp_path / "token")
        (work / "c").write_text("3")
        eventually(lambda: mount.state == {"state": "ready", "pending": 0, "message": ""}, 30)
        assert (fs.cat_file(f"{folder}/b"), fs.cat_file(f"{folder}/c")) == (b"2", b"3")


def test_no_room_is_said_by_close(server, tmp_path):
    limit = "UPDATE space SET quota = 1000 WHERE id IN (SELECT home_space FROM account WHERE name = 'bob')"
    with mounted(server.url, server.app_password("bob"), tmp_path, "--consistency", "close") as mount:
        server.services.database.write_now(lambda connection: connection.execute(text(limit)))
        (mount.files / "small").write_bytes(b"x" * 100)
        with pytest.raises(OSError) as full:
            (mount.files / "big").write_bytes(b"x" * 5000)
        assert full.value.errno == errno.EDQUOT
        room = os.statvfs(mount.files)
        assert room.f_bavail * room.f_frsize < 1000
        eventually(lambda: os.listdir(mount.files) == ["small"])
        assert "could not be saved" in str(mount.state["message"])
