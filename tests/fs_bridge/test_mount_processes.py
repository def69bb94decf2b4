"""A mount on one of two service processes on one database: what goes through the other is seen as well."""

import os
import signal
import time

import pytest

from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.fs_bridge.gate import gate
from tests.fs_bridge.mounted import mounted
from tests.fs_bridge.test_mount import eventually
from tests.sync_process import service_process

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.xdist_group("mount")]

READY = {"state": "ready", "pending": 0, "message": ""}
LIMIT = 60


@pytest.fixture
def urls():
    """Database and storage; empty for those in the folder."""
    return "", ""


def seen(path, data):
    """Return the seconds until a program reads `data` there."""
    began = time.monotonic()
    eventually(lambda: path.exists() and path.read_bytes() == data, LIMIT)
    return time.monotonic() - began


def test_changes_through_another_process_and_the_end_of_ours(tmp_path, urls):
    data = tmp_path / "data"
    data.mkdir()
    with (
        service_process(data, *urls) as ours,
        service_process(data, *urls) as other,
        gate(ours.url) as network,
        mounted(network.url, ours.passwords["ada"], tmp_path / "mount", "--patience", "2") as mount,
    ):
        colleague = CygnetFileSystem(
            url=other.url, user="ada", password=other.passwords["ada"], skip_instance_cache=True
        )
        took = []
        for turn in range(20):
            colleague.pipe_file("/shared", b"%d" % turn)
            took.append(seen(mount.files / "shared", b"%d" % turn))
        print("seen after", [round(one, 3) for one in sorted(took)])
        with (mount.files / "shared").open("w") as file:
            file.write("ours")
            file.flush()
            os.fsync(file.fileno())
        assert colleague.cat_file("/shared") == b"ours"

        os.kill(ours.pid, signal.SIGKILL)
        eventually(lambda: mount.state["state"] == "offline", LIMIT)
        (mount.files / "waits").write_text("written while it was gone")
        assert (mount.files / "shared").read_text() == "ours"
        colleague.pipe_file("/shared", b"changed meanwhile")
        network.lead_to(other.url)  # as a balancer does when it notices
        seen(mount.files / "shared", b"changed meanwhile")
        eventually(lambda: mount.state == READY, LIMIT)
        assert colleague.cat_file("/waits") == b"written while it was gone"
        colleague.rm("/waits")
        eventually(lambda: not (mount.files / "waits").exists(), LIMIT)
        assert mount.stop() == 0
