"""The mount while the service restarts and the network swallows what it gets: nothing lost, nothing hangs.

A cut of ten minutes is scaled: what ends calls in it is `--patience`, here 2 seconds instead of 30, and the
cut lasts several times that. What a program sees does not depend on how long it goes on afterwards.
"""

import contextlib
import errno
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.fs_bridge.gate import gate
from tests.fs_bridge.mounted import mounted
from tests.fs_bridge.test_mount import eventually
from tests.sync_server import sync_server

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.xdist_group("mount")]

READY = {"state": "ready", "pending": 0, "message": ""}
HANG = 40.0  # far above what the mount allows itself (5 s of silence, 10 to connect), for a busy machine


def timed(call):
    """Return the error number of a call, and the seconds that it took."""
    began = time.monotonic()
    with pytest.raises(OSError) as failed:
        call()
    return failed.value.errno, time.monotonic() - began


def synced_write(path, data):
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def test_a_network_that_swallows_everything_ends_calls_and_loses_nothing(server, fs, folder, tmp_path):
    fs.pipe_file(f"{folder}/read", b"known")
    fs.pipe_file(f"{folder}/unread", b"unknown" * 50_000)
    password = server.app_password("ada")
    with gate(server.url) as network, mounted(network.url, password, tmp_path, "--patience", "2") as mount:
        work = mount.files / folder.strip("/")
        assert (work / "read").read_bytes() == b"known"
        network.freeze()
        began = time.monotonic()
        (work / "closed").write_text("kept")
        (work / "new").mkdir()
        (work / "new" / "inside").write_text("kept too")
        assert time.monotonic() - began < 5, "what needs no service waited for it"
        assert (work / "read").read_bytes() == b"known"
        calls = (
            lambda: (work / "unread").read_bytes(),
            lambda: synced_write(work / "synced", b"not acknowledged"),
            lambda: os.rename(work / "read", work / "renamed"),
        )
        with ThreadPoolExecutor() as at_once:
            for number, took in at_once.map(timed, calls):
                assert (number, took < HANG) == (errno.EIO, True)
        network.shut()  # connections do not survive such a cut
        network.thaw()
        network.open()
        eventually(lambda: mount.state == READY, 60)
        assert fs.cat_file(f"{folder}/closed") == b"kept"
        assert fs.cat_file(f"{folder}/new/inside") == b"kept too"
        assert fs.cat_file(f"{folder}/synced") == b"not acknowledged"
        assert (work / "unread").read_bytes() == b"unknown" * 50_000


def test_a_mount_stops_while_the_network_swallows_everything(server, fs, folder, tmp_path):
    with gate(server.url) as network:
        with mounted(network.url, server.app_password("ada"), tmp_path, "--patience", "2") as mount:
            work = mount.files / folder.strip("/")
            assert os.listdir(work) == []
            network.freeze()
            (work / "a").write_text("kept")
            mount.process.terminate()
            assert mount.process.wait(60) == 0
            assert "1 changed files wait on this machine" in str(mount.state["message"])
        network.shut()
        network.thaw()
        network.open()
        with mounted(network.url, server.app_password("ada"), tmp_path) as mount:
            eventually(lambda: mount.state == READY, 60)
            assert fs.cat_file(f"{folder}/a") == b"kept"


class Writer(threading.Thread):
    """Writes files without end; `closed` and `synced` hold what the mount has promised for."""

    def __init__(self, work):
        super().__init__(name="writer")
        self.work, self.closed, self.synced, self.slowest = work, {}, {}, 0.0
        self.done = threading.Event()

    def run(self):
        number = 0
        while not self.done.is_set():
            number += 1
            self.write(f"d{number % 5}", f"f{number}", os.urandom(1 + number * 37 % 20_000), number % 4 == 0)

    def write(self, below, name, data, sync):
        began = time.monotonic()
        (self.work / below).mkdir(exist_ok=True)
        with contextlib.suppress(OSError), (self.work / below / name).open("wb") as file:
            file.write(data)
            self.closed[f"{below}/{name}"] = data  # also when fsync fails: it is kept for later
            file.flush()
            if sync:
                os.fsync(file.fileno())
                self.synced[f"{below}/{name}"] = data
        self.slowest = max(self.slowest, time.monotonic() - began)


def test_the_service_restarts_while_files_are_written(tmp_path):
    """Three times, each time another process of the service would be met: nothing is kept in one of them."""
    data, base = tmp_path / "data", tmp_path / "mount"
    data.mkdir()
    base.mkdir()
    with contextlib.ExitStack() as running:
        server = running.enter_context(sync_server(data))
        password, port = server.app_password("ada"), server.port
        with mounted(server.url, password, base, "--patience", "20") as mount:
            writer = Writer(mount.files)
            writer.start()
            try:
                for turn in range(3):
                    count = len(writer.synced)
                    eventually(lambda count=count: len(writer.synced) > count + 2, 60)
                    running.close()
                    time.sleep(0.3 * turn)
                    server = running.enter_context(sync_server(data, port=port))
                    fs = CygnetFileSystem(
                        url=server.url, user="ada", password=password, skip_instance_cache=True
                    )
                    for name, bytes_ in list(writer.synced.items()):
                        assert fs.cat_file(f"/{name}") == bytes_, "what fsync acknowledged is gone"
                count = len(writer.closed)
                eventually(lambda: len(writer.closed) > count + 5, 60)
            finally:
                writer.done.set()
                writer.join(60)
            eventually(lambda: mount.state == READY, 60)
            assert {name: fs.cat_file(f"/{name}") for name in writer.closed} == writer.closed
            assert writer.slowest < HANG
            assert not [name for name in fs.find("/") if "conflict" in name]
