"""A filesystem in memory, served to the real kernel by our own loop."""

import asyncio
import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager

import pytest

from cygnet_fs_bridge.fuse.answers import Opened
from cygnet_fs_bridge.fuse.attach import CannotMount, attach_by_helper
from cygnet_fs_bridge.fuse.device import Device
from cygnet_fs_bridge.fuse.session import Session
from tests.forgetful.operations import Forgetful
from tests.fs_bridge.test_mount import eventually

pytestmark = pytest.mark.needs("fuse")

LIMIT = 60


class Counting(Forgetful):
    """Counts what the kernel asks for, and what it was told and forgot."""

    auto_inval = False

    def __init__(self, place):
        super().__init__(place, 0, deaf=False)
        self.calls, self.told, self.hang = Counter(), Counter(), None

    def lookup(self, parent, name):
        if name == b"defect":
            raise ValueError("a defect")
        if name == b"slow":
            return self._hang()
        found = super().lookup(parent, name)
        self.told[found.ino] += 1
        return found

    def create(self, parent, name, mode, flags):
        opened, found = super().create(parent, name, mode, flags)
        self.told[found.ino] += 1
        return opened, found

    def forget(self, ino, count):
        self.told[ino] -= count

    def readdir(self, ino, start, listing):
        self.calls["readdir"] += 1
        return super().readdir(ino, start, listing)

    def getattr(self, ino):
        self.calls["getattr"] += 1
        return super().getattr(ino)

    def read(self, handle, offset, size):
        self.calls["read"] += 1
        return super().read(handle, offset, size)

    def write(self, handle, offset, data):
        self.calls["write"] += 1
        return super().write(handle, offset, data)

    def flush(self, handle):
        self.calls["flush"] += 1

    def open(self, ino, flags):
        super().open(ino, flags)
        return Opened(ino)

    async def _hang(self):
        self.hang = asyncio.current_task()
        await asyncio.Event().wait()

    def _attributes(self, node):
        return super()._attributes(node)._replace(lifetime=3600)


@pytest.fixture
def served(tmp_path):
    """The operations, the device and the folder of a mount with the files `a` and `b` in the folder `d`."""
    place, folder = tmp_path / "place", tmp_path / "files"
    (place / "d").mkdir(parents=True)
    folder.mkdir()
    (place / "d" / "a").write_bytes(b"a")
    (place / "d" / "b").write_bytes(b"bbbb")
    operations = Counting(place)
    with serving(operations, folder) as device:
        yield operations, device, folder


@contextmanager
def serving(operations, folder):
    device = Device(attach_by_helper(folder, "fsname=test,default_permissions"))
    thread = threading.Thread(target=lambda: asyncio.run(Session(device, operations).run()))
    thread.start()
    try:
        yield device
    finally:
        subprocess.run(["fusermount3", "-u", "-z", str(folder)], check=True, timeout=LIMIT)
        thread.join(LIMIT)
        assert not thread.is_alive(), "the session did not end with the mount"
        device.close()


def test_what_was_listed_once_is_walked_without_asking(served):
    operations, _, folder = served

    def walk():
        with os.scandir(folder / "d") as found:
            return {entry.name: entry.stat().st_size for entry in found}

    walk()
    walk()  # the kernel asks once more for the time at which it listed the folder itself
    asked = operations.calls.copy()
    assert walk() == walk() == {"a": 1, "b": 4}
    assert operations.calls == asked


def test_a_listing_that_is_called_back_is_asked_again(served):
    operations, device, folder = served
    ino = os.stat(folder / "d").st_ino
    assert sorted(os.listdir(folder / "d")) == ["a", "b"]
    operations._child(1, b"d").entries[b"c"] = operations._child(ino, b"a")
    with pytest.raises(FileNotFoundError):
        device.forget_entry(ino, b".")
    device.forget_inode(ino, pages=True)
    assert sorted(os.listdir(folder / "d")) == ["a", "b", "c"]


def test_contents_that_the_kernel_was_given_are_not_asked_for_until_it_has_to_forget_them(served):
    operations, device, folder = served
    path = folder / "d" / "b"
    ino = path.stat().st_ino
    device.store(ino, b"told")
    assert path.read_bytes() == b"told"
    assert not operations.calls["read"]
    device.forget_inode(ino, pages=True)
    assert path.read_bytes() == b"bbbb"
    assert operations.calls["read"] == 1


def test_contents_of_what_the_kernel_does_not_know_are_refused(served):
    _, device, _ = served
    with pytest.raises(FileNotFoundError):
        device.store(1 << 40, b"told")


def test_a_large_write_comes_in_pieces_of_a_mebibyte(served):
    operations, _, folder = served
    data = os.urandom(4 << 20)
    (folder / "big").write_bytes(data)
    assert operations.calls["write"] == 4
    assert (folder / "big").read_bytes() == data
    assert operations.calls["flush"] == 2


def test_what_the_kernel_forgets_adds_up(served):
    operations, _, folder = served
    for number in range(20):
        (folder / f"f{number}").write_bytes(b"x")
        assert (folder / f"f{number}").stat().st_size == 1
        (folder / f"f{number}").unlink()
    eventually(lambda: not any(count for ino, count in operations.told.items() if ino > 4))


def test_a_defect_costs_one_call(served, caplog):
    _, _, folder = served
    with pytest.raises(OSError) as failed:
        os.stat(folder / "defect")
    assert failed.value.errno == errno.EIO
    assert "LOOKUP failed" in caplog.text
    assert stat.S_ISDIR(os.stat(folder / "d").st_mode)


def test_a_call_that_waits_ends_with_who_called(served):
    operations, _, folder = served
    caller = subprocess.Popen([sys.executable, "-c", f"import os; os.stat({str(folder / 'slow')!r})"])
    eventually(lambda: operations.hang is not None)
    caller.send_signal(signal.SIGKILL)
    assert caller.wait(LIMIT) == -signal.SIGKILL
    eventually(operations.hang.cancelled)


def test_what_is_unknown_is_done_without(served):
    _, _, folder = served
    with pytest.raises(OSError) as refused:
        os.getxattr(folder / "d" / "a", "user.x")
    assert refused.value.errno == errno.EOPNOTSUPP
    with pytest.raises(PermissionError):
        os.symlink("a", folder / "link")


def test_what_cannot_be_mounted_says_why(tmp_path):
    with pytest.raises(CannotMount, match="nowhere"):
        attach_by_helper(tmp_path / "nowhere", "fsname=test")
