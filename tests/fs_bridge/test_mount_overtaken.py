"""The real mount where an event overtakes an answer: what others changed is seen all the same."""

import asyncio
import contextlib
import os
import threading

import pytest

from tests.fs_bridge.gate import Gate, opened
from tests.fs_bridge.mounted import mounted
from tests.fs_bridge.test_mount import eventually

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.xdist_group("mount")]

LIMIT = 60


class SlowAnswers(Gate):
    """Holds back what comes on connections that carry a PUT, from `hold` to `let_go`."""

    def __init__(self, url):
        super().__init__(url)
        self.held = threading.Event()  # an answer is being held
        self._holding = False
        self._free = asyncio.Event()
        self._free.set()

    def hold(self):
        self._loop.call_soon_threadsafe(self._hold)

    def _hold(self):
        self._holding = True
        self._free.clear()

    def let_go(self):
        self._holding = False
        self._loop.call_soon_threadsafe(self._free.set)

    async def _forward(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target.port)
        self._writers |= {writer, far_writer}
        put = asyncio.Event()
        with contextlib.suppress(OSError):
            await asyncio.gather(
                self._requests(reader, far_writer, put), self._answers(far_reader, writer, put)
            )

    async def _requests(self, reader, writer, put):
        while data := await reader.read(1 << 16):
            if data.startswith(b"PUT ") and self._holding:
                put.set()
            writer.write(data)
        writer.close()

    async def _answers(self, reader, writer, put):
        while data := await reader.read(1 << 16):
            if put.is_set():
                self.held.set()
                await self._free.wait()
                put.clear()
            writer.write(data)
        writer.close()


def save(path, text):
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def test_a_change_that_follows_a_save_at_once_is_seen(server, fs, folder, tmp_path):
    fs.pipe_file(f"{folder}/a.ipynb", b"old")
    with (
        opened(SlowAnswers(server.url)) as network,
        mounted(network.url, server.app_password("ada"), tmp_path) as mount,
    ):
        path = mount.files / folder.strip("/") / "a.ipynb"
        assert path.read_text() == "old"
        network.hold()
        saving = threading.Thread(target=save, args=(path, "mine"))
        saving.start()
        assert network.held.wait(LIMIT)  # the service has it, and the mount does not know
        fs.pipe_file(f"{folder}/a.ipynb", b"theirs again")
        fs.pipe_file(f"{folder}/last", b"seen after it")
        eventually((path.parent / "last").exists, LIMIT)  # so the event before it was heard
        network.let_go()
        saving.join(LIMIT)
        eventually(lambda: path.read_text() == "theirs again", LIMIT)
        assert path.stat().st_size == 12


def test_a_file_that_was_read_whole_and_is_warm_changes_elsewhere(server, fs, folder, tmp_path):
    """However reads are served, by the kernel's pages, by our cache or past us: nothing old is read."""
    sizes = (100, 300_000, 3_000_000)
    with mounted(server.url, server.app_password("ada"), tmp_path) as mount:
        work = mount.files / folder.strip("/")
        for size in sizes:
            fs.pipe_file(f"{folder}/f{size}", b"1" * size)
        eventually(lambda: len(os.listdir(work)) == len(sizes), LIMIT)
        for size in sizes:
            for _ in range(3):
                assert (work / f"f{size}").read_bytes() == b"1" * size
            fs.pipe_file(f"{folder}/f{size}", b"2" * size)
            eventually(lambda size=size: (work / f"f{size}").read_bytes() == b"2" * size, LIMIT)
            fs.pipe_file(f"{folder}/f{size}", b"3" * (size // 2))
            eventually(lambda size=size: (work / f"f{size}").read_bytes() == b"3" * (size // 2), LIMIT)
            with (work / f"f{size}").open("rb") as warm:
                assert warm.read(10) == b"3" * 10
                fs.pipe_file(f"{folder}/f{size}", b"4" * size)
                eventually(lambda size=size: (work / f"f{size}").read_bytes() == b"4" * size, LIMIT)
                warm.seek(0)
                assert set(warm.read()) == {ord("3")}, "an open file is of two versions"


def test_a_time_stamp_that_others_set_is_seen(server, fs, folder, tmp_path):
    fs.pipe_file(f"{folder}/a", b"same")
    with (
        mounted(server.url, server.app_password("ada"), tmp_path / "one") as one,
        mounted(server.url, server.app_password("ada"), tmp_path / "two") as two,
    ):
        path = f"{folder.strip('/')}/a"
        assert (two.files / path).read_bytes() == b"same"
        os.utime(one.files / path, (5.0, 7.0))
        eventually(lambda: (two.files / path).stat().st_mtime == 7.0, LIMIT)
